package weft.consensus.script;

import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// What can be told about a script without running it.
public final class Script {
    /// Longest script that runs, in bytes; tapscript has no such limit.
    public static final int BYTES_MAX = 10_000;

    /// Longest element on the stack, in bytes.
    public static final int ELEMENT_BYTES_MAX = 520;

    private static final int PROGRAM_BYTES_MIN = 2;
    private static final int PROGRAM_BYTES_MAX = 40;
    private static final int ASM_NUMBER_BYTES_MAX = 4;

    private Script() {}

    /// A witness program. See BIP-0141.
    ///
    /// @param version 0 to 16
    /// @param program 2 to 40 bytes
    public record WitnessProgram(int version, Bytes program) {
        /// Whether a key or a script tree is paid. See BIP-0341.
        public boolean isTaproot() {
            return version == 1 && program.length() == 32;
        }

        /// Whether anyone may spend it with an empty witness: a place to attach a fee.
        public boolean isAnchor() {
            return version == 1
                    && program.length() == 2
                    && program.at(0) == 0x4e
                    && program.at(1) == 0x73;
        }
    }

    /// Whether a script has only pushes. OP_RESERVED counts as one.
    public static boolean isPushOnly(Bytes script) {
        var reader = ScriptReader.of(script);
        while (reader.next()) {
            if (reader.opcode() > Opcode.OP_16) {
                return false;
            }
        }
        return reader.isWellFormedEnd();
    }

    /// Whether a script pays to the hash of another. See BIP-0016.
    public static boolean isPayToScriptHash(Bytes script) {
        return script.length() == 23
                && script.at(0) == Opcode.OP_HASH160
                && script.at(1) == 20
                && script.at(22) == Opcode.OP_EQUAL;
    }

    /// Whether a script pays to the hash of a key.
    public static boolean isPayToPubKeyHash(Bytes script) {
        return script.length() == 25
                && script.at(0) == Opcode.OP_DUP
                && script.at(1) == Opcode.OP_HASH160
                && script.at(2) == 20
                && script.at(23) == Opcode.OP_EQUALVERIFY
                && script.at(24) == Opcode.OP_CHECKSIG;
    }

    /// Whether a script pays to the hash of a witness script. See BIP-0141.
    public static boolean isPayToWitnessScriptHash(Bytes script) {
        return script.length() == 34 && script.at(0) == Opcode.OP_0 && script.at(1) == 32;
    }

    /// Whether a script pays to the hash of a key that signs in the witness. See BIP-0141.
    public static boolean isPayToWitnessPubKeyHash(Bytes script) {
        return script.length() == 22 && script.at(0) == Opcode.OP_0 && script.at(1) == 20;
    }

    /// Whether a script pays to a taproot key. See BIP-0341.
    public static boolean isPayToTaproot(Bytes script) {
        return script.length() == 34 && script.at(0) == Opcode.OP_1 && script.at(1) == 32;
    }

    /// The witness program that a script is; null if it is none.
    public static @Nullable WitnessProgram witnessProgram(Bytes script) {
        int length = script.length() - 2;
        if (length < PROGRAM_BYTES_MIN || length > PROGRAM_BYTES_MAX || script.at(1) != length) {
            return null;
        }
        int first = script.at(0);
        if (first != Opcode.OP_0 && (first < Opcode.OP_1 || first > Opcode.OP_16)) {
            return null;
        }
        int version = first == Opcode.OP_0 ? 0 : first - Opcode.OP_RESERVED;
        return new WitnessProgram(version, script.from(2));
    }

    /// Whether nobody can ever spend an output with this script, which need not be kept then.
    public static boolean isUnspendable(Bytes script) {
        return script.length() > BYTES_MAX
                || (!script.isEmpty() && script.at(0) == Opcode.OP_RETURN);
    }

    /// Whether every push ends inside the script.
    public static boolean isWellFormed(Bytes script) {
        var reader = ScriptReader.of(script);
        boolean more = true;
        while (more) {
            more = reader.next();
        }
        return reader.isWellFormedEnd();
    }

    /// The text that Bitcoin Core's RPC calls `asm`: short pushes as numbers, longer ones in hexadecimal.
    public static String toAsm(Bytes script) {
        return toAsm(script, false);
    }

    /// As [#toAsm(Bytes)], with hash types of signatures as words where `decodeHashTypes` is set: `[ALL]`.
    public static String toAsm(Bytes script, boolean decodeHashTypes) {
        var text = new StringJoiner(" ");
        var reader = ScriptReader.of(script);
        boolean decode = decodeHashTypes && !isUnspendable(script);
        while (reader.next()) {
            if (reader.opcode() > Opcode.OP_PUSHDATA4) {
                text.add(Opcode.name(reader.opcode()));
            } else if (reader.pushLength() <= ASM_NUMBER_BYTES_MAX) {
                text.add(Long.toString(ScriptNum.decode(reader.pushArray())));
            } else {
                text.add(pushText(reader.push(), decode));
            }
        }
        if (!reader.isWellFormedEnd()) {
            text.add("[error]");
        }
        return text.toString();
    }

    private static String pushText(Bytes push, boolean decode) {
        if (decode
                && SignatureEncoding.check(push.toByteArray(), ScriptFlags.STRICTENC)
                        == ScriptError.OK) {
            String type = SigHash.name(push.at(push.length() - 1));
            return push.slice(0, push.length() - 1).toHex() + "[" + type + "]";
        }
        return push.toHex();
    }
}
