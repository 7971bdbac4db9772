package weft.consensus;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.ScriptReader;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// The signature in blocks of signet. See BIP-0325.
public final class SignetSolution {
    /// How the push begins that holds a solution.
    public static final Bytes HEADER = Bytes.parse("ecc7daa2");

    private static final int FLAGS =
            ScriptFlags.P2SH | ScriptFlags.WITNESS | ScriptFlags.DERSIG | ScriptFlags.NULLDUMMY;

    private SignetSolution() {}

    /// Two transactions that are never in a block: one pays to the challenge, the other spends that.
    ///
    /// @param toSpend commits to the block without its solution
    /// @param toSign has the solution; empty scripts if the block has none, so that a challenge may be
    ///     trivial
    public record Spend(Transaction toSpend, Transaction toSign) {}

    /// Whether a block solves the challenge. Genesis always does.
    public static boolean isValid(Block block, Bytes challenge, ChainParams params) {
        if (block.hash().equals(params.genesis().hash())) {
            return true;
        }
        Spend spend = of(block, challenge);
        if (spend == null) {
            return false;
        }
        var shared = PrecomputedTxHashes.of(spend.toSign(), spend.toSpend().outputs());
        return Interpreter.verifyInput(shared, 0, FLAGS) == ScriptError.OK;
    }

    /// The spend that a block stands for; null if it has no witness commitment, or a solution that cannot be
    /// read.
    public static @Nullable Spend of(Block block, Bytes challenge) {
        if (block.transactions().isEmpty()) {
            return null;
        }
        Transaction coinbase = block.transactions().getFirst();
        int index = WitnessCommitment.indexIn(coinbase);
        if (index < 0) {
            return null;
        }
        TxOut output = coinbase.outputs().get(index);
        var split = Split.of(output.scriptPubKey());
        Bytes scriptSig = Bytes.EMPTY;
        Witness witness = Witness.EMPTY;
        if (split.solution() != null) {
            try {
                ByteReader in = ByteReader.of(split.solution().toByteArray());
                scriptSig = in.varBytes();
                witness = Witness.read(in);
                in.expectEnd();
            } catch (MalformedBytes e) {
                return null;
            }
        }
        var outputs = new ArrayList<TxOut>(coinbase.outputs());
        outputs.set(index, new TxOut(output.value(), split.rest()));
        var unsigned =
                Transaction.of(
                        coinbase.version(),
                        coinbase.inputs(),
                        outputs,
                        List.of(),
                        coinbase.lockTime());
        Bytes signed = signedBytes(block, unsigned);
        Transaction toSpend =
                tx(
                        OutPoint.NULL,
                        new ScriptBuilder().op(Opcode.OP_0).push(signed).build(),
                        Witness.EMPTY,
                        challenge);
        Bytes nothing = new ScriptBuilder().op(Opcode.OP_RETURN).build();
        Transaction toSign = tx(new OutPoint(toSpend.txid(), 0), scriptSig, witness, nothing);
        return new Spend(toSpend, toSign);
    }

    private static Transaction tx(
            OutPoint prevout, Bytes scriptSig, Witness witness, Bytes scriptPubKey) {
        return Transaction.of(
                0,
                List.of(new TxIn(prevout, scriptSig, 0)),
                List.of(new TxOut(0, scriptPubKey)),
                List.of(witness),
                0);
    }

    private static Bytes signedBytes(Block block, Transaction unsignedCoinbase) {
        List<Hash256> leaves = new ArrayList<>(block.transactions().size());
        block.transactions().forEach(tx -> leaves.add(tx.txid()));
        leaves.set(0, unsignedCoinbase.txid());
        Digest256 root = MerkleRoot.of(leaves).root();
        BlockHeader header = block.header();
        var out = new ByteWriter();
        out.i32(header.version());
        header.parent().write(out);
        root.write(out);
        return out.u32(header.time()).toBytes();
    }

    /// A script that commits, without the solution.
    ///
    /// @param solution what followed [#HEADER] in the first push that begins with it; null if none does
    /// @param rest the script with that push cut short to the header; the script itself if there is no
    ///     solution
    private record Split(@Nullable Bytes solution, Bytes rest) {
        static Split of(Bytes script) {
            Bytes solution = null;
            var rest = new ScriptBuilder();
            for (var reader = ScriptReader.of(script); reader.next(); ) {
                Bytes push = reader.push();
                if (push.isEmpty()) {
                    rest.op(reader.opcode());
                } else if (solution == null
                        && push.length() > HEADER.length()
                        && push.startsWith(HEADER)) {
                    solution = push.from(HEADER.length());
                    rest.push(HEADER);
                } else {
                    rest.push(push);
                }
            }
            return solution == null ? new Split(null, script) : new Split(solution, rest.build());
        }
    }
}
