package weft.crypto.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1Unavailable;
import weft.crypto.Sha256;

/// The loaded libsecp256k1: either a file that the user names, or the one inside the library jar.
///
/// The file from the jar is written to a temporary file that only we can read, compared with its known
/// digest, loaded and deleted; a library stays mapped after its file is gone.
final class NativeLibrary {
    /// System property that chooses the implementation; see [Secp256k1Provider].
    static final String PROPERTY = "weft.secp256k1";

    private static final String FOLDER = "fr/acinq/secp256k1/jni/native/";
    private static final String FILE = "libsecp256k1-jni.so";

    private final SymbolLookup symbols;
    private final String origin;

    private NativeLibrary(SymbolLookup symbols, String origin) {
        this.symbols = symbols;
        this.origin = origin;
    }

    /// Loads a library file.
    ///
    /// @throws Secp256k1Unavailable if it is not there or cannot be loaded
    static NativeLibrary named(String path) {
        try {
            return open(Path.of(path), path);
        } catch (InvalidPathException e) {
            throw unavailable("cannot load " + path, e);
        }
    }

    @SuppressWarnings("restricted") // loading native code is what this class is for
    private static NativeLibrary open(Path file, String origin) {
        try {
            SymbolLookup symbols =
                    SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
            return new NativeLibrary(symbols, origin);
        } catch (IllegalArgumentException
                | IllegalCallerException
                | UnsupportedOperationException e) {
            throw unavailable("cannot load " + origin, e);
        }
    }

    /// The folder inside the jar and the SHA-256 of its file, for the version that the build names.
    private enum Build {
        LINUX_X86_64(
                "linux-x86_64", "25f0f0bfd3e4b202563f772963ea803f0f949e5593476d3cd4b755f800bf7704"),
        LINUX_AARCH64(
                "linux-aarch64",
                "4e9c780ba134d130799c5f2d15ba90bf9fb477b34fc78d0f5b55fee90a734e37");

        private final String folder;
        private final String sha256;

        Build(String folder, String sha256) {
            this.folder = folder;
            this.sha256 = sha256;
        }

        static @Nullable Build ofThisMachine() {
            if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
                return null;
            }
            return switch (System.getProperty("os.arch", "")) {
                case "amd64", "x86_64" -> LINUX_X86_64;
                case "aarch64", "arm64" -> LINUX_AARCH64;
                default -> null;
            };
        }
    }

    /// Loads the library that comes along for this machine.
    ///
    /// @throws Secp256k1Unavailable if there is none or it cannot be loaded
    static NativeLibrary fromJar() {
        Build build = Build.ofThisMachine();
        if (build == null) {
            String machine = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
            throw unavailable("no libsecp256k1 comes with weft for " + machine, null);
        }
        String resource = FOLDER + build.folder + "/" + FILE;
        byte[] content = read(resource);
        String digest = HexFormat.of().formatHex(Sha256.hash(content));
        if (!digest.equals(build.sha256)) {
            throw unavailable(resource + " is not the library that weft was built for", null);
        }
        try {
            Path file = Files.createTempFile("weft-secp256k1-", ".so");
            try {
                Files.write(file, content);
                return open(file, resource);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw unavailable(
                    "cannot write " + resource + " to " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    private static byte[] read(String resource) {
        ClassLoader loader = NativeLibrary.class.getClassLoader();
        try (InputStream in = loader == null ? null : loader.getResourceAsStream(resource)) {
            if (in == null) {
                throw unavailable("no resource " + resource + "; is the library jar there?", null);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw unavailable("cannot read " + resource, e);
        }
    }

    private static Secp256k1Unavailable unavailable(String what, @Nullable Throwable cause) {
        String why = cause == null ? "" : ": " + cause.getMessage();
        return new Secp256k1Unavailable(
                "libsecp256k1: " + what + why + " (-D" + PROPERTY + "=PATH names another library)",
                cause);
    }

    /// The handle of a C function.
    ///
    /// @throws Secp256k1Unavailable if the library has no such function
    @SuppressWarnings("restricted") // calling native code is what this class is for
    MethodHandle function(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbol(name), type);
    }

    /// A pointer that the library keeps in a variable, for instance a hash function.
    @SuppressWarnings("restricted") // a variable's address comes without its size
    MemorySegment pointerVariable(String name) {
        return symbol(name).reinterpret(ValueLayout.ADDRESS.byteSize()).get(ValueLayout.ADDRESS, 0);
    }

    private MemorySegment symbol(String name) {
        return symbols.find(name).orElseThrow(() -> unavailable(origin + " has no " + name, null));
    }

    /// What was loaded, for messages.
    String origin() {
        return origin;
    }
}
