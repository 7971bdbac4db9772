package weft.consensus.script;

/// Arithmetic: numbers of at most four bytes go in, what comes out may be longer.
final class NumberOps {
    private NumberOps() {}

    /// Runs an operation from OP_1ADD to OP_WITHIN.
    static void run(int opcode, ScriptStack stack, boolean minimal) {
        if (opcode <= Opcode.OP_0NOTEQUAL) {
            long a = read(stack, 1, minimal);
            stack.drop(1);
            stack.push(unary(opcode, a));
        } else if (opcode == Opcode.OP_WITHIN) {
            stack.require(3);
            long x = read(stack, 3, minimal);
            long min = read(stack, 2, minimal);
            long max = read(stack, 1, minimal);
            stack.drop(3);
            stack.push(min <= x && x < max);
        } else {
            stack.require(2);
            long a = read(stack, 2, minimal);
            long b = read(stack, 1, minimal);
            stack.drop(2);
            long result = binary(opcode, a, b);
            if (opcode != Opcode.OP_NUMEQUALVERIFY) {
                stack.push(result);
            } else if (result == 0) {
                throw new ScriptAbort(ScriptError.NUMEQUALVERIFY);
            }
        }
    }

    private static long read(ScriptStack stack, int depth, boolean minimal) {
        return ScriptNum.read(stack.top(depth), minimal, ScriptNum.BYTES_MAX);
    }

    private static long unary(int opcode, long a) {
        return switch (opcode) {
            case Opcode.OP_1ADD -> a + 1;
            case Opcode.OP_1SUB -> a - 1;
            case Opcode.OP_NEGATE -> -a;
            case Opcode.OP_ABS -> Math.abs(a);
            case Opcode.OP_NOT -> truth(a == 0);
            case Opcode.OP_0NOTEQUAL -> truth(a != 0);
            default -> throw new ScriptAbort(ScriptError.BAD_OPCODE);
        };
    }

    private static long binary(int opcode, long a, long b) {
        return switch (opcode) {
            case Opcode.OP_ADD -> a + b;
            case Opcode.OP_SUB -> a - b;
            case Opcode.OP_BOOLAND -> truth(a != 0 && b != 0);
            case Opcode.OP_BOOLOR -> truth(a != 0 || b != 0);
            case Opcode.OP_NUMEQUAL, Opcode.OP_NUMEQUALVERIFY -> truth(a == b);
            case Opcode.OP_NUMNOTEQUAL -> truth(a != b);
            case Opcode.OP_LESSTHAN -> truth(a < b);
            case Opcode.OP_GREATERTHAN -> truth(a > b);
            case Opcode.OP_LESSTHANOREQUAL -> truth(a <= b);
            case Opcode.OP_GREATERTHANOREQUAL -> truth(a >= b);
            case Opcode.OP_MIN -> Math.min(a, b);
            case Opcode.OP_MAX -> Math.max(a, b);
            default -> throw new ScriptAbort(ScriptError.BAD_OPCODE);
        };
    }

    private static long truth(boolean value) {
        return value ? 1 : 0;
    }
}
