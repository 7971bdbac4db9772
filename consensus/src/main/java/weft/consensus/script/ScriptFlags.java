package weft.consensus.script;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/// Which rules a script is checked against: a set of bits, with Bitcoin Core's numbers and names.
public final class ScriptFlags {
    /// No rule beyond the oldest.
    public static final int NONE = 0;

    /// BIP-0016.
    public static final int P2SH = 1;

    /// Signatures and public keys in defined encodings only (policy).
    public static final int STRICTENC = 1 << 1;

    /// BIP-0066: signatures in strict DER.
    public static final int DERSIG = 1 << 2;

    /// S at most half the order (policy).
    public static final int LOW_S = 1 << 3;

    /// BIP-0147: the extra element of CHECKMULTISIG is empty.
    public static final int NULLDUMMY = 1 << 4;

    /// scriptSig has only pushes (policy).
    public static final int SIGPUSHONLY = 1 << 5;

    /// Shortest pushes and numbers (policy).
    public static final int MINIMALDATA = 1 << 6;

    /// NOPs kept for upgrades fail (policy).
    public static final int DISCOURAGE_UPGRADABLE_NOPS = 1 << 7;

    /// One true element remains (policy).
    public static final int CLEANSTACK = 1 << 8;

    /// BIP-0065.
    public static final int CHECKLOCKTIMEVERIFY = 1 << 9;

    /// BIP-0112.
    public static final int CHECKSEQUENCEVERIFY = 1 << 10;

    /// BIP-0141 and BIP-0143.
    public static final int WITNESS = 1 << 11;

    /// Unknown witness versions fail (policy).
    public static final int DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM = 1 << 12;

    /// Witness version 0: arguments of IF are empty or 01 (policy).
    public static final int MINIMALIF = 1 << 13;

    /// BIP-0146: failing signatures are empty (policy).
    public static final int NULLFAIL = 1 << 14;

    /// Witness version 0: public keys are compressed (policy).
    public static final int WITNESS_PUBKEYTYPE = 1 << 15;

    /// CODESEPARATOR and signatures inside the script code fail before segwit (policy).
    public static final int CONST_SCRIPTCODE = 1 << 16;

    /// BIP-0341 and BIP-0342.
    public static final int TAPROOT = 1 << 17;

    /// Unknown leaf versions fail (policy).
    public static final int DISCOURAGE_UPGRADABLE_TAPROOT_VERSION = 1 << 18;

    /// OP_SUCCESSx fails (policy).
    public static final int DISCOURAGE_OP_SUCCESS = 1 << 19;

    /// Unknown public key types in tapscript fail (policy).
    public static final int DISCOURAGE_UPGRADABLE_PUBKEYTYPE = 1 << 20;

    /// Every rule that blocks must keep today.
    public static final int MANDATORY =
            P2SH
                    | DERSIG
                    | NULLDUMMY
                    | CHECKLOCKTIMEVERIFY
                    | CHECKSEQUENCEVERIFY
                    | WITNESS
                    | TAPROOT;

    /// Every rule that transactions must keep for Bitcoin Core to relay them.
    public static final int STANDARD =
            MANDATORY
                    | STRICTENC
                    | MINIMALDATA
                    | DISCOURAGE_UPGRADABLE_NOPS
                    | CLEANSTACK
                    | MINIMALIF
                    | NULLFAIL
                    | LOW_S
                    | DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM
                    | WITNESS_PUBKEYTYPE
                    | CONST_SCRIPTCODE
                    | DISCOURAGE_UPGRADABLE_TAPROOT_VERSION
                    | DISCOURAGE_OP_SUCCESS
                    | DISCOURAGE_UPGRADABLE_PUBKEYTYPE;

    /// Tapscripts that hash more blocks of 64 bytes than their witness has bytes fail (policy, and ours
    /// alone: Bitcoin Core has no such rule and no name for it).
    ///
    /// *Rationale:* an element of 520 bytes can be hashed again and again at three bytes each, for half a
    /// second with a script of the largest size (CVE-2025-46598). What hashes nothing longer than 55 bytes
    /// keeps the rule whatever it does, and so does what hashes once what it brings.
    public static final int LIMITED_HASHING = 1 << 30;

    /// Every rule that transactions must keep for us to relay them.
    public static final int RELAYED = STANDARD | LIMITED_HASHING;

    private static final Map<String, Integer> BY_NAME = byName();

    private ScriptFlags() {}

    private static Map<String, Integer> byName() {
        String[] names = {
            "P2SH",
            "STRICTENC",
            "DERSIG",
            "LOW_S",
            "NULLDUMMY",
            "SIGPUSHONLY",
            "MINIMALDATA",
            "DISCOURAGE_UPGRADABLE_NOPS",
            "CLEANSTACK",
            "CHECKLOCKTIMEVERIFY",
            "CHECKSEQUENCEVERIFY",
            "WITNESS",
            "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM",
            "MINIMALIF",
            "NULLFAIL",
            "WITNESS_PUBKEYTYPE",
            "CONST_SCRIPTCODE",
            "TAPROOT",
            "DISCOURAGE_UPGRADABLE_TAPROOT_VERSION",
            "DISCOURAGE_OP_SUCCESS",
            "DISCOURAGE_UPGRADABLE_PUBKEYTYPE"
        };
        var map = new LinkedHashMap<String, Integer>();
        for (int bit = 0; bit < names.length; bit++) {
            map.put(names[bit], 1 << bit);
        }
        return map;
    }

    /// Reads names with commas between them; empty or `NONE` is no flag.
    ///
    /// @throws IllegalArgumentException if there is no such name
    public static int parse(String names) {
        int flags = 0;
        for (String name : names.split(",")) {
            String trimmed = name.strip();
            if (trimmed.isEmpty() || trimmed.equals("NONE")) {
                continue;
            }
            Integer flag = BY_NAME.get(trimmed);
            if (flag == null) {
                throw new IllegalArgumentException("no script flag " + trimmed);
            }
            flags |= flag;
        }
        return flags;
    }

    /// The names with commas between them.
    public static String toText(int flags) {
        var names = new StringJoiner(",");
        BY_NAME.forEach(
                (name, bit) -> {
                    if ((flags & bit) != 0) {
                        names.add(name);
                    }
                });
        return flags == 0 ? "NONE" : names.toString();
    }
}
