package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.script.ScriptBuilder;
import weft.crypto.Sha256;
import weft.crypto.SipHash;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.Message;
import weft.wire.PrefilledTransaction;

/// Compact blocks, and answers about them, that are not what they should be.
class CompactAttackTest implements SeenRed {
    private static final long COIN = Target.COIN;
    private static final int ASKED = 2;

    private final Scene scene = new Scene();

    /// A block with transactions that nobody was told of.
    private Block block(int coin) {
        var txs = new ArrayList<Transaction>();
        OutPoint last = scene.coin(coin);
        for (int i = 0; i < ASKED; i++) {
            txs.add(Target.spend(last, COIN - i));
            last = Target.out(txs.getLast());
        }
        return scene.target.block(txs);
    }

    /// Its compact form, with short ids that match nothing, so that all must be asked for.
    private static CmpctBlock compact(Block block) {
        var ids = new ArrayList<Long>();
        for (int i = 1; i < block.transactions().size(); i++) {
            ids.add((long) i);
        }
        var coinbase = new PrefilledTransaction(0, block.transactions().getFirst());
        return new CmpctBlock(block.header(), 1, ids, List.of(coinbase));
    }

    private static BlockTxn answer(Block block) {
        return new BlockTxn(block.hash(), block.transactions().subList(1, ASKED + 1));
    }

    private static boolean heard(FakePeer peer, Class<? extends Message> type) {
        return peer.heard.stream().anyMatch(type::isInstance);
    }

    private FakePeer announcing(Block block) {
        FakePeer peer = scene.target.peer();
        peer.sends(compact(block));
        assertThat(heard(peer, GetBlockTxn.class)).isTrue();
        return peer;
    }

    @Test
    @DisplayName("B01 wrong transactions for a compact block, and more answers after them")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "onBlockTxn", flips = 2)
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "requestWhole", returns = "void")
    void shouldForgetACompactBlockThatFailed() {
        Block block = block(1);
        FakePeer attacker = announcing(block);
        List<Transaction> wrong = block(2).transactions().subList(1, ASKED + 1);
        attacker.sends(new BlockTxn(block.hash(), wrong));
        assertThat(attacker.isAskedFor(block)).as("whole, for ids may collide").isTrue();
        attacker.sends(new BlockTxn(block.hash(), wrong));
        attacker.sends(answer(block), answer(block));
        attacker.sends(new BlockTxn(block.hash(), List.of()));
        attacker.sends(new BlockTxn(block.hash(), wrong.subList(0, 1)));
        attacker.sends(new BlockTxn(new BlockHash(1, 2, 3, 4), wrong));
        attacker.sends(new BlockTxn(BlockHash.ZERO, wrong));
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.accepts(block);
        attacker.sends(answer(block));
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("B01 too few and too many transactions for a compact block")
    @Sabotage(
            type = "weft.p2p.sync.CompactBlocks",
            method = "onBlockTxn",
            call = "finish",
            returns = "true")
    void shouldSendAwayWhoAnswersWithAnotherNumber() {
        int coin = 1;
        for (int count : new int[] {0, ASKED - 1, ASKED + 1, 10_000}) {
            Block block = block(coin++);
            FakePeer attacker = announcing(block);
            Transaction any = block.transactions().getLast();
            attacker.sends(new BlockTxn(block.hash(), Collections.nCopies(count, any)));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
            FakePeer other = announcing(block);
            other.sends(answer(block));
            assertThat(scene.target.tip()).isEqualTo(block.hash());
            scene.holds();
        }
    }

    @Test
    @DisplayName("B17 compact blocks whose positions go past the block, and of nothing at all")
    @Sabotage(
            type = "weft.p2p.sync.PartialBlock",
            method = "of",
            call = "isEmpty",
            returns = "false")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "start", call = "misbehaving")
    void shouldSendAwayWhoCountsPastTheEnd() {
        Block block = block(1);
        Transaction coinbase = block.transactions().getFirst();
        var far = new PrefilledTransaction(65_535, coinbase);
        var first = new PrefilledTransaction(0, coinbase);
        var next = new PrefilledTransaction(4, coinbase);
        for (List<PrefilledTransaction> prefilled :
                List.of(
                        List.of(far),
                        List.of(far, far),
                        List.of(first, far, far),
                        List.of(first, next))) {
            FakePeer attacker = scene.target.peer();
            attacker.sends(new CmpctBlock(block.header(), 1, List.of(1L, 2L, 3L), prefilled));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        }
        FakePeer attacker = scene.target.peer();
        attacker.sends(new CmpctBlock(block.header(), 1, List.of(), List.of()));
        assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        scene.accepts(block);
        scene.holds();
    }

    @Test
    @DisplayName("B17 requests for transactions past the end of a block")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isValidRequest", returns = "true")
    void shouldSendAwayWhoAsksPastTheEnd() {
        Block block = block(1);
        scene.accepts(block);
        for (int index : new int[] {ASKED + 1, 65_535}) {
            FakePeer attacker = scene.target.peer();
            attacker.sends(new GetBlockTxn(block.hash(), List.of(0, index)));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        }
        scene.holds();
    }

    @Test
    @DisplayName("C11 ten thousand short ids that differ in their upper bits only, or not at all")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "of", call = "size", returns = "0")
    @Sabotage(type = "weft.p2p.sync.BlockRequest", method = "takeCompact", returns = "true")
    void shouldAskForTheBlockWhereShortIdsCollide() {
        Block block = block(1);
        var coinbase = List.of(new PrefilledTransaction(0, block.transactions().getFirst()));
        var alike = new ArrayList<Long>();
        for (long i = 0; i < 10_000; i++) {
            alike.add(i << 34 | 5);
        }
        FakePeer attacker = scene.target.peer();
        attacker.sends(new CmpctBlock(block.header(), 1, alike, coinbase));
        assertThat(heard(attacker, GetBlockTxn.class)).as("rare, but no collision").isTrue();
        FakePeer other = scene.target.peer();
        Block second = block(2);
        var same = Collections.nCopies(10_000, 5L);
        var colliding =
                new CmpctBlock(
                        second.header(),
                        1,
                        same,
                        List.of(new PrefilledTransaction(0, second.transactions().getFirst())));
        other.sends(colliding);
        assertThat(heard(other, GetBlockTxn.class)).isFalse();
        assertThat(other.isAskedFor(second)).isTrue();
        long asked = other.heard.stream().filter(GetData.class::isInstance).count();
        other.sends(colliding, compact(second));
        assertThat(heard(other, GetBlockTxn.class)).as("it had its chance").isFalse();
        assertThat(other.heard.stream().filter(GetData.class::isInstance)).hasSize((int) asked);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(other.fate()).isEqualTo(Fate.KEPT);
        other.sends(second);
        assertThat(scene.target.tip()).isEqualTo(second.hash());
        scene.holds();
    }

    /// Ids by which the node finds transactions that it knows.
    private static List<Long> shortIds(Block block, long nonce) {
        var out = new ByteWriter();
        block.header().write(out);
        ByteReader key = ByteReader.of(Sha256.hash(out.i64(nonce).toByteArray()));
        long key0 = key.i64();
        long key1 = key.i64();
        var ids = new ArrayList<Long>();
        for (int i = 1; i < block.transactions().size(); i++) {
            byte[] wtxid = block.transactions().get(i).wtxid().toByteArray();
            ids.add(SipHash.hash(key0, key1, wtxid) & 0xffff_ffff_ffffL);
        }
        return ids;
    }

    private static Transaction large(OutPoint coin, int bytes) {
        Bytes script = new ScriptBuilder().push(Bytes.wrap(new byte[bytes])).build();
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(COIN - 10_000_000, script)),
                List.of(),
                0);
    }

    @Test
    @DisplayName("B05 compact blocks that name more of the mempool than a block can hold")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "isTooHeavy", constant = "4000000>1000")
    void shouldPutTogetherNoMoreThanABlockCanHold() {
        var waiting = new ArrayList<Transaction>();
        for (int i = 1; i <= 8; i++) {
            waiting.add(large(scene.coin(i), 240_000));
            scene.honest.sends(waiting.getLast());
        }
        assertThat(scene.target.node.chain().mempool().size()).isEqualTo(8);
        for (int count : new int[] {8, 4}) {
            Block block = scene.target.block(waiting.subList(0, count));
            FakePeer attacker = scene.target.peer();
            var coinbase = new PrefilledTransaction(0, block.transactions().getFirst());
            attacker.sends(
                    new CmpctBlock(block.header(), 9, shortIds(block, 9), List.of(coinbase)));
            boolean fits = count == 4;
            assertThat(attacker.isAskedFor(block)).as("whole").isEqualTo(!fits);
            assertThat(heard(attacker, GetBlockTxn.class)).isFalse();
            assertThat(scene.target.tip().equals(block.hash())).isEqualTo(fits);
            assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
            scene.holds();
        }
    }

    @Test
    @DisplayName("E02 a copy with other witnesses while the transactions are asked of another")
    @Sabotage(
            type = "weft.p2p.sync.BlockBody",
            method = "witnessMutation",
            call = "equals",
            returns = "true")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "remove", flips = 1)
    void shouldGoOnWithOneWhileAnotherSendsOtherWitnesses() {
        Bytes open = Bytes.parse("51");
        Bytes program = Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(open.toByteArray())));
        Transaction made =
                Transaction.of(
                        2,
                        List.of(new TxIn(scene.coin(1), Bytes.EMPTY, 0)),
                        List.of(new TxOut(COIN, program)),
                        List.of(),
                        0);
        Block block = scene.target.block(List.of(made, spent(made, List.of(Witness.of(open)))));
        FakePeer modest = announcing(block);
        Transaction coinbase = block.transactions().getFirst();
        Transaction spent = block.transactions().getLast();
        for (List<Transaction> body :
                List.of(
                        List.of(coinbase, made, spent(made, List.of(Witness.of(open, open)))),
                        List.of(coinbase, made, spent(made, List.of())),
                        List.of(bare(coinbase), made, spent))) {
            FakePeer attacker = scene.target.peer();
            attacker.sends(Block.of(block.header(), body));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
            assertThat(attacker.why()).isEqualTo("mutated block");
        }
        modest.sends(answer(block));
        assertThat(scene.target.tip()).isEqualTo(block.hash());
        assertThat(modest.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    /// A transaction without its witnesses.
    private static Transaction bare(Transaction tx) {
        return Transaction.of(tx.version(), tx.inputs(), tx.outputs(), List.of(), tx.lockTime());
    }

    private static Transaction spent(Transaction made, List<Witness> witnesses) {
        return Transaction.of(
                2,
                List.of(new TxIn(Target.out(made), Bytes.EMPTY, 0)),
                List.of(new TxOut(COIN - 1, Target.OPEN)),
                witnesses,
                0);
    }

    @Test
    @DisplayName("E02 a mutated copy of a block whose transactions were just asked of another")
    @Sabotage(type = "weft.consensus.MerkleRoot", method = "hasEqualPair", returns = "false")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "remove", flips = 1)
    void shouldGoOnWithOneWhileAnotherSendsAMutatedCopy() {
        Block block = block(1);
        FakePeer modest = announcing(block);
        var repeated = new ArrayList<>(block.transactions());
        repeated.add(repeated.getLast());
        var fewer = block.transactions().subList(0, 2);
        for (List<Transaction> body : List.of(repeated, fewer)) {
            FakePeer attacker = scene.target.peer();
            attacker.sends(Block.of(block.header(), body));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        }
        modest.sends(answer(block));
        assertThat(scene.target.tip()).isEqualTo(block.hash());
        assertThat(modest.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }
}
