package weft.consensus;

import java.util.List;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// Signature operations of a transaction, which a block may have only so many of. They are counted in the
/// text of scripts, run or not. See BIP-0016 and BIP-0141.
public final class SigOps {
    private static final int PUSHDATA1 = 0x4c;
    private static final int PUSHDATA4 = 0x4e;
    private static final int OP_1 = 0x51;
    private static final int OP_16 = 0x60;
    private static final int CHECKSIG = 0xac;
    private static final int CHECKSIGVERIFY = 0xad;
    private static final int CHECKMULTISIG = 0xae;
    private static final int CHECKMULTISIGVERIFY = 0xaf;
    private static final int MULTISIG_KEYS_MAX = 20;
    private static final int NO_OPCODE = 0xff;

    private SigOps() {}

    /// Walks over a script; keeps the last push. Ends at a push that is cut off.
    private static final class Walk {
        private final Bytes script;
        private int position;
        private int opcode = NO_OPCODE;
        private Bytes push = Bytes.EMPTY;
        private boolean cutOff;

        Walk(Bytes script) {
            this.script = script;
        }

        boolean next() {
            if (position >= script.length()) {
                return false;
            }
            opcode = script.at(position++);
            if (opcode > PUSHDATA4) {
                push = Bytes.EMPTY;
                return true;
            }
            int lengthBytes = opcode < PUSHDATA1 ? 0 : 1 << (opcode - PUSHDATA1);
            if (script.length() - position < lengthBytes) {
                cutOff = true;
                return false;
            }
            long length = opcode < PUSHDATA1 ? opcode : 0;
            for (int i = 0; i < lengthBytes; i++) {
                length |= (long) script.at(position++) << (8 * i);
            }
            if (length > script.length() - position) {
                cutOff = true;
                return false;
            }
            push = script.slice(position, (int) length);
            position += (int) length;
            return true;
        }
    }

    /// Signature operations in the text of a script; those behind a push that is cut off do not count. Makes
    /// no objects: every script of every block comes through here, twice.
    ///
    /// @param accurate CHECKMULTISIG counts for as many keys as are named before it, if the number is plain
    ///     to see; else for twenty
    public static int count(Bytes script, boolean accurate) {
        byte[] bytes = script.backingArray();
        int at = script.backingOffset();
        int end = at + script.length();
        int count = 0;
        int before = NO_OPCODE;
        while (at < end) {
            int opcode = bytes[at++] & 0xff;
            if (opcode <= PUSHDATA4) {
                int lengthBytes = opcode < PUSHDATA1 ? 0 : 1 << (opcode - PUSHDATA1);
                if (end - at < lengthBytes) {
                    return count;
                }
                long length = opcode < PUSHDATA1 ? opcode : 0;
                for (int i = 0; i < lengthBytes; i++) {
                    length |= (bytes[at++] & 0xffL) << (8 * i);
                }
                if (length > end - at) {
                    return count;
                }
                at += (int) length;
            } else if (opcode == CHECKSIG || opcode == CHECKSIGVERIFY) {
                count++;
            } else if (opcode == CHECKMULTISIG || opcode == CHECKMULTISIGVERIFY) {
                boolean plain = accurate && before >= OP_1 && before <= OP_16;
                count += plain ? before - OP_1 + 1 : MULTISIG_KEYS_MAX;
            }
            before = opcode;
        }
        return count;
    }

    /// Signature operations in the scripts of inputs and outputs as they stand.
    public static int legacyCount(Transaction tx) {
        int count = 0;
        for (TxIn input : tx.inputs()) {
            count += count(input.scriptSig(), false);
        }
        for (TxOut output : tx.outputs()) {
            count += count(output.scriptPubKey(), false);
        }
        return count;
    }

    /// What a transaction counts for in its block.
    ///
    /// @param spent the coin of each input, in order; not looked at for a coinbase
    /// @param flags rules in force, see [ScriptFlags]
    public static int cost(Transaction tx, List<Coin> spent, int flags) {
        int cost = legacyCount(tx) * TxCheck.WITNESS_SCALE;
        if (tx.isCoinbase()) {
            return cost;
        }
        for (int i = 0; i < tx.inputs().size(); i++) {
            Bytes scriptPubKey = spent.get(i).out().scriptPubKey();
            Bytes scriptSig = tx.inputs().get(i).scriptSig();
            if ((flags & ScriptFlags.P2SH) != 0 && isPayToScriptHash(scriptPubKey)) {
                cost += count(redeemScript(scriptSig), true) * TxCheck.WITNESS_SCALE;
            }
            if ((flags & ScriptFlags.WITNESS) != 0) {
                cost += witnessCount(scriptPubKey, scriptSig, tx.witness(i));
            }
        }
        return cost;
    }

    private static boolean isPayToScriptHash(Bytes script) {
        return script.length() == 23
                && script.at(0) == 0xa9
                && script.at(1) == 20
                && script.at(22) == 0x87;
    }

    /// The last push of a script that has only pushes; empty for any other script.
    private static Bytes redeemScript(Bytes scriptSig) {
        var walk = new Walk(scriptSig);
        Bytes last = Bytes.EMPTY;
        while (walk.next()) {
            if (walk.opcode > OP_16) {
                return Bytes.EMPTY;
            }
            last = walk.push;
        }
        return walk.cutOff ? Bytes.EMPTY : last;
    }

    private static boolean isPushOnly(Bytes script) {
        var walk = new Walk(script);
        while (walk.next()) {
            if (walk.opcode > OP_16) {
                return false;
            }
        }
        return !walk.cutOff;
    }

    private static int witnessCount(Bytes scriptPubKey, Bytes scriptSig, Witness witness) {
        if (isWitnessProgram(scriptPubKey)) {
            return programCount(scriptPubKey, witness);
        }
        if (isPayToScriptHash(scriptPubKey) && isPushOnly(scriptSig)) {
            Bytes redeem = redeemScript(scriptSig);
            return isWitnessProgram(redeem) ? programCount(redeem, witness) : 0;
        }
        return 0;
    }

    private static boolean isWitnessProgram(Bytes script) {
        return script.length() >= 4
                && script.length() <= 42
                && (script.at(0) == 0 || (script.at(0) >= OP_1 && script.at(0) <= OP_16))
                && script.at(1) + 2 == script.length();
    }

    private static int programCount(Bytes program, Witness witness) {
        if (program.at(0) != 0) {
            // Taproot has a budget of its own, in the witness's size.
            return 0;
        }
        int length = program.at(1);
        if (length == 20) {
            return 1;
        }
        return length == 32 && !witness.isEmpty() ? count(witness.items().getLast(), true) : 0;
    }
}
