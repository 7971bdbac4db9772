package weft.crypto.internal;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1Unavailable;

/// The one context of the process, and the calls of C functions with it.
///
/// The library tells of misuse by a callback; its own callback ends the process, so ours replaces it before
/// anything else happens. Ours must not throw (that would end the process too): it keeps the text, and the
/// call that was misused throws when it is back in Java. After the blinding nothing changes the context, so
/// all threads share it.
final class NativeContext {
    static final AddressLayout POINTER = ValueLayout.ADDRESS;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;

    private static final int CONTEXT_NONE = 1;
    private static final int TEXT_BYTES_MAX = 256;
    private static final String MISUSE = "libsecp256k1 was misused";

    private final NativeLibrary library;
    private final MemorySegment pointer;
    private volatile @Nullable String misuse;

    NativeContext(NativeLibrary library, byte[] seed) {
        this.library = library;
        var createType = FunctionDescriptor.of(POINTER, INT);
        MethodHandle create = library.function("secp256k1_context_create", createType);
        try {
            pointer = (MemorySegment) create.invokeExact(CONTEXT_NONE);
        } catch (Throwable e) {
            throw broken(e);
        }
        if (pointer.equals(MemorySegment.NULL)) {
            throw new Secp256k1Unavailable(library.origin() + " gives no context", null);
        }
        installCallbacks();
        MethodHandle randomize = function("secp256k1_context_randomize", POINTER);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment native32 = arena.allocateFrom(ValueLayout.JAVA_BYTE, seed);
            int ok = (int) randomize.invokeExact(pointer, native32);
            native32.fill((byte) 0);
            require(checked(ok));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @SuppressWarnings("restricted") // the library calls back
    private void installCallbacks() {
        var text = MemoryLayout.sequenceLayout(TEXT_BYTES_MAX, ValueLayout.JAVA_BYTE);
        var textPointer = POINTER.withTargetLayout(text);
        var type = MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class);
        try {
            MethodHandle target = MethodHandles.lookup().bind(this, "onMisuse", type);
            MemorySegment stub =
                    Linker.nativeLinker()
                            .upcallStub(
                                    target,
                                    FunctionDescriptor.ofVoid(textPointer, POINTER),
                                    Arena.global());
            for (String which : new String[] {"illegal", "error"}) {
                MethodHandle set =
                        library.function(
                                "secp256k1_context_set_" + which + "_callback",
                                FunctionDescriptor.ofVoid(POINTER, POINTER, POINTER));
                set.invokeExact(pointer, stub, MemorySegment.NULL);
            }
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// Called by the library; what it threw would end the process.
    void onMisuse(MemorySegment text, MemorySegment ignored) {
        misuse = MISUSE;
        try {
            misuse = textAt(text);
        } catch (Throwable _) {
            // That it was misused is known, and that is enough.
        }
    }

    private static String textAt(MemorySegment text) {
        byte[] bytes = new byte[TEXT_BYTES_MAX];
        int length = 0;
        while (length < TEXT_BYTES_MAX && text.get(ValueLayout.JAVA_BYTE, length) != 0) {
            bytes[length] = text.get(ValueLayout.JAVA_BYTE, length);
            length++;
        }
        return new String(bytes, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /// The handle of a function that takes the context and these, and returns an int.
    MethodHandle function(String name, MemoryLayout... arguments) {
        var all = new MemoryLayout[arguments.length + 1];
        all[0] = POINTER;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return library.function(name, FunctionDescriptor.of(INT, all));
    }

    /// The context, for calls with other types than those below.
    MemorySegment pointer() {
        return pointer;
    }

    boolean call(MethodHandle function, MemorySegment a) {
        try {
            return checked((int) function.invokeExact(pointer, a));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    boolean call(MethodHandle function, MemorySegment a, MemorySegment b) {
        try {
            return checked((int) function.invokeExact(pointer, a, b));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    boolean call(MethodHandle function, MemorySegment a, MemorySegment b, MemorySegment c) {
        try {
            return checked((int) function.invokeExact(pointer, a, b, c));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    boolean call(
            MethodHandle function,
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            MemorySegment d) {
        try {
            return checked((int) function.invokeExact(pointer, a, b, c, d));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// A call with a length or flag as the last argument but one or last.
    boolean callSized(MethodHandle function, MemorySegment a, MemorySegment b, long size) {
        try {
            return checked((int) function.invokeExact(pointer, a, b, size));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// The verdict of a function's return value.
    ///
    /// @throws IllegalStateException if the library called back
    boolean checked(int returned) {
        String text = misuse;
        if (text != null) {
            throw new IllegalStateException("libsecp256k1 refuses its arguments: " + text);
        }
        return returned == 1;
    }

    /// Throws unless a call that cannot fail for checked arguments succeeded.
    static void require(boolean succeeded) {
        if (!succeeded) {
            throw new IllegalStateException("libsecp256k1 fails where it cannot");
        }
    }

    /// What to throw for a throwable out of a native call.
    static RuntimeException broken(Throwable e) {
        if (e instanceof RuntimeException already) {
            return already;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("native call failed", e);
    }
}
