package weft.consensus.script;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The operations of scripts: one byte each. 0x01 to 0x4b push as many bytes as they say.
public final class Opcode {
    /// Pushes nothing: the empty byte string.
    public static final int OP_0 = 0x00;

    /// Pushes as many bytes as the next byte says.
    public static final int OP_PUSHDATA1 = 0x4c;

    /// Pushes as many bytes as the next two say.
    public static final int OP_PUSHDATA2 = 0x4d;

    /// Pushes as many bytes as the next four say.
    public static final int OP_PUSHDATA4 = 0x4e;

    /// Pushes −1.
    public static final int OP_1NEGATE = 0x4f;

    /// Fails where it is run; a push to the rule of push-only scripts.
    public static final int OP_RESERVED = 0x50;

    /// Pushes 1.
    public static final int OP_1 = 0x51;

    /// Pushes 2.
    public static final int OP_2 = 0x52;

    /// Pushes 3.
    public static final int OP_3 = 0x53;

    /// Pushes 4.
    public static final int OP_4 = 0x54;

    /// Pushes 5.
    public static final int OP_5 = 0x55;

    /// Pushes 6.
    public static final int OP_6 = 0x56;

    /// Pushes 7.
    public static final int OP_7 = 0x57;

    /// Pushes 8.
    public static final int OP_8 = 0x58;

    /// Pushes 9.
    public static final int OP_9 = 0x59;

    /// Pushes 10.
    public static final int OP_10 = 0x5a;

    /// Pushes 11.
    public static final int OP_11 = 0x5b;

    /// Pushes 12.
    public static final int OP_12 = 0x5c;

    /// Pushes 13.
    public static final int OP_13 = 0x5d;

    /// Pushes 14.
    public static final int OP_14 = 0x5e;

    /// Pushes 15.
    public static final int OP_15 = 0x5f;

    /// Pushes 16.
    public static final int OP_16 = 0x60;

    /// Does nothing.
    public static final int OP_NOP = 0x61;

    /// Reserved: fails where it is run.
    public static final int OP_VER = 0x62;

    /// Begins a branch that runs if the top is true.
    public static final int OP_IF = 0x63;

    /// Begins a branch that runs if the top is false.
    public static final int OP_NOTIF = 0x64;

    /// Reserved: fails even where it is not run.
    public static final int OP_VERIF = 0x65;

    /// Reserved: fails even where it is not run.
    public static final int OP_VERNOTIF = 0x66;

    /// Turns to the other branch.
    public static final int OP_ELSE = 0x67;

    /// Ends a branch.
    public static final int OP_ENDIF = 0x68;

    /// Fails unless the top is true.
    public static final int OP_VERIFY = 0x69;

    /// Fails.
    public static final int OP_RETURN = 0x6a;

    /// Moves the top to the other stack.
    public static final int OP_TOALTSTACK = 0x6b;

    /// Moves the other stack's top back.
    public static final int OP_FROMALTSTACK = 0x6c;

    /// Rearranges the top of the stack.
    public static final int OP_2DROP = 0x6d;

    /// Rearranges the top of the stack.
    public static final int OP_2DUP = 0x6e;

    /// Rearranges the top of the stack.
    public static final int OP_3DUP = 0x6f;

    /// Rearranges the top of the stack.
    public static final int OP_2OVER = 0x70;

    /// Rearranges the top of the stack.
    public static final int OP_2ROT = 0x71;

    /// Rearranges the top of the stack.
    public static final int OP_2SWAP = 0x72;

    /// Copies the top if it is true.
    public static final int OP_IFDUP = 0x73;

    /// Pushes the height of the stack.
    public static final int OP_DEPTH = 0x74;

    /// Rearranges the top of the stack.
    public static final int OP_DROP = 0x75;

    /// Rearranges the top of the stack.
    public static final int OP_DUP = 0x76;

    /// Rearranges the top of the stack.
    public static final int OP_NIP = 0x77;

    /// Rearranges the top of the stack.
    public static final int OP_OVER = 0x78;

    /// Copies the n-th element to the top.
    public static final int OP_PICK = 0x79;

    /// Moves the n-th element to the top.
    public static final int OP_ROLL = 0x7a;

    /// Rearranges the top of the stack.
    public static final int OP_ROT = 0x7b;

    /// Rearranges the top of the stack.
    public static final int OP_SWAP = 0x7c;

    /// Rearranges the top of the stack.
    public static final int OP_TUCK = 0x7d;

    /// Disabled: fails even where it is not run.
    public static final int OP_CAT = 0x7e;

    /// Disabled: fails even where it is not run.
    public static final int OP_SUBSTR = 0x7f;

    /// Disabled: fails even where it is not run.
    public static final int OP_LEFT = 0x80;

    /// Disabled: fails even where it is not run.
    public static final int OP_RIGHT = 0x81;

    /// Pushes the length of the top.
    public static final int OP_SIZE = 0x82;

    /// Disabled: fails even where it is not run.
    public static final int OP_INVERT = 0x83;

    /// Disabled: fails even where it is not run.
    public static final int OP_AND = 0x84;

    /// Disabled: fails even where it is not run.
    public static final int OP_OR = 0x85;

    /// Disabled: fails even where it is not run.
    public static final int OP_XOR = 0x86;

    /// Whether two elements have the same bytes.
    public static final int OP_EQUAL = 0x87;

    /// Fails unless two elements have the same bytes.
    public static final int OP_EQUALVERIFY = 0x88;

    /// Reserved: fails where it is run.
    public static final int OP_RESERVED1 = 0x89;

    /// Reserved: fails where it is run.
    public static final int OP_RESERVED2 = 0x8a;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_1ADD = 0x8b;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_1SUB = 0x8c;

    /// Disabled: fails even where it is not run.
    public static final int OP_2MUL = 0x8d;

    /// Disabled: fails even where it is not run.
    public static final int OP_2DIV = 0x8e;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_NEGATE = 0x8f;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_ABS = 0x90;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_NOT = 0x91;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_0NOTEQUAL = 0x92;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_ADD = 0x93;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_SUB = 0x94;

    /// Disabled: fails even where it is not run.
    public static final int OP_MUL = 0x95;

    /// Disabled: fails even where it is not run.
    public static final int OP_DIV = 0x96;

    /// Disabled: fails even where it is not run.
    public static final int OP_MOD = 0x97;

    /// Disabled: fails even where it is not run.
    public static final int OP_LSHIFT = 0x98;

    /// Disabled: fails even where it is not run.
    public static final int OP_RSHIFT = 0x99;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_BOOLAND = 0x9a;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_BOOLOR = 0x9b;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_NUMEQUAL = 0x9c;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_NUMEQUALVERIFY = 0x9d;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_NUMNOTEQUAL = 0x9e;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_LESSTHAN = 0x9f;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_GREATERTHAN = 0xa0;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_LESSTHANOREQUAL = 0xa1;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_GREATERTHANOREQUAL = 0xa2;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_MIN = 0xa3;

    /// Arithmetic on numbers of at most four bytes.
    public static final int OP_MAX = 0xa4;

    /// Whether a number is in a range, upper end out.
    public static final int OP_WITHIN = 0xa5;

    /// Replaces the top by its hash.
    public static final int OP_RIPEMD160 = 0xa6;

    /// Replaces the top by its hash.
    public static final int OP_SHA1 = 0xa7;

    /// Replaces the top by its hash.
    public static final int OP_SHA256 = 0xa8;

    /// Replaces the top by its hash.
    public static final int OP_HASH160 = 0xa9;

    /// Replaces the top by its hash.
    public static final int OP_HASH256 = 0xaa;

    /// Signatures cover the script from here on.
    public static final int OP_CODESEPARATOR = 0xab;

    /// Whether a signature is right.
    public static final int OP_CHECKSIG = 0xac;

    /// Fails unless a signature is right.
    public static final int OP_CHECKSIGVERIFY = 0xad;

    /// Whether m of n signatures are right.
    public static final int OP_CHECKMULTISIG = 0xae;

    /// Fails unless m of n signatures are right.
    public static final int OP_CHECKMULTISIGVERIFY = 0xaf;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP1 = 0xb0;

    /// Fails before an absolute lock time. See BIP-0065.
    public static final int OP_CHECKLOCKTIMEVERIFY = 0xb1;

    /// Fails before a relative lock time. See BIP-0112.
    public static final int OP_CHECKSEQUENCEVERIFY = 0xb2;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP4 = 0xb3;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP5 = 0xb4;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP6 = 0xb5;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP7 = 0xb6;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP8 = 0xb7;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP9 = 0xb8;

    /// Does nothing; kept for upgrades.
    public static final int OP_NOP10 = 0xb9;

    /// Adds 1 to a number if a signature is right, in tapscript only. See BIP-0342.
    public static final int OP_CHECKSIGADD = 0xba;

    /// Names from OP_NOP to OP_CHECKSIGADD, without `OP_`.
    private static final String NAMES =
            "NOP VER IF NOTIF VERIF VERNOTIF ELSE ENDIF VERIFY RETURN "
                    + "TOALTSTACK FROMALTSTACK 2DROP 2DUP 3DUP 2OVER 2ROT 2SWAP "
                    + "IFDUP DEPTH DROP DUP NIP OVER PICK ROLL ROT SWAP TUCK CAT "
                    + "SUBSTR LEFT RIGHT SIZE INVERT AND OR XOR EQUAL EQUALVERIFY "
                    + "RESERVED1 RESERVED2 1ADD 1SUB 2MUL 2DIV NEGATE ABS NOT "
                    + "0NOTEQUAL ADD SUB MUL DIV MOD LSHIFT RSHIFT BOOLAND BOOLOR "
                    + "NUMEQUAL NUMEQUALVERIFY NUMNOTEQUAL LESSTHAN GREATERTHAN "
                    + "LESSTHANOREQUAL GREATERTHANOREQUAL MIN MAX WITHIN RIPEMD160 "
                    + "SHA1 SHA256 HASH160 HASH256 CODESEPARATOR CHECKSIG "
                    + "CHECKSIGVERIFY CHECKMULTISIG CHECKMULTISIGVERIFY NOP1 "
                    + "CHECKLOCKTIMEVERIFY CHECKSEQUENCEVERIFY NOP4 NOP5 NOP6 NOP7 "
                    + "NOP8 NOP9 NOP10 CHECKSIGADD";

    private static final List<String> FROM_NOP = List.of(NAMES.split(" "));

    private static final Map<String, Integer> BY_NAME = byName();

    private Opcode() {}

    private static Map<String, Integer> byName() {
        var map = new HashMap<String, Integer>();
        for (int opcode = OP_NOP; opcode <= OP_CHECKSIGADD; opcode++) {
            map.put(FROM_NOP.get(opcode - OP_NOP), opcode);
        }
        map.put("RESERVED", OP_RESERVED);
        map.put("NOP2", OP_CHECKLOCKTIMEVERIFY);
        map.put("NOP3", OP_CHECKSEQUENCEVERIFY);
        return map;
    }

    /// The name as Bitcoin Core prints it: `OP_DUP`, but `0`, `-1` and `16` for those that push numbers.
    ///
    /// @param opcode 0 to 255
    public static String name(int opcode) {
        if (opcode >= OP_NOP && opcode <= OP_CHECKSIGADD) {
            return "OP_" + FROM_NOP.get(opcode - OP_NOP);
        }
        if (opcode >= OP_1 && opcode <= OP_16) {
            return Integer.toString(opcode - OP_RESERVED);
        }
        return switch (opcode) {
            case OP_0 -> "0";
            case OP_PUSHDATA1 -> "OP_PUSHDATA1";
            case OP_PUSHDATA2 -> "OP_PUSHDATA2";
            case OP_PUSHDATA4 -> "OP_PUSHDATA4";
            case OP_1NEGATE -> "-1";
            case OP_RESERVED -> "OP_RESERVED";
            case 0xff -> "OP_INVALIDOPCODE";
            default -> "OP_UNKNOWN";
        };
    }

    /// The operation of a name, with or without `OP_`; null if there is none. Pushes have no names.
    public static @Nullable Integer parse(String name) {
        return BY_NAME.get(name.startsWith("OP_") ? name.substring("OP_".length()) : name);
    }

    /// Whether an operation ends a tapscript with success, for upgrades to come. See BIP-0342.
    public static boolean isSuccess(int opcode) {
        return opcode == 80
                || opcode == 98
                || (opcode >= 126 && opcode <= 129)
                || (opcode >= 131 && opcode <= 134)
                || (opcode >= 137 && opcode <= 138)
                || (opcode >= 141 && opcode <= 142)
                || (opcode >= 149 && opcode <= 153)
                || (opcode >= 187 && opcode <= 254);
    }

    /// Whether an operation was switched off in 2010 (CVE-2010-5137).
    public static boolean isDisabled(int opcode) {
        return switch (opcode) {
            case OP_CAT,
                    OP_SUBSTR,
                    OP_LEFT,
                    OP_RIGHT,
                    OP_INVERT,
                    OP_AND,
                    OP_OR,
                    OP_XOR,
                    OP_2MUL,
                    OP_2DIV,
                    OP_MUL,
                    OP_DIV,
                    OP_MOD,
                    OP_LSHIFT,
                    OP_RSHIFT ->
                    true;
            default -> false;
        };
    }
}
