package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Peer;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetHeaders;
import weft.wire.Headers;

/// Chains of headers that cost their maker nothing, in numbers, and given up or changed on the way.
class PresyncAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final int MANY = 30_000;
    private static final int FULL = Headers.MAX_HEADERS;
    private static final int PEERS = 10;

    /// As many headers wait in the second pass.
    private static final int BUFFER = 14_621;

    private static final long MEGABYTE = 1_000_000;

    private final Block genesis = FakeChain.genesis(NOW - 600L * 1_000);
    private final SyncNet net = new SyncNet(NOW);
    private final List<BlockHeader> many = headers(MANY, 1);

    private List<BlockHeader> headers(int count, int salt) {
        var all = new ArrayList<BlockHeader>(count);
        BlockHash parent = genesis.hash();
        for (int i = 1; i <= count; i++) {
            var root = new Digest256(i, salt, 3, 4);
            long time = genesis.header().time() + i;
            var header = new BlockHeader(4, parent, root, time, FakeChain.BITS, 0);
            while (header.hash().w3() < 0) {
                header = header.withNonce(header.nonce() + 1);
            }
            all.add(header);
            parent = header.hash();
        }
        return all;
    }

    /// A node that has nothing and wants the work of so many headers.
    private SyncNet.Node node(int wanted) {
        net.rules =
                SyncRules.of(
                        ChainParams.of(Network.REGTEST),
                        FakeChain.WORK.multiply(BigInteger.valueOf(wanted)));
        return net.node(new FakeChain(genesis, true));
    }

    private static void send(SyncNet.Node node, Peer from, List<BlockHeader> headers) {
        for (int i = 0; i < headers.size(); i += FULL) {
            int end = Math.min(i + FULL, headers.size());
            node.receive(from, new Headers(headers.subList(i, end)));
        }
    }

    private static long presynced(SyncNet.Node node, Peer peer) {
        return node.sync.stats(peer.id()).presyncedHeaders();
    }

    private static int kept(SyncNet.Node node) {
        return node.chain.loaded().headers().size() - 1;
    }

    /// Bytes in use after a good collection.
    private static long memory() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    @DisplayName(
            "D06 300,000 headers of little work, from ten peers, and all give up at 99 percent")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", returns = "false")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "count", flips = 2)
    void shouldCountHeadersWithoutKeepingThem() {
        SyncNet.Node node = node(MANY * 100 / 99);
        var peers = new ArrayList<Peer>();
        long before = memory();
        for (int id = 1; id <= PEERS; id++) {
            peers.add(node.scripted(id, SyncNet.inbound()));
            send(node, peers.getLast(), many);
        }
        for (Peer each : peers) {
            assertThat(presynced(node, each)).isEqualTo(MANY);
        }
        assertThat(memory() - before).as("bytes").isLessThan(4 * MEGABYTE);
        assertThat(kept(node)).isZero();
        // Half of them say that this was all, the others hang up.
        for (Peer each : peers) {
            if (each.id().value() % 2 == 0) {
                node.receive(each, new Headers(List.of()));
                assertThat(presynced(node, each)).isEqualTo(-1);
            } else {
                node.sync.onGone(each.id(), net.now(), node.out);
            }
        }
        assertThat(kept(node)).isZero();
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    @DisplayName("D06 a chain of enough work: no more wait in the second pass than must")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSyncState",
            method = "redownload",
            constant = "14621>20000")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "redownload", constant = "14621>0")
    void shouldKeepFewHeadersWaiting() {
        SyncNet.Node node = node(MANY - 500);
        Peer peer = node.scripted(1, SyncNet.outbound());
        send(node, peer, many);
        assertThat(presynced(node, peer)).as("counted, and asked for again").isEqualTo(-1);
        int waiting = BUFFER / FULL * FULL;
        send(node, peer, many.subList(0, waiting));
        assertThat(kept(node)).isZero();
        for (int i = waiting; i < MANY - FULL; i += FULL) {
            send(node, peer, many.subList(i, i + FULL));
            assertThat(kept(node)).isEqualTo(i + FULL - BUFFER);
        }
        send(node, peer, many.subList(MANY - FULL, MANY));
        assertThat(kept(node)).isEqualTo(MANY);
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    @DisplayName("D06 headers of little work one by one, out of order, and with a gap")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", returns = "false")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkWorkAndOrder", flips = 3)
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "presync", flips = 1)
    void shouldKeepNothingOfHeadersOutOfOrder() {
        SyncNet.Node node = node(MANY);
        Peer single = node.scripted(1, SyncNet.inbound());
        int asked = node.sent(GetHeaders.class).size();
        many.subList(0, 200).forEach(each -> node.receive(single, new Headers(List.of(each))));
        assertThat(presynced(node, single)).isEqualTo(-1);
        assertThat(node.sent(GetHeaders.class)).hasSizeLessThanOrEqualTo(asked + 1);

        Peer gap = node.scripted(2, SyncNet.inbound());
        send(node, gap, many.subList(0, FULL));
        assertThat(presynced(node, gap)).isEqualTo(FULL);
        send(node, gap, many.subList(2 * FULL, 3 * FULL));
        assertThat(presynced(node, gap)).as("it starts again from nothing").isEqualTo(-1);
        assertThat(node.peers.actions).isEmpty();

        Peer mixed = node.scripted(3, SyncNet.inbound());
        var reversed = new ArrayList<>(many.subList(0, FULL));
        Collections.swap(reversed, 500, 501);
        send(node, mixed, reversed);
        assertThat(node.peers.actions)
                .containsExactly("misbehaving 3: non-continuous headers sequence");
        assertThat(kept(node)).isZero();
    }

    @Test
    @DisplayName("D06 who shows another chain in the second pass loses its turn to another peer")
    @Sabotage(type = "weft.p2p.sync.HeadersSyncState", method = "commitment", returns = "true")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkTimeout", returns = "false")
    void shouldLetAnotherPeerTryWhenAChainChanges() {
        SyncNet.Node node = node(MANY - 500);
        List<BlockHeader> other = headers(MANY, 2);
        Peer liar = node.scripted(1, SyncNet.outbound());
        Peer honest = node.scripted(2, SyncNet.outbound());
        send(node, liar, many);
        // 23 bits to guess before the first header would be kept.
        send(node, liar, other.subList(0, 18_000));
        assertThat(kept(node)).isZero();
        assertThat(presynced(node, liar)).as("it is counted again from nothing").isEqualTo(18_000);
        int asked = node.sent(GetHeaders.class).size();
        net.advance(2 * 60);
        assertThat(kept(node)).isZero();
        net.advance(14 * 60);
        assertThat(node.peers.actions).containsExactly("disconnect 1: timeout downloading headers");
        node.sync.onGone(liar.id(), net.now(), node.out);
        node.tick();
        assertThat(node.sent(GetHeaders.class)).hasSizeGreaterThan(asked);
        send(node, honest, many);
        send(node, honest, many);
        assertThat(kept(node)).isEqualTo(MANY);
    }
}
