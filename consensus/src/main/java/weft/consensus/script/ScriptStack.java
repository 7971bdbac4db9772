package weft.consensus.script;

import java.util.Arrays;

/// The elements that a script works on. Elements are shared, never changed. The script ends where one is
/// missing.
final class ScriptStack {
    private static final byte[] FALSE = {};
    private static final byte[] TRUE = {1};
    private static final byte[][] NO_ELEMENTS = {};
    private static final int FIRST_ROOM = 16;
    private static final int SMALLEST_KEPT = -1;
    private static final byte[][] SMALL_NUMBERS = new byte[18][];

    static {
        for (int i = 0; i < SMALL_NUMBERS.length; i++) {
            SMALL_NUMBERS[i] = ScriptNum.encode((long) i + SMALLEST_KEPT);
        }
    }

    private byte[][] elements;
    private int size;

    ScriptStack() {
        this(NO_ELEMENTS, 0);
    }

    private ScriptStack(byte[][] elements, int size) {
        this.elements = elements;
        this.size = size;
    }

    ScriptStack copy() {
        return new ScriptStack(elements.clone(), size);
    }

    int size() {
        return size;
    }

    void push(byte[] element) {
        if (size == elements.length) {
            elements = Arrays.copyOf(elements, Math.max(FIRST_ROOM, 2 * size));
        }
        elements[size++] = element;
    }

    void push(boolean value) {
        push(value ? TRUE : FALSE);
    }

    void push(long value) {
        long small = value - SMALLEST_KEPT;
        push(
                small >= 0 && small < SMALL_NUMBERS.length
                        ? SMALL_NUMBERS[(int) small]
                        : ScriptNum.encode(value));
    }

    /// Ends the script unless there are so many elements.
    void require(int count) {
        if (size < count) {
            throw new ScriptAbort(ScriptError.INVALID_STACK_OPERATION);
        }
    }

    /// The element at a depth: 1 is the top.
    byte[] top(int depth) {
        require(depth);
        return elements[size - depth];
    }

    byte[] pop() {
        require(1);
        return elements[--size];
    }

    void drop(int count) {
        require(count);
        size -= count;
    }

    /// Takes an element out of the middle.
    byte[] remove(int depth) {
        byte[] element = top(depth);
        int at = size - depth;
        System.arraycopy(elements, at + 1, elements, at, depth - 1);
        size--;
        return element;
    }

    /// Puts an element under so many others.
    void insert(int depth, byte[] element) {
        require(depth);
        push(element);
        int at = size - 1 - depth;
        System.arraycopy(elements, at, elements, at + 1, depth);
        elements[at] = element;
    }

    /// Anything but zero, whatever its length and sign, is true.
    static boolean isTrue(byte[] element) {
        for (int i = 0; i < element.length; i++) {
            if (element[i] != 0) {
                return i < element.length - 1 || element[i] != (byte) 0x80;
            }
        }
        return false;
    }
}
