package weft.crypto.internal;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Public keys that the library has parsed lately, in its own form of 64 bytes, which it allows to be copied.
///
/// *Rationale:* parsing computes a square root, an eighth of the work of a check, and addresses are used
/// again. A slot is shared by all keys with the same hash; nobody gains but time by making keys collide.
/// Safe for use by any number of threads.
final class ParsedKeys {
    private static final int SLOTS = 1 << 14;

    private static final class Parsed {
        /// As it came: 32 bytes x-only, 33 compressed, 65 uncompressed.
        final byte[] form;

        final byte[] key;

        Parsed(byte[] form, byte[] key) {
            this.form = form;
            this.key = key;
        }
    }

    private final AtomicReferenceArray<@Nullable Parsed> slots = new AtomicReferenceArray<>(SLOTS);

    ParsedKeys() {}

    private static int slot(byte[] form) {
        return Arrays.hashCode(form) & (SLOTS - 1);
    }

    /// The parsed key, not to be changed; null if it is not known.
    byte @Nullable [] find(byte[] form) {
        Parsed found = slots.getAcquire(slot(form));
        return found != null && Arrays.equals(found.form, form) ? found.key : null;
    }

    /// Keeps a key that is valid.
    void keep(byte[] form, byte[] key) {
        slots.setRelease(slot(form), new Parsed(form.clone(), key));
    }
}
