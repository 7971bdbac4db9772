package weft.mempool;

import org.jspecify.annotations.Nullable;
import weft.chain.api.TxFailure;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Forms of transactions that are relayed. A transaction of another form is not invalid; a block may have it.
public final class RelayPolicy {
    /// Fewest bytes without witnesses: 64 could be taken for an inner node of a Merkle tree (CVE-2017-12842).
    static final int STRIPPED_SIZE_MIN = 65;

    private static final int WEIGHT_MAX = 400_000;
    private static final int SCRIPT_SIG_MAX = 1_650;
    private static final int VERSION_MAX = 3;
    private static final int OP_RETURN = 0x6a;
    private static final int DATA_CARRIER_MAX = 83;
    private static final int OP_16 = 0x60;
    private static final long DUST_FEE_PER_KVB = 3_000;
    private static final int SPEND_BYTES = 148;
    private static final int WITNESS_SPEND_BYTES = 67;

    private RelayPolicy() {}

    /// The first rule that the form of a transaction breaks; null if none.
    public static @Nullable TxFailure check(Transaction tx) {
        if (tx.version() < 1 || tx.version() > VERSION_MAX) {
            return nonStandard("version");
        }
        if (tx.weight() > WEIGHT_MAX) {
            return nonStandard("tx-size");
        }
        for (TxIn input : tx.inputs()) {
            if (input.scriptSig().length() > SCRIPT_SIG_MAX) {
                return nonStandard("scriptsig-size");
            }
            if (!isPushOnly(input.scriptSig())) {
                return nonStandard("scriptsig-not-pushonly");
            }
        }
        return checkOutputs(tx);
    }

    private static @Nullable TxFailure checkOutputs(Transaction tx) {
        int dataOutputs = 0;
        for (TxOut output : tx.outputs()) {
            Bytes script = output.scriptPubKey();
            if (!script.isEmpty() && script.at(0) == OP_RETURN) {
                if (script.length() > DATA_CARRIER_MAX) {
                    return nonStandard("scriptpubkey");
                }
                dataOutputs++;
            } else if (output.value() < dustThreshold(output)) {
                return nonStandard("dust");
            }
        }
        return dataOutputs > 1 ? nonStandard("multi-op-return") : null;
    }

    /// The least value of an output that is worth spending, in satoshis.
    static long dustThreshold(TxOut output) {
        Bytes script = output.scriptPubKey();
        boolean witness =
                script.length() >= 4
                        && script.length() <= 42
                        && (script.at(0) == 0 || (script.at(0) > 0x50 && script.at(0) <= OP_16))
                        && script.at(1) + 2 == script.length();
        int size =
                8
                        + weft.primitives.codec.ByteWriter.compactSizeBytes(script.length())
                        + script.length()
                        + (witness ? WITNESS_SPEND_BYTES : SPEND_BYTES);
        return DUST_FEE_PER_KVB * size / 1_000;
    }

    private static boolean isPushOnly(Bytes script) {
        int position = 0;
        while (position < script.length()) {
            int opcode = script.at(position++);
            if (opcode > OP_16) {
                return false;
            }
            long length = opcode < 0x4c ? opcode : 0;
            if (opcode >= 0x4c && opcode <= 0x4e) {
                int bytes = 1 << (opcode - 0x4c);
                if (script.length() - position < bytes) {
                    return false;
                }
                for (int i = 0; i < bytes; i++) {
                    length |= (long) script.at(position++) << (8 * i);
                }
            }
            if (length > script.length() - position) {
                return false;
            }
            position += (int) length;
        }
        return true;
    }

    private static TxFailure nonStandard(String reason) {
        return new TxFailure(TxFailure.Kind.NOT_STANDARD, reason, "");
    }
}
