package weft.chain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs scripts one after the other on the calling thread. Safe for use by any number of threads.
public final class InlineScriptVerifier implements ScriptVerifier {
    private final ScriptCaches caches;

    /// A verifier that remembers nothing.
    public InlineScriptVerifier() {
        this(ScriptCaches.NONE);
    }

    /// A verifier that asks caches first.
    public InlineScriptVerifier(ScriptCaches caches) {
        this.caches = caches;
    }

    @Override
    public @Nullable Failure verify(List<ScriptCheck> checks) {
        return ScriptWork.of(checks, caches, false).runAll();
    }

    @Override
    public @Nullable Failure verifyAndRemember(List<ScriptCheck> checks) {
        return ScriptWork.of(checks, caches, true).runAll();
    }
}
