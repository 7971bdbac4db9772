package weft.crypto.internal;

import java.lang.foreign.MemorySegment;

/// Calls through method handles, whose checked `Throwable` is none of the callers' business.
final class Native {
    private Native() {}

    /// A call that returns an int.
    @FunctionalInterface
    interface IntCall {
        int invoke() throws Throwable;
    }

    /// A call that returns a pointer.
    @FunctionalInterface
    interface PointerCall {
        MemorySegment invoke() throws Throwable;
    }

    /// A call that returns nothing.
    @FunctionalInterface
    interface VoidCall {
        void invoke() throws Throwable;
    }

    static int integer(IntCall call) {
        try {
            return call.invoke();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static MemorySegment pointer(PointerCall call) {
        try {
            return call.invoke();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void run(VoidCall call) {
        try {
            call.invoke();
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static AssertionError failed(Throwable cause) {
        return new AssertionError("a native call failed", cause);
    }
}
