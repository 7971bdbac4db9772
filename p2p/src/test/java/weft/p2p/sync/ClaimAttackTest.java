package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.Headers;

/// Peers that claim to have blocks and do not send them, or late.
class ClaimAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final int MANY = 15_000;
    private static final int BLOCKS = 20;
    private static final int RATE = 16;

    private final SyncNet net = new SyncNet(NOW);

    private static Headers headers(List<Block> list) {
        return new Headers(list.stream().map(Block::header).toList());
    }

    private static void sendHeaders(SyncNet.Node node, Peer from, List<Block> chain) {
        for (int i = 0; i < chain.size(); i += Headers.MAX_HEADERS) {
            int end = Math.min(i + Headers.MAX_HEADERS, chain.size());
            node.receive(from, headers(chain.subList(i, end)));
        }
    }

    private static List<Integer> asked(SyncNet.Node node, Peer peer) {
        return node.sync.stats(peer.id()).inflight();
    }

    /// What a driver does after the engine has hung up.
    private void bury(SyncNet.Node node, Set<PeerId> alive) {
        for (PeerId each : List.copyOf(alive)) {
            boolean gone =
                    node.peers.actions.stream()
                            .anyMatch(line -> line.startsWith("disconnect " + each + ":"));
            if (gone) {
                alive.remove(each);
                node.peers.remove(each);
                node.sync.onGone(each, net.now(), node.out);
            }
        }
        node.tick();
    }

    /// Seven may keep the window from moving for three minutes in all, until the last of them is dropped, so
    /// it is a chain that takes longer than that.
    @Test
    @DisplayName("E13 seven of eight peers send a block each ten seconds")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.BlockDownload",
            method = "request",
            call = "isEmpty",
            returns = "false")
    void shouldDownloadAlmostAsFastAsTheHonestPeerCan() {
        Block genesis = FakeChain.genesis(NOW - 600L * (MANY + 1_000));
        List<Block> chain = FakeChain.chain(genesis, MANY, 1);
        SyncNet.Node node = net.node(new FakeChain(genesis, true));
        var alive = new TreeSet<PeerId>();
        var slow = new ArrayList<Peer>();
        for (int id = 1; id <= 7; id++) {
            slow.add(node.scripted(id, SyncNet.outbound()));
            sendHeaders(node, slow.getLast(), chain);
            alive.add(slow.getLast().id());
        }
        Peer honest = node.scripted(8, SyncNet.outbound());
        sendHeaders(node, honest, chain);
        // It sends so many a second; the node must take four fifths of them.
        int most = MANY / RATE * 5 / 4;
        for (int seconds = 1; seconds <= most; seconds++) {
            List<Integer> wanted = asked(node, honest);
            for (int height : wanted.subList(0, Math.min(RATE, wanted.size()))) {
                node.receive(honest, BlockMessage.of(chain.get(height - 1)));
            }
            for (Peer each : slow) {
                if (seconds % 10 == 0
                        && alive.contains(each.id())
                        && !asked(node, each).isEmpty()) {
                    int height = asked(node, each).getFirst();
                    node.receive(each, BlockMessage.of(chain.get(height - 1)));
                }
            }
            net.advance(1);
            bury(node, alive);
        }
        assertThat(node.chain.tip().height()).isEqualTo(MANY);
        assertThat(alive).isEmpty();
        assertThat(node.peers.actions).hasSize(7);
        assertThat(node.peers.actions).allMatch(each -> each.endsWith(": stalling block download"));
        assertThat(node.peers.actions).noneMatch(each -> each.startsWith("disconnect 8"));
    }

    @Test
    @DisplayName(
            "E13 one staller after the other: two seconds, twice as long each time, at most 64")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", constant = "64>128")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", constant = "2>1")
    void shouldGiveEachStallerTwiceAsLong() {
        Block genesis = FakeChain.genesis(NOW - 600L * (MANY + 1_000));
        List<Block> chain = FakeChain.chain(genesis, 1_100, 1);
        SyncNet.Node node = net.node(new FakeChain(genesis, true));
        Peer holder = node.scripted(1, SyncNet.outbound());
        node.receive(holder, headers(chain));
        Peer witness = node.scripted(2, SyncNet.outbound());
        node.receive(witness, headers(chain));
        for (List<Integer> wanted = asked(node, witness);
                !wanted.isEmpty();
                wanted = asked(node, witness)) {
            for (int height : List.copyOf(wanted)) {
                node.receive(witness, BlockMessage.of(chain.get(height - 1)));
            }
        }
        int id = 3;
        for (int seconds : new int[] {2, 4, 8, 16, 32, 64, 64, 64}) {
            assertThat(asked(node, holder)).contains(1);
            node.peers.actions.clear();
            net.advance(seconds);
            assertThat(node.peers.actions).as("within %d seconds", seconds).isEmpty();
            net.advance(1);
            assertThat(node.peers.actions)
                    .containsExactly("disconnect " + holder.id() + ": stalling block download");
            bury(node, new TreeSet<>(List.of(holder.id())));
            holder = witness;
            witness = node.scripted(id++, SyncNet.outbound());
            node.receive(witness, headers(chain));
        }
    }

    @Test
    @DisplayName("E14 a height of 2^31-1 without a header, and a better branch without a block")
    @Sabotage(type = "weft.p2p.sync.StalledPeers", method = "check", returns = "void")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    void shouldGoOnWithWhoHasBlocks() {
        Block genesis = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
        List<Block> chain = FakeChain.chain(genesis, BLOCKS, 1);
        var fake = new FakeChain(genesis, false);
        fake.preload(chain);
        SyncNet.Node node = net.node(fake);
        Peer boaster = node.scripted(1, SyncNet.outbound().height(Integer.MAX_VALUE));
        node.receive(boaster, new Headers(List.of()));
        Peer hollow = node.scripted(2, SyncNet.outbound());
        node.receive(hollow, headers(FakeChain.chain(genesis, BLOCKS + 10, 2)));
        assertThat(asked(node, hollow)).isNotEmpty();
        Peer honest = node.scripted(3, SyncNet.outbound());
        var alive = new TreeSet<>(List.of(boaster.id(), hollow.id()));
        Block last = chain.getLast();
        for (int i = 0; i < 6; i++) {
            last = FakeChain.block(last.hash(), last.header().time() + 600, 1, List.of());
            node.receive(honest, headers(List.of(last)));
            node.receive(honest, BlockMessage.of(last));
            assertThat(node.chain.tip().hash()).as("it goes on").isEqualTo(last.hash());
            for (int minute = 0; minute < 5; minute++) {
                net.advance(60);
                bury(node, alive);
            }
        }
        assertThat(node.peers.actions)
                .containsExactlyInAnyOrder(
                        "disconnect 1: old chain", "disconnect 2: timeout downloading block");
    }

    @Test
    @DisplayName(
            "E14 six outbound peers that fall behind: the first four that were up to date stay")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onAccepted", constant = "4>6")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onAccepted", constant = "4>0")
    void shouldKeepFourThatWereUpToDate() {
        Block genesis = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
        List<Block> chain = FakeChain.chain(genesis, BLOCKS, 1);
        var fake = new FakeChain(genesis, false);
        fake.preload(chain);
        SyncNet.Node node = net.node(fake);
        var alive = new TreeSet<PeerId>();
        for (int id = 1; id <= 6; id++) {
            Peer peer = node.scripted(id, SyncNet.outbound());
            node.receive(peer, headers(chain));
            alive.add(peer.id());
        }
        net.advance(1);
        Block next = FakeChain.block(chain.getLast().hash(), NOW, 1, List.of());
        node.mine(next);
        for (int minute = 0; minute < 30; minute++) {
            net.advance(60);
            bury(node, alive);
        }
        assertThat(node.peers.actions)
                .containsExactly("disconnect 5: old chain", "disconnect 6: old chain");
    }
}
