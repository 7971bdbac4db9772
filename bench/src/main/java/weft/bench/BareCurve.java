package weft.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import weft.crypto.Secp256k1;

/// The functions of libsecp256k1 that verify, with everything parsed and in native memory before: what a
/// check costs without weft.
final class BareCurve {
    private static final String LIBRARY =
            "fr/acinq/secp256k1/jni/native/linux-"
                    + (System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64")
                    + "/libsecp256k1-jni.so";
    private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
    private static final int OPAQUE_BYTES = 64;

    private final SymbolLookup symbols = load();
    private final Arena arena = Arena.global();
    private final MemorySegment context;
    private final MethodHandle ecdsaVerify = bind("ecdsa_verify", POINTER, POINTER, POINTER);
    private final MethodHandle schnorrVerify =
            bind("schnorrsig_verify", POINTER, POINTER, SIZE, POINTER);
    private final MethodHandle schnorrVerifyOnHeap =
            onHeap("schnorrsig_verify", POINTER, POINTER, SIZE, POINTER);
    private final MethodHandle parseOnHeap = onHeap("xonly_pubkey_parse", POINTER, POINTER);
    private final MemorySegment message;
    private final MemorySegment key = arena.allocate(OPAQUE_BYTES);
    private final MemorySegment xOnly = arena.allocate(OPAQUE_BYTES);
    private final MemorySegment ecdsa = arena.allocate(OPAQUE_BYTES);
    private final MemorySegment schnorr;

    /// Parses what is verified.
    ///
    /// @param compact ECDSA signature of 64 bytes
    BareCurve(byte[] digest, byte[] publicKey, byte[] compact, byte[] schnorrSignature) {
        message = copy(digest);
        schnorr = copy(schnorrSignature);
        byte[] x = java.util.Arrays.copyOfRange(publicKey, 1, 1 + Secp256k1.X_ONLY_BYTES);
        try {
            MethodHandle create =
                    handle(
                            "context_create",
                            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            context = (MemorySegment) create.invokeExact(1);
            MethodHandle parseKey = bind("ec_pubkey_parse", POINTER, POINTER, SIZE);
            MethodHandle parseX = bind("xonly_pubkey_parse", POINTER, POINTER);
            MethodHandle parseSignature = bind("ecdsa_signature_parse_compact", POINTER, POINTER);
            long size = publicKey.length;
            good((int) parseKey.invokeExact(context, key, copy(publicKey), size));
            good((int) parseX.invokeExact(context, xOnly, copy(x)));
            good((int) parseSignature.invokeExact(context, ecdsa, copy(compact)));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("restricted") // the call that is measured
    private static SymbolLookup load() {
        ClassLoader loader = Secp256k1.class.getClassLoader();
        try (InputStream in = loader == null ? null : loader.getResourceAsStream(LIBRARY)) {
            if (in == null) {
                throw new IllegalStateException("no " + LIBRARY);
            }
            Path file = Files.createTempFile("weft-bench-", ".so");
            Files.write(file, in.readAllBytes());
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            Files.delete(file);
            return symbols;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("restricted") // the call that is measured
    private MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... options) {
        return Linker.nativeLinker()
                .downcallHandle(symbols.find("secp256k1_" + name).orElseThrow(), type, options);
    }

    /// A handle whose arguments may lie on the Java heap; the garbage collector waits while it runs.
    private MethodHandle onHeap(String name, MemoryLayout... arguments) {
        var all = new MemoryLayout[arguments.length + 1];
        all[0] = POINTER;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, all);
        return handle(name, type, Linker.Option.critical(true));
    }

    private MethodHandle bind(String name, MemoryLayout... arguments) {
        var all = new MemoryLayout[arguments.length + 1];
        all[0] = POINTER;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return handle(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, all));
    }

    private MemorySegment copy(byte[] bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    private static int good(int returned) {
        if (returned != 1) {
            throw new IllegalStateException("libsecp256k1 says no");
        }
        return returned;
    }

    int ecdsaVerify() {
        try {
            return good((int) ecdsaVerify.invokeExact(context, ecdsa, message, key));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int schnorrVerify() {
        try {
            return good((int) schnorrVerify.invokeExact(context, schnorr, message, 32L, xOnly));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Parses the key and verifies, all of it on the heap: what is saved by not copying.
    int schnorrVerifyOnHeap(byte[] signature, byte[] digest, byte[] key32) {
        var parsed = MemorySegment.ofArray(new long[OPAQUE_BYTES / Long.BYTES]);
        try {
            good((int) parseOnHeap.invokeExact(context, parsed, MemorySegment.ofArray(key32)));
            return good(
                    (int)
                            schnorrVerifyOnHeap.invokeExact(
                                    context,
                                    MemorySegment.ofArray(signature),
                                    MemorySegment.ofArray(digest),
                                    32L,
                                    parsed));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
