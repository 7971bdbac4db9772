package weft.crypto.internal;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.crypto.Secp256k1Unavailable;
import weft.crypto.internal.pure.PureSecp256k1;

/// Finds the one [Secp256k1] of the process, at its first use.
public final class Secp256k1Provider {
    /// Asks for the library that comes along.
    static final String NATIVE = "native";

    /// Asks for the implementation in Java.
    static final String PURE = "pure";

    private static final String PURE_NAME = "pure Java";

    private Secp256k1Provider() {}

    /// The implementation that the system property `weft.secp256k1` chooses, or the same exception at each
    /// call.
    public static Secp256k1 get() {
        Secp256k1 found = Holder.INSTANCE;
        if (found == null) {
            throw new Secp256k1Unavailable(Holder.reason(), Holder.FAILURE);
        }
        return found;
    }

    /// A new implementation.
    ///
    /// @param choice `native`, `pure`, the path of a library file, or nothing: the library that comes along
    ///     if it can be loaded, else Java
    /// @throws Secp256k1Unavailable if the choice is a library that cannot be loaded
    public static Secp256k1 load(String choice) {
        return switch (choice) {
            case PURE -> new PureSecp256k1(PURE_NAME);
            case NATIVE -> loadNative(NativeLibrary.fromJar());
            case "" -> loadAny();
            default -> loadNative(NativeLibrary.named(choice));
        };
    }

    private static Secp256k1 loadAny() {
        try {
            return load(NATIVE);
        } catch (Secp256k1Unavailable e) {
            return new PureSecp256k1(PURE_NAME + ", for want of " + e.getMessage());
        }
    }

    /// The context's blinding is the one use of chance in this module, and no result depends on it: it only
    /// hides secret keys from who measures time or power. So it is drawn here and not handed in, and a run
    /// of the simulator stays the same from one time to the next.
    private static Secp256k1 loadNative(NativeLibrary library) {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        try {
            return new NativeSecp256k1(library, seed);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /// Loads once; keeps the failure, because a class whose initialiser throws says nothing useful the
    /// second time.
    private static final class Holder {
        static final @Nullable Secp256k1 INSTANCE;
        static final @Nullable Throwable FAILURE;

        static {
            Secp256k1 loaded = null;
            Throwable failure = null;
            try {
                loaded = load(System.getProperty(NativeLibrary.PROPERTY, ""));
            } catch (Secp256k1Unavailable e) {
                failure = e;
            }
            INSTANCE = loaded;
            FAILURE = failure;
        }

        static String reason() {
            return FAILURE == null ? "no libsecp256k1" : String.valueOf(FAILURE.getMessage());
        }
    }
}
