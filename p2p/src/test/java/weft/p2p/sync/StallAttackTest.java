package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.TestPeers;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.Headers;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.PrefilledTransaction;
import weft.wire.SendCmpct;

/// Peers that announce a new block first and then keep it.
class StallAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final int BLOCKS = 20;
    private final Block genesis = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
    private final SyncNet net = new SyncNet(NOW);
    private final List<Block> old = FakeChain.chain(genesis, BLOCKS, 1);
    private final SyncNet.Node node = node();
    private Block last = old.getLast();

    private SyncNet.Node node() {
        var chain = new FakeChain(genesis, false);
        chain.preload(old);
        return net.node(chain);
    }

    private Peer peer(long id, TestPeers.Spec spec) {
        Peer peer = node.scripted(id, spec);
        node.receive(peer, new SendCmpct(false, 2));
        return peer;
    }

    private List<Peer> attackers(int count) {
        var all = new ArrayList<Peer>();
        for (int i = 0; i < count; i++) {
            all.add(peer(100 + i, SyncNet.inbound()));
        }
        return all;
    }

    /// The next block, with a transaction that nobody was told of.
    private Block next() {
        long time = last.header().time() + 1;
        Transaction secret =
                Transaction.of(
                        2,
                        List.of(new TxIn(new OutPoint(new Txid(time, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                        List.of(new TxOut(7, Bytes.EMPTY)),
                        List.of(),
                        0);
        last = FakeChain.block(last.hash(), time, 9, List.of(secret));
        return last;
    }

    private static CmpctBlock compact(Block block) {
        var coinbase = new PrefilledTransaction(0, block.transactions().getFirst());
        return new CmpctBlock(block.header(), 1, List.of(1L), List.of(coinbase));
    }

    private static Headers header(Block block) {
        return new Headers(List.of(block.header()));
    }

    /// Announces a block and sends it when asked, before anybody else does anything.
    private void deliver(Peer from) {
        Block block = next();
        node.receive(from, header(block));
        node.receive(from, BlockMessage.of(block));
        assertThat(node.chain.tip().hash()).isEqualTo(block.hash());
    }

    /// Whose compact blocks come unasked, as the last word to each of them says.
    private List<PeerId> fast() {
        Map<PeerId, Boolean> words = new TreeMap<>();
        for (SyncNet.Sent each : net.sent) {
            if (each.message() instanceof SendCmpct(boolean unasked, long _)) {
                words.put(each.to().id(), unasked);
            }
        }
        return words.keySet().stream().filter(words::get).toList();
    }

    /// Whom we asked for a block in any form.
    private List<PeerId> askedFor(BlockHash hash) {
        var all = new ArrayList<PeerId>();
        for (SyncNet.Sent each : net.sent) {
            boolean asked =
                    switch (each.message()) {
                        case GetBlockTxn(BlockHash block, var _) -> block.equals(hash);
                        case GetData(List<InvItem> items) ->
                                items.stream().anyMatch(item -> item.blockHash().equals(hash));
                        default -> false;
                    };
            if (asked) {
                all.add(each.to().id());
            }
        }
        return all;
    }

    /// The honest peer hears of the block a second later, as all others have, and sends it when asked.
    private void assertComesFrom(Peer honest, Block block) {
        net.advance(1);
        node.receive(honest, compact(block));
        assertThat(askedFor(block.hash())).contains(honest.id());
        net.advance(1);
        node.receive(honest, new BlockTxn(block.hash(), block.transactions().subList(1, 2)));
        assertThat(node.chain.tip().hash()).isEqualTo(block.hash());
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    @DisplayName("E03 three attackers announce a block first, by compact block, and keep the rest")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "mayAskInParallel", constant = "2>3")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", constant = "3>1")
    void shouldAskAnOutboundPeerWhateverInboundPeersKeep() {
        Peer honest = peer(1, SyncNet.outbound());
        List<Peer> attackers = attackers(3);
        deliver(honest);
        deliver(attackers.get(0));
        deliver(attackers.get(1));
        Block block = next();
        // The quickest need not be one that we asked to be quick.
        for (Peer each : attackers.reversed()) {
            node.receive(each, compact(block));
        }
        assertThat(askedFor(block.hash()))
                .as("two of three, for one place is not for them")
                .containsExactly(attackers.get(2).id(), attackers.get(1).id());
        assertComesFrom(honest, block);
    }

    @Test
    @DisplayName("E03 attackers announce a block first, by its header, and do not send it")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", constant = "3>1")
    void shouldNotWaitForWhoAnnouncedByHeader() {
        Peer honest = peer(1, SyncNet.inbound());
        List<Peer> attackers = attackers(3);
        deliver(attackers.get(0));
        deliver(attackers.get(1));
        deliver(honest);
        Block block = next();
        attackers.forEach(each -> node.receive(each, header(block)));
        assertThat(askedFor(block.hash())).containsExactly(attackers.get(0).id());
        assertComesFrom(honest, block);
    }

    @Test
    @DisplayName("E03 a block that only attackers have: they go after ten minutes and half of that")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "removePeer", returns = "void")
    void shouldDropWhoKeepsABlock() {
        Peer honest = peer(1, SyncNet.inbound());
        List<Peer> attackers = attackers(2);
        attackers.forEach(this::deliver);
        Block block = next();
        attackers.forEach(each -> node.receive(each, compact(block)));
        node.receive(honest, header(block));
        assertThat(askedFor(block.hash())).hasSize(2).doesNotContain(honest.id());
        // Ten minutes, and five for the other one.
        net.advance(900);
        assertThat(node.peers.actions).isEmpty();
        net.advance(1);
        assertThat(node.peers.actions)
                .containsOnly(
                        "disconnect 100: timeout downloading block",
                        "disconnect 101: timeout downloading block");
        attackers.forEach(each -> node.sync.onGone(each.id(), net.now(), node.out));
        node.tick();
        assertThat(askedFor(block.hash())).endsWith(honest.id());
        node.receive(honest, BlockMessage.of(block));
        assertThat(node.chain.tip().hash()).isEqualTo(block.hash());
    }

    @Test
    @DisplayName("E03 only attackers are fast, and keep a block; others announce it by its header")
    @Sabotage(
            type = "weft.p2p.sync.BlocksInFlight",
            method = "mayAskToo",
            call = "isOutbound",
            returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.CompactBlocks",
            method = "start",
            call = "isOutbound",
            returns = "false")
    void shouldAskAnOutboundPeerThatWasNeverFirst() {
        Peer honest = peer(1, SyncNet.outbound());
        Peer another = peer(2, SyncNet.outbound());
        Peer guest = peer(3, SyncNet.inbound());
        List<Peer> attackers = attackers(3);
        attackers.forEach(this::deliver);
        assertThat(fast()).hasSize(3).doesNotContain(honest.id(), another.id());
        Block block = next();
        attackers.forEach(each -> node.receive(each, compact(block)));
        assertThat(askedFor(block.hash())).hasSize(2);
        net.advance(1);
        for (Peer each : List.of(guest, honest, another)) {
            node.receive(each, header(block));
        }
        assertThat(askedFor(block.hash()))
                .as("the place that is kept for it, and no more")
                .hasSize(3)
                .endsWith(honest.id());
        assertThat(node.asked())
                .as("in the form that costs least")
                .endsWith(InvItem.of(InvType.CMPCT_BLOCK, block.hash()));
        assertComesFrom(honest, block);
    }

    @Test
    @DisplayName("E04 thirty attackers deliver twenty blocks first, to be the only fast peers")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "keepLastOutbound", returns = "void")
    void shouldKeepAnOutboundPeerAmongTheFastOnes() {
        Peer honest = peer(1, SyncNet.outbound());
        List<Peer> attackers = attackers(30);
        deliver(honest);
        for (int i = 0; i < 20; i++) {
            net.advance(600);
            deliver(attackers.get(i));
            assertThat(fast()).contains(honest.id()).hasSizeLessThanOrEqualTo(3);
        }
        assertThat(fast())
                .containsExactly(honest.id(), attackers.get(18).id(), attackers.get(19).id());
        net.advance(600);
        Block block = next();
        attackers.reversed().forEach(each -> node.receive(each, compact(block)));
        assertComesFrom(honest, block);
    }
}
