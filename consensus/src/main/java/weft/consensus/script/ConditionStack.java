package weft.consensus.script;

/// The branches that a script is inside of. Only their number and the first one that does not run are kept,
/// so deep nesting costs nothing.
final class ConditionStack {
    private static final int NONE = -1;

    private int size;
    private int firstFalse = NONE;

    boolean isEmpty() {
        return size == 0;
    }

    boolean allTrue() {
        return firstFalse == NONE;
    }

    void push(boolean value) {
        if (firstFalse == NONE && !value) {
            firstFalse = size;
        }
        size++;
    }

    void pop() {
        size--;
        if (firstFalse == size) {
            firstFalse = NONE;
        }
    }

    /// Turns the innermost branch.
    void toggle() {
        if (firstFalse == NONE) {
            firstFalse = size - 1;
        } else if (firstFalse == size - 1) {
            firstFalse = NONE;
        }
    }
}
