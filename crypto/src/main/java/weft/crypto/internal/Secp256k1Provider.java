package weft.crypto.internal;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.crypto.Secp256k1Unavailable;

/// Finds the one [Secp256k1] of the process, at its first use.
public final class Secp256k1Provider {
    private Secp256k1Provider() {}

    /// The implementation, or the same exception at each call.
    public static Secp256k1 get() {
        Secp256k1 found = Holder.INSTANCE;
        if (found == null) {
            throw new Secp256k1Unavailable(Holder.reason(), Holder.FAILURE);
        }
        return found;
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
                loaded = load();
            } catch (Secp256k1Unavailable e) {
                failure = e;
            }
            INSTANCE = loaded;
            FAILURE = failure;
        }

        static String reason() {
            return FAILURE == null ? "no libsecp256k1" : String.valueOf(FAILURE.getMessage());
        }

        /// The context's blinding is the one use of chance in this module, and no result depends on it: it
        /// only hides secret keys from who measures time or power. So it is drawn here and not handed in,
        /// and a run of the simulator stays the same from one time to the next.
        private static Secp256k1 load() {
            byte[] seed = new byte[32];
            new SecureRandom().nextBytes(seed);
            try {
                return new NativeSecp256k1(NativeLibrary.load(), seed);
            } finally {
                Arrays.fill(seed, (byte) 0);
            }
        }
    }
}
