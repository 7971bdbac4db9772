package weft.crypto.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import weft.crypto.CryptoException;

/// Finds libsecp256k1 and binds its functions: the library named by `-Dweft.secp256k1=PATH`, else the one that the
/// class path carries for this platform.
final class SecpLibrary {
    private static final String PROPERTY = "weft.secp256k1";
    private static final String FOLDER = "/fr/acinq/secp256k1/jni/native/";

    private final SymbolLookup symbols;

    private SecpLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    static SecpLibrary open() {
        String named = System.getProperty(PROPERTY, "");
        return new SecpLibrary(named.isEmpty() ? carried() : load(Path.of(named)));
    }

    @SuppressWarnings("restricted") // The library is native; this class is where that is decided.
    private static SymbolLookup load(Path path) {
        try {
            return SymbolLookup.libraryLookup(path, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new CryptoException("cannot load libsecp256k1 from " + path, e);
        }
    }

    private static SymbolLookup carried() {
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String machine = arch.equals("amd64") ? "x86_64" : arch;
        String resource = FOLDER + "linux-" + machine + "/libsecp256k1-jni.so";
        if (!System.getProperty("os.name", "").startsWith("Linux")) {
            throw new CryptoException("no libsecp256k1 for this platform; name one with -D" + PROPERTY + "=PATH");
        }
        try (InputStream in = SecpLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new CryptoException("no libsecp256k1 for linux-" + machine + "; name one with -D" + PROPERTY
                        + "=PATH");
            }
            // Private to this user, and gone again as soon as the loader has mapped it.
            Path file = Files.createTempFile("weft-secp256k1-", ".so");
            try {
                Files.write(file, in.readAllBytes());
                return load(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new CryptoException("cannot unpack libsecp256k1: " + e.getMessage(), e);
        }
    }

    /// Binds a function that returns an int; each letter is a parameter: `p` pointer, `i` int, `n` size.
    MethodHandle bind(String name, String parameters) {
        return bind(name, FunctionDescriptor.of(JAVA_INT, layouts(parameters)));
    }

    /// Binds a function that returns a pointer.
    MethodHandle bindPointer(String name, String parameters) {
        return bind(name, FunctionDescriptor.of(ADDRESS, layouts(parameters)));
    }

    /// Binds a function that returns nothing.
    MethodHandle bindVoid(String name, String parameters) {
        return bind(name, FunctionDescriptor.ofVoid(layouts(parameters)));
    }

    @SuppressWarnings("restricted") // As above.
    private MethodHandle bind(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(find(name), descriptor);
    }

    private MemorySegment find(String name) {
        return symbols.find(name)
                .orElseThrow(() -> new CryptoException("this libsecp256k1 has no function " + name));
    }

    /// The pointer that a variable of the library holds.
    @SuppressWarnings("restricted") // As above; the variable is as long as a pointer.
    MemorySegment pointerVariable(String name) {
        return find(name).reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
    }

    private static MemoryLayout[] layouts(String parameters) {
        MemoryLayout[] layouts = new MemoryLayout[parameters.length()];
        Arrays.setAll(layouts, i -> switch (parameters.charAt(i)) {
            case 'p' -> ADDRESS;
            case 'i' -> JAVA_INT;
            case 'n' -> JAVA_LONG;
            default -> throw new AssertionError("no such parameter: " + parameters);
        });
        return layouts;
    }
}
