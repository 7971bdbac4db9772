package weft.p2p;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.bloom.PartialMerkleTree;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.TxOptions;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.FilterAdd;
import weft.wire.FilterClear;
import weft.wire.FilterLoad;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Mempool;
import weft.wire.MerkleBlock;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;

class BloomServingTest implements SeenRed {
    private static final Bytes WATCHED = Bytes.parse("ab".repeat(20));
    private static final Duration LONG = Duration.ofMinutes(2);
    private final EngineWorld world = new EngineWorld(7, options());
    private final Transaction ours = tx(1, Bytes.parse("14" + "ab".repeat(20)));
    private final Transaction other = tx(2, Bytes.parse("14" + "cd".repeat(20)));

    private static P2pOptions options() {
        P2pOptions quiet = EngineWorld.quiet();
        P2pOptions.Self self = quiet.self();
        long services = self.services() | ServiceFlags.BLOOM;
        return new P2pOptions(
                new P2pOptions.Self(
                        self.port(), services, self.userAgent(), true, false, List.of(), false),
                quiet.limits(),
                quiet.sources(),
                quiet.access(),
                SyncOptions.of(services),
                TxOptions.of(services));
    }

    private static Transaction tx(int number, Bytes script) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, number)),
                List.of(new TxOut(number, script)),
                List.of(),
                0);
    }

    private static FilterLoad filter() {
        BloomFilter filter = BloomFilter.sized(10, 0.000_001, 0, BloomFilter.UPDATE_ALL);
        filter.insert(Bytes.parse("ab".repeat(20)));
        return filter.message();
    }

    private final HeaderNode genesis =
            HeaderNode.genesis(
                    new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000, 0, 0),
                    BigInteger.TWO);

    @BeforeEach
    void load() {
        chain(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
    }

    private void chain(ChainEvent event) {
        world.input(new PeerInput.Chain(event));
    }

    private void accept(Transaction tx) {
        chain(new ChainEvent.TxAccepted(Origin.SELF, tx, 100_000));
        world.command(new PeerCommand.AnnounceTx(tx.wtxid()));
        world.advance(LONG);
    }

    private static List<InvItem> announced(EngineWorld.FakePeer peer) {
        return peer.received.stream()
                .filter(Inv.class::isInstance)
                .flatMap(each -> ((Inv) each).items().stream())
                .toList();
    }

    @Test
    void shouldAnnounceOnlyWhatMatches() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(filter());
        accept(ours);
        accept(other);
        assertThat(announced(peer)).containsExactly(InvItem.wtx(ours.wtxid()));
        peer.sends(new FilterClear());
        Transaction third = tx(3, Bytes.EMPTY);
        accept(third);
        assertThat(announced(peer))
                .containsExactly(InvItem.wtx(ours.wtxid()), InvItem.wtx(third.wtxid()));
    }

    @Test
    void shouldNoticeWhatIsAddedToAFilter() {
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(filter(), new FilterAdd(Bytes.parse("cd".repeat(20))));
        accept(other);
        assertThat(announced(peer)).containsExactly(InvItem.wtx(other.wtxid()));
    }

    @Test
    void shouldTellTheMatchingMempoolToWhoAsks() {
        accept(ours);
        accept(other);
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(filter(), new Mempool());
        world.advance(LONG);
        assertThat(announced(peer)).containsExactly(InvItem.wtx(ours.wtxid()));
    }

    @Test
    void shouldAnswerWithTheProofAndTheTransactions() {
        List<Transaction> all = List.of(tx(9, Bytes.EMPTY), other, ours);
        var header =
                new BlockHeader(
                        1,
                        genesis.hash(),
                        weft.consensus.MerkleRoot.of(all.stream().map(Transaction::txid).toList())
                                .root(),
                        1_700_000_600,
                        0,
                        0);
        var block = Block.of(header, all);
        HeaderNode node = HeaderNode.of(header, header.hash(), genesis, BigInteger.TWO);
        chain(new ChainEvent.HeadersAccepted(Origin.SELF, List.of(node), List.of(node)));
        chain(new ChainEvent.BlockStored(Origin.SELF, node, true));
        chain(new ChainEvent.BlockConnected(node, block));
        chain(new ChainEvent.TipChanged(genesis, node, genesis, false));

        EngineWorld.FakePeer without = world.accept("1.2.3.5:5000").handshake();
        EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
        peer.sends(filter());
        var wanted = new GetData(List.of(new InvItem(InvType.FILTERED_BLOCK, plain(header))));
        without.sends(wanted);
        peer.sends(wanted);

        assertThat(without.got(MerkleBlock.class)).isFalse();
        PartialMerkleTree.Matches proved =
                requireNonNull(PartialMerkleTree.of(peer.last(MerkleBlock.class)).matches());
        assertThat(proved.root()).isEqualTo(header.merkleRoot());
        assertThat(proved.positions()).containsExactly(2);
        assertThat(peer.count(TxMessage.class)).isEqualTo(1);
        assertThat(peer.last(TxMessage.class).tx()).isEqualTo(ours);
    }

    private static Digest256 plain(BlockHeader header) {
        return Digest256.of(header.hash().toByteArray());
    }

    @Test
    @DisplayName("B03 bloom filters and elements beyond the limits")
    @Sabotage(
            type = "weft.p2p.tx.TxRelay",
            method = "onFilterLoad",
            call = "isWithinLimits",
            returns = "true")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onFilterAdd", constant = "520>100000")
    void shouldDropWhoGoesBeyondTheLimits() {
        var tooLarge = new FilterLoad(Bytes.wrap(new byte[36_001]), 1, 0, 0);
        var tooDeep = new FilterLoad(WATCHED, 51, 0, 0);
        for (FilterLoad each : List.of(tooLarge, tooDeep)) {
            EngineWorld.FakePeer peer = world.accept("1.2.3.4:5000").handshake();
            peer.sends(each);
            assertThat(peer.closed).isTrue();
        }
        EngineWorld.FakePeer unasked = world.accept("1.2.3.4:5000").handshake();
        unasked.sends(new FilterAdd(WATCHED));
        assertThat(unasked.closed).isTrue();
        EngineWorld.FakePeer wordy = world.accept("1.2.3.4:5000").handshake();
        wordy.sends(filter(), new FilterAdd(Bytes.wrap(new byte[520])));
        assertThat(wordy.closed).isFalse();
        wordy.sends(new FilterAdd(Bytes.wrap(new byte[521])));
        assertThat(wordy.closed).isTrue();
        assertThat(world.logged("bad filteradd message")).isTrue();
        assertThat(world.logged("too-large bloom filter")).isTrue();
    }
}
