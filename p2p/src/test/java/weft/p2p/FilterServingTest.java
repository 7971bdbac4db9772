package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.sync.FilterSource;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.TxOptions;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.CFCheckpt;
import weft.wire.CFHeaders;
import weft.wire.CFilter;
import weft.wire.GetCFCheckpt;
import weft.wire.GetCFHeaders;
import weft.wire.GetCFilters;
import weft.wire.Message;
import weft.wire.ServiceFlags;

class FilterServingTest implements SeenRed {
    private static final int TIP = 2_500;
    private static final int INDEXED = 2_400;
    private static final int FILTER_BYTES = 5_000;

    private final List<HeaderNode> chain = new ArrayList<>();
    private final EngineWorld world = new EngineWorld(7, options(ServiceFlags.COMPACT_FILTERS));
    private int filtersRead;
    private HeaderNode stranger = node(null, 99);

    private static P2pOptions options(long more) {
        P2pOptions quiet = EngineWorld.quiet();
        P2pOptions.Self self = quiet.self();
        long services = self.services() | more;
        return new P2pOptions(
                new P2pOptions.Self(
                        self.port(), services, self.userAgent(), true, false, List.of(), false),
                quiet.limits(),
                quiet.sources(),
                quiet.access(),
                SyncOptions.of(services),
                TxOptions.of(services));
    }

    private static HeaderNode node(@Nullable HeaderNode parent, int nonce) {
        BlockHash before = parent == null ? BlockHash.ZERO : parent.hash();
        var header = new BlockHeader(1, before, Digest256.ZERO, 1_700_000_000, 0, nonce);
        return parent == null
                ? HeaderNode.genesis(header, BigInteger.TWO)
                : HeaderNode.of(header, header.hash(), parent, BigInteger.TWO);
    }

    /// Filters that say their height, up to [#INDEXED].
    private final class Numbers implements FilterSource {
        @Override
        public Optional<Bytes> filter(HeaderNode node) {
            filtersRead++;
            byte[] bytes = new byte[FILTER_BYTES];
            bytes[0] = (byte) node.height();
            bytes[1] = (byte) (node.height() >> 8);
            return node.height() > INDEXED ? Optional.empty() : Optional.of(Bytes.wrap(bytes));
        }

        @Override
        public Optional<Hashes> hashes(HeaderNode node) {
            return node.height() > INDEXED
                    ? Optional.empty()
                    : Optional.of(
                            new Hashes(
                                    new Digest256(node.height(), 0, 0, 1),
                                    new Digest256(node.height(), 0, 0, 2)));
        }
    }

    FilterServingTest() {
        chain.add(node(null, 0));
        while (chain.size() <= TIP) {
            chain.add(node(chain.getLast(), chain.size()));
        }
        stranger = node(chain.get(5), 1_000_000);
        load(world);
        world.engine.blocks().serveFilters(new Numbers());
    }

    private void load(EngineWorld to) {
        var headers = new ArrayList<>(chain);
        headers.add(stranger);
        to.input(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(headers, headers, chain.getLast(), false)));
    }

    private EngineWorld.FakePeer peer() {
        return world.accept("1.2.3.4:5").handshake();
    }

    private BlockHash hash(int height) {
        return chain.get(height).hash();
    }

    @Test
    @DisplayName("BIP157 getcfilters gets the filters of a range, in order")
    void shouldServeFiltersInOrder() {
        EngineWorld.FakePeer peer = peer();
        peer.sends(new GetCFilters(0, 1_001, hash(2_000)));
        List<CFilter> filters =
                peer.received.stream()
                        .filter(CFilter.class::isInstance)
                        .map(CFilter.class::cast)
                        .toList();
        assertThat(filters).hasSize(1_000);
        for (int i = 0; i < filters.size(); i++) {
            assertThat(filters.get(i).block()).isEqualTo(hash(1_001 + i));
            assertThat(filters.get(i).filter().at(0)).isEqualTo(1_001 + i & 0xff);
        }
        assertThat(peer.closed).isFalse();
    }

    @Test
    @DisplayName("C12 filters for one who has not taken what was sent before: none is read yet")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "serve", flips = 3)
    void shouldSendNoMoreThanThePeerTakes() {
        EngineWorld.FakePeer peer = peer();
        world.input(new PeerInput.Sent(peer.id, "ping", 32, 2_000_000));
        peer.sends(new GetCFilters(0, 0, hash(20)));
        assertThat(peer.got(CFilter.class)).isFalse();
        assertThat(filtersRead).isZero();
        world.input(new PeerInput.Sent(peer.id, "ping", 32, 0));
        assertThat(peer.count(CFilter.class)).isEqualTo(21);
    }

    @Test
    @DisplayName("C12 a hundred and one requests for filters, of one who takes no answers")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "100>10000")
    void shouldHangUpOnWhoNeverTakesWhatItAsksFor() {
        EngineWorld.FakePeer peer = peer();
        world.input(new PeerInput.Sent(peer.id, "ping", 32, 2_000_000));
        for (int i = 0; i < 101; i++) {
            assertThat(peer.closed).isFalse();
            peer.sends(new GetCFilters(0, 0, hash(20)));
        }
        assertThat(peer.closed).isTrue();
    }

    @Test
    @DisplayName("BIP157 getcfheaders gets the hashes of a range and the header before it")
    void shouldServeHashesAndCheckpoints() {
        EngineWorld.FakePeer peer = peer();
        peer.sends(new GetCFHeaders(0, 1, hash(2_000)));
        CFHeaders headers = peer.last(CFHeaders.class);
        assertThat(headers.previousHeader()).isEqualTo(new Digest256(0, 0, 0, 2));
        assertThat(headers.filterHashes()).hasSize(2_000);
        assertThat(headers.filterHashes().getLast()).isEqualTo(new Digest256(2_000, 0, 0, 1));
        peer.sends(new GetCFHeaders(0, 0, hash(0)));
        assertThat(peer.last(CFHeaders.class).previousHeader()).isEqualTo(Digest256.ZERO);
        peer.sends(new GetCFCheckpt(0, hash(2_400)));
        assertThat(peer.last(CFCheckpt.class).filterHeaders())
                .containsExactly(new Digest256(1_000, 0, 0, 2), new Digest256(2_000, 0, 0, 2));
    }

    @Test
    void shouldStaySilentWhereTheIndexIsBehind() {
        EngineWorld.FakePeer peer = peer();
        peer.sends(new GetCFHeaders(0, 2_300, hash(TIP)), new GetCFilters(0, 2_401, hash(TIP)));
        assertThat(peer.got(CFHeaders.class)).isFalse();
        assertThat(peer.got(CFilter.class)).isFalse();
        assertThat(peer.closed).isFalse();
        assertThat(world.logged("Failed to find block filter")).isTrue();
    }

    private void refused(Message request, String why) {
        EngineWorld.FakePeer peer = peer();
        peer.sends(request);
        assertThat(peer.closed).isTrue();
        assertThat(world.logged(why)).isTrue();
    }

    @Test
    @DisplayName(
            "C12 1,001 filters or 2,001 of their headers in one request, and ranges that are none")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "1000>1001")
    @Sabotage(type = "weft.p2p.sync.FilterServer", method = "onMessage", constant = "2000>2001")
    void shouldHangUpOnRequestsThatMakeNoSense() {
        refused(new GetCFilters(0, 0, hash(1_000)), "requested too many cfilters/cfheaders");
        refused(new GetCFHeaders(0, 0, hash(2_000)), "requested too many cfilters/cfheaders");
        refused(new GetCFHeaders(0, 10, hash(9)), "with start height 10 and stop height 9");
        refused(new GetCFilters(0, 0xffff_ffffL, hash(9)), "with start height 4294967295");
        refused(
                new GetCFCheckpt(0, BlockHash.parse("12".repeat(32))),
                "requested invalid block hash");
        refused(new GetCFCheckpt(0, stranger.hash()), "requested invalid block hash");
        refused(new GetCFCheckpt(255, hash(9)), "requested unsupported block filter type: 255");
    }

    @Test
    void shouldHangUpOnWhoAsksWhereFiltersAreNotOffered() {
        var plain = new EngineWorld(8, options(0));
        load(plain);
        plain.engine.blocks().serveFilters(new Numbers());
        EngineWorld.FakePeer peer = plain.accept("1.2.3.4:5").handshake();
        peer.sends(new GetCFilters(0, 1, hash(10)));
        assertThat(peer.closed).isTrue();
        assertThat(plain.logged("requested unsupported block filter type: 0")).isTrue();
    }
}
