package weft.wallet.miniscript;

import static weft.consensus.script.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.consensus.script.ScriptNum;
import weft.consensus.script.ScriptReader;
import weft.primitives.Bytes;

/// The operations of a script from its end to its begin, with operations that verify split in two. Read from
/// the end because there stands what an expression is. Not safe for use by two threads.
final class ScriptItems {
    private static final Bytes NOTHING = Bytes.EMPTY;

    private final List<Item> items;
    private int at;

    private ScriptItems(List<Item> items) {
        this.items = items;
    }

    /// An operation.
    ///
    /// @param data what it pushes; numbers from 1 to 16 too
    record Item(int opcode, Bytes data) {}

    /// Takes a script apart.
    ///
    /// @return empty if a push is cut off or not the shortest, or something is verified in two operations
    ///     where one would do
    static Optional<ScriptItems> of(Bytes script) {
        var items = new ArrayList<Item>();
        ScriptReader reader = ScriptReader.of(script);
        while (reader.next()) {
            int opcode = reader.opcode();
            int plain = withoutVerify(opcode);
            if (opcode >= OP_1 && opcode <= OP_16) {
                byte number = (byte) (opcode - OP_1 + 1);
                items.add(new Item(opcode, Bytes.wrap(new byte[] {number})));
            } else if (plain != opcode) {
                items.add(new Item(plain, NOTHING));
                items.add(new Item(OP_VERIFY, NOTHING));
            } else if (opcode <= OP_PUSHDATA4 && opcode > OP_0) {
                if (!isShortest(opcode, reader.push())) {
                    return Optional.empty();
                }
                items.add(new Item(opcode, reader.push()));
            } else {
                boolean verified = opcode == OP_VERIFY && !items.isEmpty();
                if (verified && hasVerifyForm(items.getLast())) {
                    return Optional.empty();
                }
                items.add(new Item(opcode, NOTHING));
            }
        }
        return reader.isWellFormedEnd()
                ? Optional.of(new ScriptItems(items.reversed()))
                : Optional.empty();
    }

    private static int withoutVerify(int opcode) {
        return switch (opcode) {
            case OP_CHECKSIGVERIFY -> OP_CHECKSIG;
            case OP_CHECKMULTISIGVERIFY -> OP_CHECKMULTISIG;
            case OP_EQUALVERIFY -> OP_EQUAL;
            case OP_NUMEQUALVERIFY -> OP_NUMEQUAL;
            default -> opcode;
        };
    }

    private static boolean hasVerifyForm(Item item) {
        return switch (item.opcode) {
            case OP_CHECKSIG, OP_CHECKMULTISIG, OP_EQUAL, OP_NUMEQUAL -> true;
            default -> false;
        };
    }

    private static boolean isShortest(int opcode, Bytes data) {
        int length = data.length();
        int only = length == 1 ? data.at(0) : -1;
        if (length == 0 || (only >= 1 && only <= 16) || only == 0x81) {
            return false;
        }
        if (length < OP_PUSHDATA1) {
            return opcode == length;
        }
        return opcode
                == (length <= 0xff ? OP_PUSHDATA1 : length <= 0xffff ? OP_PUSHDATA2 : OP_PUSHDATA4);
    }

    boolean isAtEnd() {
        return at == items.size();
    }

    /// Operations left.
    int left() {
        return items.size() - at;
    }

    /// Whether the next operations are these.
    boolean is(int ahead, int opcode) {
        return at + ahead < items.size() && items.get(at + ahead).opcode == opcode;
    }

    /// What an operation pushes; empty if it is none or pushes nothing.
    Bytes data(int ahead) {
        return at + ahead < items.size() ? items.get(at + ahead).data : NOTHING;
    }

    /// The number that an operation pushes; −1 if it is none.
    long number(int ahead) {
        if (is(ahead, OP_0)) {
            return 0;
        }
        byte[] bytes = data(ahead).toByteArray();
        boolean fits = bytes.length > 0 && bytes.length <= 4 && ScriptNum.isMinimal(bytes);
        return fits ? ScriptNum.decode(bytes) : -1;
    }

    void skip(int count) {
        at += count;
    }

    /// Steps over the next operation if it is this one.
    boolean take(int opcode) {
        boolean fits = is(0, opcode);
        at += fits ? 1 : 0;
        return fits;
    }
}
