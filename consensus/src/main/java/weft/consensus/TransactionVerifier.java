package weft.consensus;

import java.util.ArrayList;
import java.util.List;
import weft.consensus.script.Interpreter;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Whether a transaction may spend the outputs that it says: its own form, amounts, and every script. The
/// door for programs that have no chain.
///
/// What only a chain knows is left to the caller: that the outputs exist and are unspent, lock times,
/// relative lock times, and the maturity of coinbases.
///
/// Immutable, for any number of threads.
public final class TransactionVerifier {
    private final int flags;

    private TransactionVerifier(int flags) {
        this.flags = flags;
    }

    /// What came out. Whatever came from outside is answered with this, never with an exception.
    ///
    /// @param reason empty if the transaction is valid; else Bitcoin Core's reject reason, or `TX decode
    ///     failed` for bytes that are no transaction or no outputs
    /// @param detail more in words; may be empty
    /// @param input index of the input that failed; -1 if it is none alone
    /// @param fee in satoshis; 0 if the transaction is not valid
    public record Verdict(String reason, String detail, int input, long fee) {
        /// Whether every rule is kept.
        public boolean isValid() {
            return reason.isEmpty();
        }
    }

    /// The consensus rules of a network's blocks at a height. The two blocks of history that break them are
    /// not excepted.
    ///
    /// @param height not negative
    public static TransactionVerifier at(Network network, int height) {
        Check.argument(height >= 0, "heights are not negative");
        ChainParams params = ChainParams.of(network);
        return new TransactionVerifier(BlockScriptFlags.of(BlockHash.ZERO, height, params));
    }

    /// Rules of one's own choice.
    ///
    /// @param flags see [ScriptFlags]; WITNESS only with P2SH, TAPROOT only with WITNESS, CLEANSTACK only
    ///     with P2SH and WITNESS
    /// @throws IllegalArgumentException if one is missing that another asks for
    public static TransactionVerifier withFlags(int flags) {
        needs(flags, ScriptFlags.WITNESS, ScriptFlags.P2SH);
        needs(flags, ScriptFlags.TAPROOT, ScriptFlags.WITNESS);
        needs(flags, ScriptFlags.CLEANSTACK, ScriptFlags.P2SH | ScriptFlags.WITNESS);
        return new TransactionVerifier(flags);
    }

    private static void needs(int flags, int flag, int needed) {
        Check.argument(
                (flags & flag) == 0 || (flags & needed) == needed,
                ScriptFlags.toText(flag) + " asks for " + ScriptFlags.toText(needed));
    }

    /// Verifies bytes.
    ///
    /// @param tx as on the wire, with or without witnesses
    /// @param spent the output of each input in order, one after the other as on the wire: value (8 bytes,
    ///     little-endian), length of the script (CompactSize), script
    public Verdict verify(byte[] tx, byte[] spent) {
        Transaction decoded;
        var outputs = new ArrayList<TxOut>();
        try {
            ByteReader in = ByteReader.of(tx);
            decoded = Transaction.read(in);
            in.expectEnd();
            for (ByteReader outs = ByteReader.of(spent); !outs.isAtEnd(); ) {
                outputs.add(TxOut.read(outs));
            }
        } catch (MalformedBytes e) {
            String detail = e.getMessage() == null ? "" : e.getMessage();
            return invalid("TX decode failed", detail, -1);
        }
        return verify(decoded, outputs);
    }

    /// Verifies a transaction.
    ///
    /// @param spent the output of each input, in order
    public Verdict verify(Transaction tx, List<TxOut> spent) {
        RuleFailure alone = TxCheck.check(tx);
        if (alone != null) {
            return invalid(alone);
        }
        if (tx.isCoinbase()) {
            return invalid("coinbase", "a coinbase spends nothing", -1);
        }
        if (spent.size() != tx.inputs().size()) {
            String detail = tx.inputs().size() + " inputs, " + spent.size() + " outputs spent";
            return invalid("bad-txns-inputs-missingorspent", detail, -1);
        }
        List<Coin> coins = spent.stream().map(out -> new Coin(out, 0, false)).toList();
        TxInputs.Result amounts = TxInputs.check(tx, coins, 0);
        if (amounts.failure() != null) {
            return invalid(amounts.failure());
        }
        var shared = PrecomputedTxHashes.of(tx, spent);
        for (int i = 0; i < spent.size(); i++) {
            ScriptError error = Interpreter.verifyInput(shared, i, flags);
            if (error != ScriptError.OK) {
                String reason = "mandatory-script-verify-flag-failed (" + error.text() + ")";
                return invalid(reason, error.name(), i);
            }
        }
        return new Verdict("", "", -1, amounts.fee());
    }

    private static Verdict invalid(RuleFailure failure) {
        return invalid(failure.reason(), failure.detail(), -1);
    }

    private static Verdict invalid(String reason, String detail, int input) {
        return new Verdict(reason, detail, input, 0);
    }
}
