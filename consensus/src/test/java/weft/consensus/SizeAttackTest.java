package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.script.ScriptFlags;
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
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Blocks at their limits, and one beyond.
class SizeAttackTest implements SeenRed {
    private static final Bytes NONCE = Bytes.wrap(new byte[32]);

    private static HeaderView genesis() {
        var run = new HeaderRun(0);
        return run.add(ChainParams.of(Network.REGTEST).genesis().header());
    }

    private static Transaction tx(OutPoint spent, Bytes scriptSig, int scriptBytes, Bytes item) {
        var script = new byte[scriptBytes];
        java.util.Arrays.fill(script, (byte) 0x61);
        return Transaction.of(
                1,
                List.of(new TxIn(spent, scriptSig, 0xffffffffL)),
                List.of(new TxOut(1, Bytes.wrap(script))),
                List.of(item.isEmpty() ? Witness.EMPTY : Witness.of(item)),
                0);
    }

    private static Transaction paying(Bytes script) {
        return Transaction.of(
                1,
                List.of(new TxIn(new OutPoint(new Txid(5, 5, 5, 5), 0), Bytes.EMPTY, 0xffffffffL)),
                List.of(new TxOut(1, script)),
                List.of(),
                0);
    }

    /// A block with a commitment and one transaction of chosen lengths.
    private static Block block(int scriptBytes, int witnessBytes) {
        var spent = new OutPoint(new Txid(1, 2, 3, 4), 0);
        Bytes item = witnessBytes == 0 ? Bytes.EMPTY : Bytes.wrap(new byte[witnessBytes]);
        return block(List.of(tx(spent, Bytes.EMPTY, scriptBytes, item)));
    }

    private static Block block(List<Transaction> txs) {
        Transaction bare = tx(OutPoint.NULL, Bytes.parse("5100"), 0, NONCE);
        var all = new ArrayList<>(List.of(bare));
        all.addAll(txs);
        var draft = new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, 1, 0x207fffffL, 0);
        Digest256 commitment = WitnessCommitment.of(Block.of(draft, all), NONCE);
        all.set(
                0,
                Transaction.of(
                        1,
                        bare.inputs(),
                        List.of(new TxOut(0, WitnessCommitment.script(commitment))),
                        List.of(Witness.of(NONCE)),
                        0));
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        return Block.of(new BlockHeader(4, BlockHash.ZERO, root, 1, 0x207fffffL, 0), all);
    }

    private static String check(Block block) {
        RuleFailure failure = BlockCheck.check(block);
        if (failure == null) {
            failure = BlockCheck.checkInContext(block, genesis(), ChainParams.of(Network.REGTEST));
        }
        return reason(failure);
    }

    private static String reason(@Nullable RuleFailure failure) {
        return failure == null ? "" : failure.reason();
    }

    /// A block of a weight: scripts bring four each byte, witnesses one.
    private static Block ofWeight(int weight) {
        int scriptBytes = 100_000;
        int witnessBytes = 3_000_000;
        int off = weight - block(scriptBytes, witnessBytes).weight();
        Block block = block(scriptBytes, witnessBytes + off);
        assertThat(block.weight()).isEqualTo(weight);
        return block;
    }

    @Test
    @DisplayName("A25 blocks of weight 4,000,000, of one more, of four more")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            constant = "4000000>4000001")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            constant = "4000000>3999999")
    void shouldLimitTheWeight() {
        assertThat(check(ofWeight(4_000_000))).isEmpty();
        assertThat(check(ofWeight(4_000_001))).isEqualTo("bad-blk-weight");
        assertThat(check(ofWeight(4_000_004))).isEqualTo("bad-blk-weight");
    }

    @Test
    @DisplayName("A25 blocks of 1,000,000 bytes without witnesses, and of one more")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "check", constant = "4000000>4000004")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "check", constant = "4000000>3999999")
    void shouldLimitTheStrippedSize() {
        int rest = 1_000_000 - block(900_000, 0).strippedSize();
        Block full = block(900_000 + rest, 0);
        assertThat(full.strippedSize()).isEqualTo(1_000_000);
        // Its own limit is kept; the marker, the flag and the nonce of its coinbase weigh too much.
        assertThat(reason(BlockCheck.check(full))).isEmpty();
        assertThat(check(full)).isEqualTo("bad-blk-weight");
        assertThat(check(block(900_001 + rest, 0))).isEqualTo("bad-blk-length");
    }

    @Test
    @DisplayName("A25 20,000 signature operations as scripts show them, and one more")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkTransactions",
            constant = "80000>80004")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkTransactions",
            constant = "80000>79999")
    @Sabotage(type = "weft.consensus.SigOps", method = "legacyCount", returns = "0")
    void shouldLimitSignatureOperations() {
        Bytes checks = Bytes.parse("ac".repeat(10_000));
        Transaction half = paying(checks);
        Transaction one = paying(Bytes.parse("ac"));
        Transaction multi = paying(Bytes.parse("ae".repeat(500)));
        assertThat(check(block(List.of(half, half2())))).isEmpty();
        assertThat(check(block(List.of(half, half2(), one)))).isEqualTo("bad-blk-sigops");
        // A multisig counts for twenty, and a push that is cut off does not hide what is before.
        assertThat(check(block(List.of(half, multi)))).isEmpty();
        assertThat(check(block(List.of(half, multi, one)))).isEqualTo("bad-blk-sigops");
        Transaction cut = paying(Bytes.parse("ac4c"));
        assertThat(check(block(List.of(half, multi, cut)))).isEqualTo("bad-blk-sigops");
    }

    private static Transaction half2() {
        return paying(Bytes.parse("ad".repeat(10_000)));
    }

    @Test
    @DisplayName("A25 signature operations behind a hash and in witnesses have their own cost")
    @Sabotage(type = "weft.consensus.SigOps", method = "witnessCount", returns = "0")
    @Sabotage(
            type = "weft.consensus.SigOps",
            method = "redeemScript",
            returns = "weft.primitives.Bytes.EMPTY")
    void shouldCountHiddenSignatureOperations() {
        int flags = ScriptFlags.P2SH | ScriptFlags.WITNESS;
        Bytes redeem = Bytes.parse("52ae");
        Bytes push = Bytes.parse("02").plus(redeem);
        Bytes behindHash = Bytes.parse("a914" + "11".repeat(20) + "87");
        assertThat(cost(push, behindHash, Bytes.EMPTY, flags)).isEqualTo(2 * 4);
        assertThat(cost(push, behindHash, Bytes.EMPTY, ScriptFlags.NONE)).isZero();
        // Not only pushes: nothing counts.
        assertThat(cost(push.plus(Bytes.parse("61")), behindHash, Bytes.EMPTY, flags)).isZero();
        Bytes program = Bytes.parse("0020" + "22".repeat(32));
        assertThat(cost(Bytes.EMPTY, program, redeem, flags)).isEqualTo(2);
        Bytes key = Bytes.parse("0014" + "22".repeat(20));
        assertThat(cost(Bytes.EMPTY, key, redeem, flags)).isEqualTo(1);
        Bytes nested = Bytes.parse("22").plus(program);
        assertThat(cost(nested, behindHash, redeem, flags)).isEqualTo(2);
        // Taproot has another budget.
        Bytes taproot = Bytes.parse("5120" + "22".repeat(32));
        assertThat(cost(Bytes.EMPTY, taproot, redeem, flags)).isZero();
    }

    private static int cost(Bytes scriptSig, Bytes scriptPubKey, Bytes item, int flags) {
        Transaction tx = tx(new OutPoint(new Txid(1, 2, 3, 4), 0), scriptSig, 0, item);
        return SigOps.cost(tx, List.of(new Coin(new TxOut(1, scriptPubKey), 1, false)), flags);
    }
}
