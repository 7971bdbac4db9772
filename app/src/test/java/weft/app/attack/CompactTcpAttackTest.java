package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.attack.WirePeer.Fate;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.Message;
import weft.wire.PrefilledTransaction;

/// Compact blocks, answers about them, and mutated copies of blocks, against a whole node.
class CompactTcpAttackTest implements SeenRed {
    private static final int ASKED = 2;

    /// A block with transactions that nobody was told of.
    private static Block block(Seal seal, int coin) {
        var txs = new ArrayList<Transaction>();
        OutPoint last = seal.ledger().coin(coin);
        for (int i = 0; i < ASKED; i++) {
            txs.add(Ledger.spend(last, Ledger.COIN - i));
            last = Ledger.out(txs.getLast());
        }
        return seal.ledger().next(txs);
    }

    private static List<PrefilledTransaction> coinbase(Block block) {
        return List.of(new PrefilledTransaction(0, block.transactions().getFirst()));
    }

    /// Its compact form, with short ids that match nothing, so that all must be asked for.
    private static CmpctBlock compact(Block block) {
        var ids = new ArrayList<Long>();
        for (int i = 1; i < block.transactions().size(); i++) {
            ids.add((long) i);
        }
        return new CmpctBlock(block.header(), 1, ids, coinbase(block));
    }

    private static BlockTxn answer(Block block) {
        return new BlockTxn(block.hash(), block.transactions().subList(1, ASKED + 1));
    }

    private static WirePeer announcing(Seal seal, Block block) throws Exception {
        WirePeer peer = seal.attacker();
        peer.send(compact(block));
        peer.await("getblocktxn");
        return peer;
    }

    private static boolean isAskedFor(List<Message> heard, Block block) {
        return heard.stream()
                .filter(GetData.class::isInstance)
                .flatMap(each -> ((GetData) each).items().stream())
                .anyMatch(item -> item.isGenBlock() && item.blockHash().equals(block.hash()));
    }

    @Test
    @DisplayName("B01 wrong transactions for a compact block, and six more answers after them")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "requestWhole", returns = "void")
    void shouldForgetACompactBlockThatFailed() throws Exception {
        Seal.around(
                seal -> {
                    Block block = block(seal, 1);
                    WirePeer attacker = announcing(seal, block);
                    List<Transaction> wrong = block(seal, 2).transactions().subList(1, ASKED + 1);
                    attacker.send(new BlockTxn(block.hash(), wrong));
                    assertThat(isAskedFor(attacker.heard(), block)).isTrue();
                    attacker.send(new BlockTxn(block.hash(), wrong));
                    attacker.send(answer(block));
                    attacker.send(answer(block));
                    attacker.send(new BlockTxn(block.hash(), List.of()));
                    attacker.send(new BlockTxn(new BlockHash(1, 2, 3, 4), wrong));
                    attacker.send(new BlockTxn(BlockHash.ZERO, wrong));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    seal.honest().send(block);
                    seal.expect(block);
                    attacker.send(answer(block));
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                });
    }

    @Test
    @DisplayName("B17 compact blocks whose positions go past the block, and requests that do")
    @Sabotage(type = "weft.p2p.sync.CompactBlocks", method = "start", call = "misbehaving")
    void shouldSendAwayWhoCountsPastTheEnd() throws Exception {
        Seal.around(
                seal -> {
                    Block block = block(seal, 1);
                    Transaction coinbase = block.transactions().getFirst();
                    var far = new PrefilledTransaction(65_535, coinbase);
                    var first = new PrefilledTransaction(0, coinbase);
                    for (List<PrefilledTransaction> prefilled :
                            List.of(List.of(far), List.of(far, far), List.of(first, far, far))) {
                        WirePeer attacker = seal.attacker();
                        var ids = List.of(1L, 2L, 3L);
                        attacker.send(new CmpctBlock(block.header(), 1, ids, prefilled));
                        assertThat(attacker.isDroppedSoon()).isTrue();
                    }
                    WirePeer empty = seal.attacker();
                    empty.send(new CmpctBlock(block.header(), 1, List.of(), List.of()));
                    assertThat(empty.isDroppedSoon()).isTrue();
                    seal.honest().send(block);
                    seal.expect(block);
                    WirePeer attacker = seal.attacker();
                    attacker.send(new GetBlockTxn(block.hash(), List.of(0, 65_535)));
                    assertThat(attacker.fate()).isEqualTo(Fate.DROPPED);
                });
    }

    @Test
    @DisplayName("C11 16,000 short ids that are the same, or differ in their upper bits only")
    @Sabotage(type = "weft.p2p.sync.PartialBlock", method = "of", call = "size", returns = "0")
    void shouldAskForTheBlockWhereShortIdsCollide() throws Exception {
        Seal.around(
                seal -> {
                    Block block = block(seal, 1);
                    var alike = new ArrayList<Long>();
                    for (long i = 0; i < 16_000; i++) {
                        alike.add(i << 34 | 5);
                    }
                    WirePeer rare = seal.attacker();
                    rare.send(new CmpctBlock(block.header(), 1, alike, coinbase(block)));
                    rare.await("getblocktxn");
                    Block second = block(seal, 2);
                    WirePeer attacker = seal.attacker();
                    var same = Collections.nCopies(16_000, 5L);
                    attacker.send(new CmpctBlock(second.header(), 1, same, coinbase(second)));
                    GetData asked = (GetData) attacker.awaitMessage("getdata");
                    assertThat(isAskedFor(List.of(asked), second)).isTrue();
                    assertThat(rare.fate()).isEqualTo(Fate.KEPT);
                    attacker.send(BlockMessage.of(second));
                    seal.expect(second);
                });
    }

    @Test
    @DisplayName("E02 mutated copies of a block that an honest peer is just asked for in parts")
    @Sabotage(type = "weft.p2p.sync.BlocksInFlight", method = "remove", flips = 1)
    @Sabotage(type = "weft.consensus.MerkleRoot", method = "hasEqualPair", returns = "false")
    void shouldGoOnWithOneWhileOthersSendMutatedCopies() throws Exception {
        Seal.around(
                seal -> {
                    Block block = withWitness(seal);
                    WirePeer modest = announcing(seal, block);
                    var repeated = new ArrayList<>(block.transactions());
                    repeated.add(repeated.getLast());
                    var fewer = block.transactions().subList(0, 2);
                    var other = new ArrayList<>(block.transactions());
                    other.set(1, showing(block.transactions().get(1), Bytes.parse("02")));
                    for (List<Transaction> body : List.of(repeated, fewer, other)) {
                        WirePeer attacker = seal.attacker();
                        attacker.send(BlockMessage.of(Block.of(block.header(), body)));
                        assertThat(attacker.fate()).isEqualTo(Fate.DROPPED);
                    }
                    modest.send(answer(block));
                    seal.expect(block);
                    assertThat(modest.fate()).isEqualTo(Fate.KEPT);
                });
    }

    /// A block whose witnesses are committed to, so that they can be wrong by themselves.
    private static Block withWitness(Seal seal) {
        Bytes anything = Bytes.parse("7551");
        byte[] program = Sha256.hash(anything.toByteArray());
        Bytes output = Bytes.parse("0020").plus(Bytes.wrap(program));
        Transaction made =
                Transaction.of(
                        2,
                        List.of(new TxIn(seal.ledger().coin(1), Bytes.EMPTY, 0)),
                        List.of(new TxOut(Ledger.COIN, output)),
                        List.of(),
                        0);
        Transaction spent =
                Transaction.of(
                        2,
                        List.of(new TxIn(Ledger.out(made), Bytes.EMPTY, 0)),
                        List.of(new TxOut(Ledger.COIN, Ledger.OPEN)),
                        List.of(new Witness(List.of(Bytes.parse("01"), anything))),
                        0);
        return seal.ledger().next(List.of(made, spent));
    }

    private static Transaction showing(Transaction tx, Bytes shown) {
        return Transaction.of(
                tx.version(),
                tx.inputs(),
                tx.outputs(),
                List.of(new Witness(List.of(shown))),
                tx.lockTime());
    }
}
