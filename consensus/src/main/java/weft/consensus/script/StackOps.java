package weft.consensus.script;

import java.util.Arrays;

/// Operations that move elements.
final class StackOps {
    private StackOps() {}

    /// Runs an operation from OP_2DROP to OP_TUCK, OP_SIZE, OP_EQUAL or OP_EQUALVERIFY.
    static void run(int opcode, ScriptStack stack, boolean minimal) {
        switch (opcode) {
            case Opcode.OP_2DROP -> stack.drop(2);
            case Opcode.OP_2DUP -> copy(stack, 2, 2);
            case Opcode.OP_3DUP -> copy(stack, 3, 3);
            case Opcode.OP_2OVER -> copy(stack, 4, 2);
            case Opcode.OP_2ROT -> move(stack, 6, 2);
            case Opcode.OP_2SWAP -> move(stack, 4, 2);
            case Opcode.OP_IFDUP -> {
                if (ScriptStack.isTrue(stack.top(1))) {
                    copy(stack, 1, 1);
                }
            }
            case Opcode.OP_DEPTH -> stack.push((long) stack.size());
            case Opcode.OP_DROP -> stack.drop(1);
            case Opcode.OP_DUP -> copy(stack, 1, 1);
            case Opcode.OP_NIP -> stack.remove(2);
            case Opcode.OP_OVER -> copy(stack, 2, 1);
            case Opcode.OP_PICK, Opcode.OP_ROLL -> pickOrRoll(opcode, stack, minimal);
            case Opcode.OP_ROT -> move(stack, 3, 1);
            case Opcode.OP_SWAP -> move(stack, 2, 1);
            case Opcode.OP_TUCK -> {
                stack.require(2);
                stack.insert(2, stack.top(1));
            }
            case Opcode.OP_SIZE -> stack.push((long) stack.top(1).length);
            case Opcode.OP_EQUAL -> {
                stack.require(2);
                stack.push(Arrays.equals(stack.pop(), stack.pop()));
            }
            case Opcode.OP_EQUALVERIFY -> {
                stack.require(2);
                if (!Arrays.equals(stack.pop(), stack.pop())) {
                    throw new ScriptAbort(ScriptError.EQUALVERIFY);
                }
            }
            default -> throw new ScriptAbort(ScriptError.BAD_OPCODE);
        }
    }

    /// Copies `count` elements, the lowest of which is at `depth`, to the top.
    private static void copy(ScriptStack stack, int depth, int count) {
        stack.require(depth);
        for (int i = 0; i < count; i++) {
            stack.push(stack.top(depth));
        }
    }

    /// Moves `count` elements, the lowest of which is at `depth`, to the top.
    private static void move(ScriptStack stack, int depth, int count) {
        stack.require(depth);
        for (int i = 0; i < count; i++) {
            stack.push(stack.remove(depth));
        }
    }

    private static void pickOrRoll(int opcode, ScriptStack stack, boolean minimal) {
        stack.require(2);
        long depth = ScriptNum.read(stack.top(1), minimal, ScriptNum.BYTES_MAX);
        stack.drop(1);
        if (depth < 0 || depth >= stack.size()) {
            throw new ScriptAbort(ScriptError.INVALID_STACK_OPERATION);
        }
        int from = (int) depth + 1;
        stack.push(opcode == Opcode.OP_ROLL ? stack.remove(from) : stack.top(from));
    }
}
