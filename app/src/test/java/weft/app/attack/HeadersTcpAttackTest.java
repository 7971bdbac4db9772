package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.attack.WirePeer.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.CmpctBlock;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.PrefilledTransaction;
import weft.wire.Verack;
import weft.wire.VersionMessage;

/// Headers and blocks of no use, or withheld, against a whole node.
class HeadersTcpAttackTest implements SeenRed {
    private static final int FAR = 300;

    /// A chain of headers.
    ///
    /// @param unique tells it from others on the same block
    private static List<Block> chain(BlockHeader from, int height, int unique, int count) {
        var all = new ArrayList<Block>();
        BlockHeader last = from;
        for (int i = 1; i <= count; i++) {
            Transaction coinbase = Ledger.coinbase(height + i, unique);
            all.add(Ledger.on(last, coinbase, last.time() + 1, List.of()));
            last = all.getLast().header();
        }
        return all;
    }

    private static Headers headers(List<Block> blocks) {
        return new Headers(blocks.stream().map(Block::header).toList());
    }

    private static BlockHeader withBits(BlockHeader header, long bits) {
        return new BlockHeader(
                header.version(), header.parent(), header.merkleRoot(), header.time(), bits, 0);
    }

    @Test
    @DisplayName("C16 headers without work, out of order, too many, and a hundred of nowhere")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkWorkAndOrder", returns = "void")
    void shouldSendAwayWhoSendsHeadersOfNoUse() throws Exception {
        Seal.around(
                seal -> {
                    BlockHeader good = seal.ledger().next(List.of()).header();
                    BlockHeader workless = withBits(good, 0x1d00_ffffL);
                    var many = headers(chain(good, 131, 0, Headers.MAX_HEADERS + 1));
                    for (Headers each :
                            List.of(
                                    new Headers(List.of(workless)),
                                    new Headers(List.of(good, good)),
                                    many)) {
                        WirePeer attacker = seal.attacker();
                        attacker.trySend(each);
                        assertThat(attacker.fate()).isEqualTo(Fate.DROPPED);
                    }
                    WirePeer attacker = seal.attacker();
                    attacker.send(new Headers(List.of()));
                    attacker.heard();
                    Block nowhere = chain(seal.ledger().header(1), 1, 7, 2).getLast();
                    for (int i = 0; i < 100; i++) {
                        attacker.send(new Headers(List.of(nowhere.header())));
                    }
                    assertThat(attacker.heard().stream().filter(GetHeaders.class::isInstance))
                            .hasSizeLessThanOrEqualTo(1);
                    assertThat(seal.ledger().knows(nowhere.header())).isFalse();
                });
    }

    @Test
    @DisplayName("D05 D06 branches off the genesis block with less work than there must be")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "startsLowWork", returns = "false")
    void shouldKeepNoHeadersOfLittleWork() throws Exception {
        Seal.around(
                seal -> {
                    BlockHeader genesis = Ledger.PARAMS.genesis().header();
                    for (int i = 0; i < 10; i++) {
                        WirePeer attacker = seal.attacker();
                        List<Block> branch = chain(genesis, 0, i, 100);
                        attacker.send(headers(branch));
                        // One at a time they are no more.
                        for (Block each : branch.subList(0, 20)) {
                            attacker.send(new Headers(List.of(each.header())));
                        }
                        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                        // What the peer engine hands on is judged before this is answered.
                        assertThat(seal.ledger().knows(branch.getFirst().header())).isFalse();
                    }
                    assertThat(seal.node().call("getchaintips")).hasSize(1);
                },
                // The work of 120 blocks, of the 130 that there are.
                "-minimumchainwork=0xf0");
    }

    @Test
    @DisplayName("D17 blocks of a megabyte that nobody asked for, far ahead and far back")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", returns = "true")
    void shouldNotStoreWhatNobodyAskedFor() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    BlockHeader fork = seal.ledger().header(1);
                    for (int i = 0; i < 24; i++) {
                        Transaction coinbase = padded(Ledger.coinbase(2, i), 900_000);
                        long time = fork.time() + 1;
                        Block block = Ledger.on(fork, coinbase, time, List.of());
                        attacker.send(BlockMessage.of(block));
                    }
                    List<Block> ahead =
                            chain(seal.ledger().header(PreparedChain.HEIGHT), 130, 0, FAR);
                    attacker.send(headers(ahead));
                    attacker.heard();
                    attacker.send(BlockMessage.of(ahead.getLast()));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    Block far = ahead.getLast();
                    Seal.await(
                            "the headers are judged",
                            Seal.SERVICE,
                            () -> seal.ledger().knows(far.header()));
                    assertThat(seal.ledger().has(far)).isFalse();
                });
    }

    private static Transaction padded(Transaction coinbase, int bytes) {
        byte[] script = new byte[bytes];
        script[0] = 0x6a;
        var outputs = new ArrayList<>(coinbase.outputs());
        outputs.add(new TxOut(0, Bytes.wrap(script)));
        return Transaction.of(1, coinbase.inputs(), outputs, List.of(), 0);
    }

    private static CmpctBlock compact(Block block) {
        var first = new PrefilledTransaction(0, block.transactions().getFirst());
        return new CmpctBlock(block.header(), 1, List.of(), List.of(first));
    }

    @Test
    @DisplayName("D10 one invalid block two thousand times whole, and as often compact")
    @Sabotage(type = "weft.p2p.sync.Verdicts", method = "punish", returns = "void")
    void shouldNotLearnTwiceThatABlockIsInvalid() throws Exception {
        Seal.around(
                seal -> {
                    BlockHeader tip = seal.ledger().header(PreparedChain.HEIGHT);
                    Transaction fair = Ledger.coinbase(PreparedChain.HEIGHT + 1, 0);
                    var outputs = List.of(new TxOut(Ledger.COIN + 1, Ledger.OPEN));
                    Transaction greedy =
                            Transaction.of(1, fair.inputs(), outputs, List.of(), fair.lockTime());
                    Block bad = Ledger.on(tip, greedy, tip.time() + 1, List.of());
                    WirePeer first = seal.attacker();
                    first.send(BlockMessage.of(bad));
                    assertThat(first.isDroppedSoon()).isTrue();
                    WirePeer attacker = seal.attacker();
                    for (int i = 0; i < 2_000; i++) {
                        attacker.send(BlockMessage.of(bad));
                        attacker.send(compact(bad));
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    // One more after all that waits: nobody honest builds on it.
                    Block child = chain(bad.header(), PreparedChain.HEIGHT + 1, 0, 1).getFirst();
                    attacker.send(new Headers(List.of(child.header())));
                    assertThat(attacker.isDroppedSoon()).isTrue();
                });
    }

    @Test
    @DisplayName("E01 peers with impossible clocks, and a block of more than two hours from now")
    @Sabotage(
            type = "weft.consensus.HeaderCheck",
            method = "checkInContext",
            constant = "7200>720000")
    void shouldTakeTheTimeFromItsOwnClock() throws Exception {
        Seal.around(
                seal -> {
                    long now = System.currentTimeMillis() / 1_000;
                    long[] clocks = {Long.MIN_VALUE, Long.MAX_VALUE, 0, now + 7_200, now - 7_200};
                    for (int i = 0; i < 20; i++) {
                        WirePeer peer = seal.stranger();
                        peer.send(withTime(WirePeer.version(), clocks[i % clocks.length]));
                        peer.await("version");
                        peer.send(new Verack());
                        peer.await("verack");
                        assertThat(peer.fate()).isEqualTo(Fate.KEPT);
                    }
                    BlockHeader tip = seal.ledger().header(PreparedChain.HEIGHT);
                    Transaction coinbase = Ledger.coinbase(PreparedChain.HEIGHT + 1, 0);
                    Block late = Ledger.on(tip, coinbase, now + 7_200 + 600, List.of());
                    WirePeer attacker = seal.attacker();
                    attacker.send(new Headers(List.of(late.header())));
                    attacker.send(BlockMessage.of(late));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    seal.serves();
                    assertThat(seal.ledger().knows(late.header())).isFalse();
                    assertThat(attacker.fate()).as("its clock may be right").isEqualTo(Fate.KEPT);
                });
    }

    private static VersionMessage withTime(VersionMessage version, long time) {
        return new VersionMessage(
                version.version(),
                version.services(),
                time,
                version.addrYou(),
                version.addrMe(),
                version.nonce(),
                version.userAgent(),
                Integer.MAX_VALUE,
                version.relay());
    }

    @Test
    @DisplayName("E03 E10 a block that three peers announce and keep")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onHeader", returns = "false")
    void shouldNotWaitForWhoKeepsABlock() throws Exception {
        Seal.around(
                seal -> {
                    Block block = seal.ledger().next(List.of());
                    for (int i = 0; i < 3; i++) {
                        WirePeer attacker = seal.attacker();
                        attacker.send(new Headers(List.of(block.header())));
                        if (i == 0) {
                            assertThat(attacker.awaitMessage("getdata"))
                                    .isInstanceOf(GetData.class);
                        }
                        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    }
                    WirePeer modest = seal.attacker();
                    modest.send(compact(block));
                    seal.expect(block);
                    assertThat(modest.fate()).isEqualTo(Fate.KEPT);
                });
    }

    @Test
    @DisplayName("F07 a block beside the chain, asked for by who did not send it")
    @Sabotage(
            type = "weft.p2p.sync.BlockServer",
            method = "mayServe",
            call = "wasActive",
            returns = "true")
    void shouldNotShowBlocksThatNeverWon() throws Exception {
        Seal.around(
                seal -> {
                    BlockHeader fork = seal.ledger().header(PreparedChain.HEIGHT - 1);
                    Block stale = Ledger.on(fork, PreparedChain.HEIGHT, 9, List.of());
                    WirePeer sender = seal.attacker();
                    sender.send(BlockMessage.of(stale));
                    Seal.await("it is kept", Seal.SERVICE, () -> seal.ledger().has(stale));
                    WirePeer spy = seal.attacker();
                    BlockHash hash = stale.hash();
                    for (int type :
                            new int[] {InvType.BLOCK, InvType.WITNESS_BLOCK, InvType.CMPCT_BLOCK}) {
                        spy.send(GetData.of(InvItem.of(type, hash)));
                    }
                    spy.send(new GetHeaders(BlockLocator.of(List.of()), hash));
                    assertThat(spy.heard())
                            .noneMatch(BlockMessage.class::isInstance)
                            .noneMatch(CmpctBlock.class::isInstance)
                            .noneMatch(Headers.class::isInstance);
                    // What is read from disk comes after a question that is asked later.
                    BlockHash known = seal.ledger().header(100).hash();
                    spy.send(GetData.of(InvItem.of(InvType.WITNESS_BLOCK, known)));
                    BlockMessage first = (BlockMessage) spy.awaitMessage("block");
                    assertThat(first.block().hash()).isEqualTo(known);
                });
    }
}
