package weft.mempool;

import weft.consensus.script.Opcode;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptReader;
import weft.primitives.Bytes;

/// The forms of output scripts that relay policy tells apart; names as Core's `TxoutType`.
enum ScriptForm {
    NONSTANDARD,
    PUBKEY,
    PUBKEYHASH,
    SCRIPTHASH,
    MULTISIG,
    NULL_DATA,
    WITNESS_V0_SCRIPTHASH,
    WITNESS_V0_KEYHASH,
    WITNESS_V1_TAPROOT,
    ANCHOR,
    WITNESS_UNKNOWN;

    private static final int COMPRESSED = 33;
    private static final int UNCOMPRESSED = 65;
    private static final int MULTISIG_KEYS_MAX = 20;
    private static final int STANDARD_KEYS_MAX = 3;

    /// A script of several keys.
    ///
    /// @param keys number of keys; 0 if it is no such script
    private record Multisig(int required, int keys) {
        static final Multisig NONE = new Multisig(0, 0);
    }

    static ScriptForm of(Bytes script) {
        if (Script.isPayToScriptHash(script)) {
            return SCRIPTHASH;
        }
        Script.WitnessProgram program = Script.witnessProgram(script);
        if (program != null) {
            return ofProgram(program);
        }
        if (isReturn(script) && Script.isPushOnly(script.from(1))) {
            return NULL_DATA;
        }
        if (isPayToKey(script)) {
            return PUBKEY;
        }
        if (Script.isPayToPubKeyHash(script)) {
            return PUBKEYHASH;
        }
        return multisig(script).keys > 0 ? MULTISIG : NONSTANDARD;
    }

    private static ScriptForm ofProgram(Script.WitnessProgram program) {
        int length = program.program().length();
        if (program.version() == 0) {
            return switch (length) {
                case 20 -> WITNESS_V0_KEYHASH;
                case 32 -> WITNESS_V0_SCRIPTHASH;
                default -> NONSTANDARD;
            };
        }
        if (program.isTaproot()) {
            return WITNESS_V1_TAPROOT;
        }
        return program.isAnchor() ? ANCHOR : WITNESS_UNKNOWN;
    }

    private static boolean isReturn(Bytes script) {
        return !script.isEmpty() && script.at(0) == Opcode.OP_RETURN;
    }

    private static boolean isPayToKey(Bytes script) {
        int length = script.length() - 2;
        return (length == COMPRESSED || length == UNCOMPRESSED)
                && script.at(0) == length
                && script.at(length + 1) == Opcode.OP_CHECKSIG
                && isKey(script.slice(1, length));
    }

    private static boolean isKey(Bytes key) {
        int head = key.isEmpty() ? 0 : key.at(0);
        return switch (key.length()) {
            case COMPRESSED -> head == 2 || head == 3;
            case UNCOMPRESSED -> head == 4 || head == 6 || head == 7;
            default -> false;
        };
    }

    /// Whether a script of several keys has at most three, as those that are relayed.
    static boolean isSmallMultisig(Bytes script) {
        Multisig multisig = multisig(script);
        return multisig.keys >= 1 && multisig.keys <= STANDARD_KEYS_MAX;
    }

    private static Multisig multisig(Bytes script) {
        if (script.isEmpty() || script.at(script.length() - 1) != Opcode.OP_CHECKMULTISIG) {
            return Multisig.NONE;
        }
        ScriptReader reader = ScriptReader.of(script);
        int required = reader.next() ? number(reader) : 0;
        int keys = 0;
        boolean more = reader.next();
        while (more && isKey(reader.push())) {
            keys++;
            more = reader.next();
        }
        boolean isCounted = more && number(reader) == keys && keys <= MULTISIG_KEYS_MAX;
        boolean ends = reader.position() == script.length() - 1;
        return isCounted && ends && required >= 1 && required <= keys
                ? new Multisig(required, keys)
                : Multisig.NONE;
    }

    /// The number 1 to 20 that an operation puts on the stack in the shortest way; else 0.
    private static int number(ScriptReader reader) {
        int opcode = reader.opcode();
        if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) {
            return opcode - Opcode.OP_1 + 1;
        }
        boolean isByte = opcode == 1 && reader.pushLength() == 1;
        int value = isByte ? reader.push().at(0) : 0;
        return value > 16 && value <= MULTISIG_KEYS_MAX ? value : 0;
    }
}
