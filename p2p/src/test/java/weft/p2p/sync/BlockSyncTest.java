package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.TestPeers;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.ServiceFlags;

class BlockSyncTest implements SeenRed {
    private static final long NOW = 1_700_000_000L;
    private static final int BLOCKS = 220;
    private final Block genesis = FakeChain.genesis(NOW - 600L * (BLOCKS + 1));
    private final List<Block> blocks = FakeChain.chain(genesis, BLOCKS, 1);
    private final SyncNet net = new SyncNet(NOW);

    private SyncNet.Node node(int height) {
        var chain = new FakeChain(genesis, height < BLOCKS - 100);
        chain.preload(blocks.subList(0, height));
        return net.node(chain);
    }

    private static List<BlockHash> asked(SyncNet.Node node) {
        return node.asked().stream().map(InvItem::blockHash).toList();
    }

    private static Headers headers(List<Block> list) {
        return new Headers(list.stream().map(Block::header).toList());
    }

    @Test
    @DisplayName("S-120 A node at 217 of 220 fetches exactly 218 to 220")
    void shouldFetchOnlyWhatIsMissing() {
        SyncNet.Node behind = node(217);
        net.connect(behind, node(BLOCKS));

        assertThat(asked(behind))
                .containsExactlyElementsOf(SyncNet.hashes(blocks.subList(217, 220)));
        assertThat(behind.chain.tip().hash()).isEqualTo(blocks.getLast().hash());
        assertThat(behind.sync.tipHeight()).isEqualTo(BLOCKS);
    }

    @Test
    @DisplayName("S-121 getblocks is answered with hashes, not with blocks")
    void shouldAnswerGetBlocksWithHashes() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(7, SyncNet.inbound());
        node.receive(
                peer,
                new GetBlocks(BlockLocator.of(List.of(blocks.get(216).hash())), BlockHash.ZERO));

        List<Inv> answers = node.sent(Inv.class);
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst().items())
                .extracting(InvItem::blockHash)
                .containsExactlyElementsOf(SyncNet.hashes(blocks.subList(217, 220)));
        assertThat(node.sent(BlockMessage.class)).isEmpty();
    }

    @Test
    @DisplayName(
            "S-122 The node with the shorter chain requests the missing blocks, whoever dialled")
    void shouldRequestMissingBlocksFromTheShorterSide() {
        SyncNet.Node shorter = node(100);
        SyncNet.Node longer = node(BLOCKS);
        shorter.chain.endInitialBlockDownload();
        net.connect(longer, shorter);
        net.advance(1);

        assertThat(shorter.chain.tip().height()).isEqualTo(BLOCKS);
        assertThat(asked(shorter))
                .containsExactlyInAnyOrderElementsOf(SyncNet.hashes(blocks.subList(100, 220)));
        assertThat(asked(longer)).isEmpty();
    }

    @Test
    @DisplayName(
            "S-52 The handshake shows the other's height, and synchronisation starts when it is"
                    + " higher")
    void shouldLearnTheOthersHeight() {
        SyncNet.Node node = node(0);
        Peer peer = node.scripted(3, SyncNet.outbound().height(221));

        assertThat(node.sync.stats(peer.id()).startingHeight()).isEqualTo(221);
        assertThat(node.sent(GetHeaders.class)).hasSize(1);
        assertThat(node.sent(GetHeaders.class).getFirst().locator().hashes())
                .containsExactly(genesis.hash());
    }

    @Test
    @DisplayName("S-90 Summary first: inv, then headers, then getdata, then the block")
    void shouldAskForAnAnnouncedBlockInSteps() {
        SyncNet.Node node = node(219);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(peer, new Headers(List.of()));
        Block next = blocks.get(219);

        node.receive(peer, Inv.of(InvItem.block(next.hash())));
        assertThat(node.asked()).isEmpty();
        assertThat(node.sent(GetHeaders.class)).hasSize(2);

        node.receive(peer, headers(List.of(next)));
        assertThat(node.asked()).containsExactly(InvItem.of(InvType.WITNESS_BLOCK, next.hash()));

        node.receive(peer, BlockMessage.of(next));
        assertThat(node.chain.tip().hash()).isEqualTo(next.hash());
    }

    @Test
    void shouldSyncThreeNodesFromGenesis() {
        SyncNet.Node full = node(BLOCKS);
        SyncNet.Node first = node(0);
        SyncNet.Node second = node(0);
        net.connect(first, full);
        net.connect(second, first);
        for (int i = 0; i < 10; i++) {
            net.advance(60);
        }

        assertThat(first.chain.tip())
                .extracting(HeaderNode::hash)
                .isEqualTo(blocks.getLast().hash());
        assertThat(second.chain.tip())
                .extracting(HeaderNode::hash)
                .isEqualTo(blocks.getLast().hash());
        assertThat(asked(first)).containsExactlyInAnyOrderElementsOf(SyncNet.hashes(blocks));
        assertThat(full.peers.actions).isEmpty();
        assertThat(first.peers.actions).isEmpty();
    }

    @Test
    void shouldNotAskForMoreThanSixteenBlocksAtOnce() {
        SyncNet.Node node = node(0);
        Peer peer = node.scripted(3, SyncNet.outbound());
        node.receive(peer, headers(blocks));

        assertThat(asked(node)).containsExactlyElementsOf(SyncNet.hashes(blocks.subList(0, 16)));
        assertThat(node.sync.stats(peer.id()).inflight())
                .containsExactlyElementsOf(
                        java.util.stream.IntStream.rangeClosed(1, 16).boxed().toList());

        node.receive(peer, BlockMessage.of(blocks.getFirst()));
        assertThat(asked(node)).hasSize(17).endsWith(blocks.get(16).hash());
    }

    @Test
    void shouldNotAskTwoPeersForOneBlock() {
        SyncNet.Node node = node(0);
        Peer first = node.scripted(3, SyncNet.outbound());
        Peer second = node.scripted(4, SyncNet.outbound());
        node.receive(first, headers(blocks));
        node.receive(second, headers(blocks));

        assertThat(asked(node)).doesNotHaveDuplicates().hasSize(32);
    }

    @Test
    @DisplayName("E13 a peer that keeps the window from moving")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    void shouldDropThePeerThatStallsTheWindow() {
        var many = FakeChain.chain(genesis, 1100, 2);
        SyncNet.Node node = node(0);
        Peer slow = node.scripted(3, SyncNet.outbound());
        Peer fast = node.scripted(4, SyncNet.outbound());
        node.receive(slow, headers(many));
        node.receive(fast, headers(many));
        var stalled = List.copyOf(node.sync.stats(slow.id()).inflight());
        boolean more = true;
        while (more) {
            List<Integer> wanted = node.sync.stats(fast.id()).inflight();
            wanted.forEach(height -> node.receive(fast, BlockMessage.of(many.get(height - 1))));
            more = !wanted.isEmpty();
        }
        assertThat(stalled).hasSize(16);
        assertThat(node.sync.nextDeadlineNanos()).isPresent();

        net.advance(1);
        assertThat(node.peers.actions).isEmpty();
        net.advance(2);
        assertThat(node.peers.actions).containsExactly("disconnect 3: stalling block download");
    }

    @Test
    @DisplayName("E10 a peer that announces a block and withholds it")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    void shouldDropThePeerThatDoesNotDeliver() {
        SyncNet.Node node = node(0);
        Peer peer = node.scripted(3, SyncNet.outbound());
        node.receive(peer, headers(blocks));
        net.advance(600);
        assertThat(node.peers.actions).isEmpty();
        net.advance(1);
        assertThat(node.peers.actions).containsExactly("disconnect 3: timeout downloading block");
    }

    @Test
    void shouldNotAskLimitedPeersForOldBlocks() {
        var many = FakeChain.chain(genesis, 400, 2);
        SyncNet.Node node = node(0);
        node.chain.endInitialBlockDownload();
        Peer limited =
                node.scripted(
                        3,
                        SyncNet.outbound()
                                .services(ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS));
        node.tell(
                List.of(
                        new weft.chain.api.ChainEvent.TipChanged(
                                node.chain.tip(), node.chain.tip(), node.chain.tip(), false)));
        node.receive(limited, headers(many));

        assertThat(asked(node)).containsExactlyElementsOf(SyncNet.hashes(many.subList(114, 130)));
    }

    @Test
    void shouldBlameHeadersThatNoHonestNodeSends() {
        SyncNet.Node node = node(BLOCKS);
        var tooMany = new ArrayList<BlockHeader>();
        for (int i = 0; i < 2001; i++) {
            tooMany.add(genesis.header());
        }
        BlockHeader weak = blocks.getFirst().header();
        while (weak.hash().w3() >= 0) {
            weak = weak.withNonce(weak.nonce() + 1);
        }
        node.receive(node.scripted(1, SyncNet.inbound()), new Headers(tooMany));
        node.receive(
                node.scripted(2, SyncNet.inbound()),
                headers(List.of(blocks.get(0), blocks.get(2))));
        node.receive(node.scripted(3, SyncNet.inbound()), new Headers(List.of(weak)));

        assertThat(node.peers.actions)
                .containsExactly(
                        "misbehaving 1: headers message size = 2001",
                        "misbehaving 2: non-continuous headers sequence",
                        "misbehaving 3: header with invalid proof of work");
    }

    @Test
    void shouldAskForWhatLiesBetweenWhenHeadersDoNotConnect() {
        SyncNet.Node node = node(100);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(peer, new Headers(List.of()));
        int before = node.sent(GetHeaders.class).size();
        node.receive(peer, headers(blocks.subList(150, 152)));

        assertThat(node.sent(GetHeaders.class)).hasSize(before + 1);
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    void shouldDisconnectForLongLocators() {
        SyncNet.Node node = node(BLOCKS);
        var locator = new ArrayList<BlockHash>();
        for (int i = 0; i < 101; i++) {
            locator.add(blocks.get(i).hash());
        }
        Peer good = node.scripted(3, SyncNet.inbound());
        node.receive(good, new GetHeaders(BlockLocator.of(locator), BlockHash.ZERO));
        assertThat(node.peers.actions).isEmpty();
        locator.add(genesis.hash());
        node.receive(good, new GetHeaders(BlockLocator.of(locator), BlockHash.ZERO));
        assertThat(node.peers.actions).containsExactly("disconnect 3: getheaders locator too long");
    }

    @Test
    void shouldServeHeadersAfterTheLocator() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(
                peer,
                new GetHeaders(
                        BlockLocator.of(List.of(BlockHash.ZERO, blocks.get(99).hash())),
                        blocks.get(109).hash()));
        assertThat(node.sent(Headers.class)).containsExactly(headers(blocks.subList(100, 110)));
    }

    @Test
    void shouldServeBlocksInTheFormAskedFor() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(
                peer,
                GetData.of(
                        InvItem.block(blocks.get(10).hash()),
                        InvItem.of(InvType.WITNESS_BLOCK, blocks.get(11).hash()),
                        InvItem.of(InvType.CMPCT_BLOCK, blocks.get(12).hash()),
                        InvItem.of(InvType.CMPCT_BLOCK, blocks.getLast().hash())));

        assertThat(node.sent(BlockMessage.class))
                .containsExactly(
                        new BlockMessage(blocks.get(10), Transaction.Encoding.LEGACY),
                        BlockMessage.of(blocks.get(11)),
                        BlockMessage.of(blocks.get(12)));
        assertThat(node.sent(CmpctBlock.class)).hasSize(1);
        assertThat(node.sent(CmpctBlock.class).getFirst().header())
                .isEqualTo(blocks.getLast().header());
    }

    @Test
    void shouldServeStaleBlocksOnlyIfTheyWereActive() {
        SyncNet.Node node = node(BLOCKS);
        List<Block> fork = FakeChain.chain(blocks.get(217), 1, 5);
        node.mine(fork.getFirst());
        List<Block> better = FakeChain.chain(blocks.get(218), 2, 6);
        better.forEach(node::mine);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(
                peer,
                GetData.of(
                        InvItem.block(fork.getFirst().hash()),
                        InvItem.block(blocks.getLast().hash())));

        assertThat(node.sent(BlockMessage.class))
                .extracting(BlockMessage::block)
                .containsExactly(blocks.getLast());
    }

    @Test
    void shouldBlameWhoSendsABodyThatIsNotOfItsHeader() {
        SyncNet.Node node = node(219);
        Peer peer = node.scripted(3, SyncNet.inbound());
        Block good = blocks.get(219);
        Block bad = Block.of(good.header(), List.of(blocks.get(3).transactions().getFirst()));
        node.receive(peer, BlockMessage.of(bad));
        assertThat(node.peers.actions).containsExactly("misbehaving 3: mutated block");

        node.receive(node.scripted(4, SyncNet.inbound()), BlockMessage.of(good));
        assertThat(node.chain.tip().hash()).isEqualTo(good.hash());
    }

    @Test
    void shouldBlameWhoSendsAnInvalidBlockButNotViaCompact() {
        SyncNet.Node node = node(219);
        Block bad = blocks.get(219);
        node.chain.forbidden.add(bad.hash());
        Peer compact = node.scripted(3, SyncNet.inbound());
        node.receive(compact, ShortIds.compact(bad, 7));
        assertThat(node.peers.actions).isEmpty();
        node.receive(node.scripted(4, SyncNet.inbound()), BlockMessage.of(bad));
        assertThat(node.peers.actions).containsExactly("misbehaving 4: ");
    }

    @Test
    void shouldAnnounceByWhatThePeerAskedFor() {
        SyncNet.Node node = node(218);
        Peer plain = node.scripted(1, SyncNet.inbound());
        Peer byHeaders = node.scripted(2, SyncNet.inbound());
        Peer compact = node.scripted(3, SyncNet.inbound());
        for (Peer each : List.of(plain, byHeaders, compact)) {
            node.receive(each, headers(List.of(blocks.get(217))));
        }
        node.receive(byHeaders, new SendHeaders());
        node.receive(compact, new SendCmpct(true, 2));
        net.sent.clear();
        node.mine(blocks.get(218));

        assertThat(net.sent)
                .extracting(each -> each.to().id().value() + " " + each.message().command())
                .containsExactly("1 inv", "2 headers", "3 cmpctblock");
    }

    @Test
    void shouldPutCompactBlocksTogetherFromTheMempool() {
        SyncNet.Node node = node(219);
        Transaction known = BlockBodyTest.tx(1);
        Transaction unknown = BlockBodyTest.tx(2);
        node.tell(
                List.of(
                        new weft.chain.api.ChainEvent.TxAccepted(
                                weft.chain.api.Origin.SELF, known, 5)));
        Block block =
                FakeChain.block(blocks.get(218).hash(), NOW - 600, 9, List.of(known, unknown));
        Peer peer = node.scripted(3, SyncNet.outbound());
        node.receive(peer, new SendCmpct(false, 2));
        node.receive(peer, ShortIds.compact(block, 12345));

        assertThat(node.sent(GetBlockTxn.class))
                .containsExactly(new GetBlockTxn(block.hash(), List.of(2)));
        node.receive(peer, new BlockTxn(block.hash(), List.of(unknown)));
        assertThat(node.chain.tip().hash()).isEqualTo(block.hash());
        assertThat(node.sent(SendCmpct.class)).contains(new SendCmpct(true, 2));
        assertThat(node.sync.stats(peer.id()).hbTo()).isTrue();
        assertThat(node.sync.stats(peer.id()).lastBlockSeconds()).isEqualTo(NOW);
    }

    @Test
    void shouldBlameBlockTransactionsThatDoNotFit() {
        SyncNet.Node node = node(219);
        Block block =
                FakeChain.block(
                        blocks.get(218).hash(),
                        NOW - 600,
                        9,
                        List.of(BlockBodyTest.tx(1), BlockBodyTest.tx(2)));
        Peer peer = node.scripted(3, SyncNet.outbound());
        node.receive(peer, ShortIds.compact(block, 12345));
        node.receive(peer, new BlockTxn(block.hash(), List.of(BlockBodyTest.tx(1))));
        assertThat(node.peers.actions)
                .containsExactly(
                        "misbehaving 3: invalid compact block/non-matching block transactions");
    }

    @Test
    @DisplayName("C12 transactions of blocks more than ten deep: the whole block")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlockTxn", constant = "10>11")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "onGetBlockTxn", constant = "10>9")
    void shouldServeBlockTransactions() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(peer, new GetBlockTxn(blocks.getLast().hash(), List.of(0)));
        assertThat(node.sent(BlockTxn.class))
                .containsExactly(
                        new BlockTxn(blocks.getLast().hash(), blocks.getLast().transactions()));
        Block ten = blocks.get(BLOCKS - 11);
        node.receive(peer, new GetBlockTxn(ten.hash(), List.of(0)));
        assertThat(node.sent(BlockTxn.class))
                .endsWith(new BlockTxn(ten.hash(), ten.transactions()));
        for (Block deep : List.of(blocks.get(BLOCKS - 12), blocks.get(5))) {
            node.receive(peer, new GetBlockTxn(deep.hash(), List.of(0)));
            assertThat(node.sent(BlockMessage.class)).endsWith(BlockMessage.of(deep));
        }
        assertThat(node.sent(BlockTxn.class)).hasSize(2);
        node.receive(peer, new GetBlockTxn(blocks.getLast().hash(), List.of(1)));
        assertThat(node.peers.actions)
                .containsExactly("misbehaving 3: getblocktxn with out-of-bounds tx indices");
    }

    @Test
    void shouldRelayNewBlocksCompactOnceSynced() {
        SyncNet.Node first = node(219);
        SyncNet.Node second = node(219);
        net.connect(second, first);
        first.mine(blocks.get(219));
        net.run();
        List<Block> more = FakeChain.chain(blocks.get(219), 2, 3);
        first.mine(more.get(0));
        net.run();
        net.sent.clear();
        first.mine(more.get(1));
        net.run();

        assertThat(second.chain.tip().hash()).isEqualTo(more.get(1).hash());
        assertThat(first.sent(CmpctBlock.class)).hasSize(1);
        assertThat(second.asked()).isEmpty();
    }

    @Test
    @DisplayName("E14 an outbound peer that has not our work")
    @Sabotage(type = "weft.p2p.sync.StalledPeers", method = "check", returns = "void")
    void shouldDropOutboundPeersWithAnOldChain() {
        SyncNet.Node node = node(BLOCKS);
        Peer old = node.scripted(3, TestPeers.Spec.of(ConnectionType.BLOCK_RELAY_ONLY));
        node.receive(old, headers(blocks.subList(0, 100)));
        node.receive(old, new Headers(List.of()));
        int before = node.sent(GetHeaders.class).size();
        net.advance(1200);
        assertThat(node.sent(GetHeaders.class)).hasSize(before);
        net.advance(1);
        assertThat(node.sent(GetHeaders.class)).hasSize(before + 1);
        net.advance(120);
        assertThat(node.peers.actions).isEmpty();
        net.advance(1);
        assertThat(node.peers.actions).containsExactly("disconnect 3: old chain");
    }

    @Test
    void shouldAskASilentPeerForAllHeadersAboveTheFirst() {
        SyncNet.Node node = node(0);
        Peer silent = node.scripted(3, SyncNet.outbound());
        node.receive(silent, new Headers(List.of()));
        net.advance(1);
        node.mine(blocks.getFirst());
        net.advance(1300);
        assertThat(node.sent(GetHeaders.class).getLast().locator().hashes()).isNotEmpty();
        node.receive(silent, headers(blocks.subList(0, 1)));
        net.advance(300);
        assertThat(node.peers.actions).isEmpty();
    }

    @Test
    void shouldAskOnlyOnePeerForFirstHeaders() {
        SyncNet.Node node = node(0);
        node.scripted(3, SyncNet.outbound());
        Peer second = node.scripted(4, SyncNet.outbound());
        Peer third = node.scripted(5, SyncNet.outbound());
        assertThat(node.sent(GetHeaders.class)).hasSize(1);
        BlockHash announced = blocks.getLast().hash();
        node.receive(second, Inv.of(InvItem.block(announced)));
        node.receive(third, Inv.of(InvItem.block(announced)));
        assertThat(node.sent(GetHeaders.class)).hasSize(2);
    }

    @Test
    @DisplayName("E10 the peer that is asked for the first headers is silent for 15 minutes")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkTimeout", returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSync",
            method = "maybeStart",
            constant = "900000000000>961000000000")
    @Sabotage(
            type = "weft.p2p.sync.HeadersSync",
            method = "maybeStart",
            constant = "900000000000>899000000000")
    void shouldLetTheNextPeerSendHeadersWhenTheFirstIsSilent() {
        SyncNet.Node node = node(0);
        node.scripted(3, SyncNet.outbound());
        node.scripted(4, SyncNet.outbound());
        assertThat(node.sent(GetHeaders.class)).hasSize(1);
        net.advance(15 * 60);
        assertThat(node.peers.actions).isEmpty();
        net.advance(60);
        assertThat(node.peers.actions).containsExactly("disconnect 3: timeout downloading headers");
        node.sync.onGone(new weft.p2p.PeerId(3), net.now(), node.out);
        node.tick();
        assertThat(node.sent(GetHeaders.class)).hasSize(2);
    }

    @Test
    void shouldAnswerInOrderAndReadFromDiskOneAtATime() {
        SyncNet.Node node = node(BLOCKS);
        Peer peer = node.scripted(3, SyncNet.inbound());
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < 40; i++) {
            items.add(InvItem.of(InvType.WITNESS_BLOCK, blocks.get(100 + i * 3).hash()));
        }
        node.receive(peer, new GetData(items));
        net.advance(0);
        net.advance(0);
        assertThat(node.sent(BlockMessage.class))
                .extracting(each -> each.block().hash())
                .containsExactlyElementsOf(items.stream().map(InvItem::blockHash).toList());
    }

    @Test
    void shouldGoOnAfterTheContinuationOfGetBlocks() {
        var many = FakeChain.chain(genesis, 600, 2);
        var chain = new FakeChain(genesis, false);
        chain.preload(many);
        SyncNet.Node node = net.node(chain);
        Peer peer = node.scripted(3, SyncNet.inbound());
        node.receive(peer, new GetBlocks(BlockLocator.of(List.of(genesis.hash())), BlockHash.ZERO));
        assertThat(node.sent(Inv.class).getFirst().items()).hasSize(500);
        node.receive(peer, GetData.of(InvItem.block(many.get(499).hash())));
        assertThat(node.sent(Inv.class).getLast())
                .isEqualTo(Inv.of(InvItem.block(many.getLast().hash())));
    }
}
