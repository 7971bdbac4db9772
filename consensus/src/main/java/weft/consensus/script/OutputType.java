package weft.consensus.script;

import java.util.ArrayList;
import java.util.List;
import weft.primitives.Bytes;

/// The form of an output's script, with the names of Bitcoin Core's RPC. No rule of consensus asks for it;
/// relay policy, signing and RPC do.
public enum OutputType {
    /// None of the others.
    NONSTANDARD("nonstandard"),
    /// A key and CHECKSIG.
    PUBKEY("pubkey"),
    /// The hash of a key.
    PUBKEYHASH("pubkeyhash"),
    /// The hash of a script. See BIP-0016.
    SCRIPTHASH("scripthash"),
    /// Some of some keys must sign.
    MULTISIG("multisig"),
    /// Nobody can spend it: data.
    NULLDATA("nulldata"),
    /// The hash of a witness script. See BIP-0141.
    WITNESS_V0_SCRIPTHASH("witness_v0_scripthash"),
    /// The hash of a key that signs in the witness. See BIP-0141.
    WITNESS_V0_KEYHASH("witness_v0_keyhash"),
    /// A taproot key. See BIP-0341.
    WITNESS_V1_TAPROOT("witness_v1_taproot"),
    /// Anyone may spend it, to attach a fee.
    ANCHOR("anchor"),
    /// A witness program of the future.
    WITNESS_UNKNOWN("witness_unknown");

    private static final int COMPRESSED = 33;
    private static final int UNCOMPRESSED = 65;
    private static final int KEYS_MAX = 20;

    private final String wireName;

    OutputType(String wireName) {
        this.wireName = wireName;
    }

    /// The name in RPC.
    public String wireName() {
        return wireName;
    }

    /// The form of a script.
    public static OutputType of(Bytes script) {
        if (Script.isPayToScriptHash(script)) {
            return SCRIPTHASH;
        }
        Script.WitnessProgram program = Script.witnessProgram(script);
        if (program != null) {
            return ofProgram(program);
        }
        if (!script.isEmpty()
                && script.at(0) == Opcode.OP_RETURN
                && Script.isPushOnly(script.from(1))) {
            return NULLDATA;
        }
        if (!publicKey(script).isEmpty()) {
            return PUBKEY;
        }
        if (Script.isPayToPubKeyHash(script)) {
            return PUBKEYHASH;
        }
        return multisigKeys(script).isEmpty() ? NONSTANDARD : MULTISIG;
    }

    private static OutputType ofProgram(Script.WitnessProgram program) {
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

    /// The key of a script that is just a key; empty bytes otherwise.
    public static Bytes publicKey(Bytes script) {
        int length = script.length() - 2;
        boolean fits = length == COMPRESSED || length == UNCOMPRESSED;
        if (!fits || script.at(0) != length || script.at(length + 1) != Opcode.OP_CHECKSIG) {
            return Bytes.EMPTY;
        }
        Bytes key = script.slice(1, length);
        return isKey(key) ? key : Bytes.EMPTY;
    }

    /// Whether bytes have the length that their first byte asks for; whether they are a point is not looked
    /// at.
    public static boolean isKey(Bytes key) {
        int head = key.isEmpty() ? 0 : key.at(0);
        return switch (key.length()) {
            case COMPRESSED -> head == 2 || head == 3;
            case UNCOMPRESSED -> head == 4 || head == 6 || head == 7;
            default -> false;
        };
    }

    /// The keys of a bare multisig script; empty if it is none.
    public static List<Bytes> multisigKeys(Bytes script) {
        if (script.isEmpty() || script.at(script.length() - 1) != Opcode.OP_CHECKMULTISIG) {
            return List.of();
        }
        var keys = new ArrayList<Bytes>();
        ScriptReader reader = ScriptReader.of(script);
        int required = reader.next() ? count(reader) : 0;
        while (reader.next() && isKey(reader.push())) {
            keys.add(reader.push());
        }
        boolean counted = count(reader) == keys.size();
        boolean ends =
                reader.next() && reader.opcode() == Opcode.OP_CHECKMULTISIG && reader.isAtEnd();
        boolean fits = required >= 1 && required <= keys.size() && keys.size() <= KEYS_MAX;
        return counted && ends && fits ? keys : List.of();
    }

    /// How many keys of a bare multisig script must sign.
    ///
    /// @param script of this form
    public static int multisigRequired(Bytes script) {
        ScriptReader reader = ScriptReader.of(script);
        return reader.next() ? count(reader) : 0;
    }

    /// 1 to 16 as operations, 17 to 20 as the shortest push; 0 for all others.
    private static int count(ScriptReader reader) {
        int small = small(reader.opcode());
        if (small > 0 || reader.opcode() != 1) {
            return small;
        }
        long pushed = ScriptNum.decode(reader.push().toByteArray());
        return pushed > 16 && pushed <= KEYS_MAX ? (int) pushed : 0;
    }

    /// The number 1 to 16 that an opcode stands for; 0 for all others.
    public static int small(int opcode) {
        return opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16 ? opcode - Opcode.OP_1 + 1 : 0;
    }
}
