package weft.consensus.script;

/// Ends a running script. Never leaves [Interpreter].
final class ScriptAbort extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ScriptError error;

    ScriptAbort(ScriptError error) {
        super(null, null, false, false);
        this.error = error;
    }

    ScriptError error() {
        return error;
    }
}
