package weft.wallet.descriptor;

/// A part of a text that is read from its front. Not safe for use by two threads.
final class Cursor {
    private final String text;
    private int from;
    private int to;

    Cursor(String text) {
        this(text, 0, text.length());
    }

    private Cursor(String text, int from, int to) {
        this.text = text;
        this.from = from;
        this.to = to;
    }

    boolean isEmpty() {
        return from == to;
    }

    /// The next character; there must be one.
    char first() {
        return text.charAt(from);
    }

    /// All that is left.
    String rest() {
        return text.substring(from, to);
    }

    /// Steps over a text if it is what comes next.
    boolean take(String what) {
        boolean fits = to - from >= what.length() && text.startsWith(what, from);
        from += fits ? what.length() : 0;
        return fits;
    }

    /// If all of this is a call of a function, narrows to what is in its brackets.
    boolean enter(String function) {
        int length = to - from;
        boolean fits =
                length >= function.length() + 2
                        && text.startsWith(function + "(", from)
                        && text.charAt(to - 1) == ')';
        if (fits) {
            from += function.length() + 1;
            to--;
        }
        return fits;
    }

    /// Takes one expression: all up to a comma or a closing bracket that is not inside brackets.
    Cursor expression() {
        int level = 0;
        int at = from;
        for (; at < to; at++) {
            char c = text.charAt(at);
            if (c == '(' || c == '{') {
                level++;
            } else if (level > 0 && (c == ')' || c == '}')) {
                level--;
            } else if (level == 0 && (c == ')' || c == '}' || c == ',')) {
                break;
            }
        }
        var found = new Cursor(text, from, at);
        from = at;
        return found;
    }
}
