package weft.crypto.internal;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Public keys that the library has parsed lately, in its own form of 64 bytes, which it lets us copy.
///
/// *Rationale:* parsing computes a square root, an eighth of the work of a check, and addresses are used
/// again. Keys with the same hash share a few slots, of which the one filled first is given up first; with
/// one slot each, a third of the room in use would already make every seventh key push out another. Nobody gains
/// but time by making keys collide. Safe for use by any number of threads: a race may lose a key or keep it
/// twice, never give a wrong one.
final class ParsedKeys {
    private static final int SETS = 1 << 12;
    private static final int WAYS = 4;

    private static final class Parsed {
        /// As it came: 32 bytes x-only, 33 compressed, 65 uncompressed.
        final byte[] form;

        final byte[] key;

        final int hash;

        Parsed(int hash, byte[] form, byte[] key) {
            this.hash = hash;
            this.form = form;
            this.key = key;
        }
    }

    private final AtomicReferenceArray<@Nullable Parsed> slots =
            new AtomicReferenceArray<>(SETS * WAYS);

    ParsedKeys() {}

    private static int firstSlot(int hash) {
        return (hash & (SETS - 1)) * WAYS;
    }

    /// The parsed key, not to be changed; null if it is not known.
    byte @Nullable [] find(byte[] form) {
        int hash = Arrays.hashCode(form);
        int first = firstSlot(hash);
        for (int i = first; i < first + WAYS; i++) {
            Parsed found = slots.getAcquire(i);
            if (found != null && found.hash == hash && Arrays.equals(found.form, form)) {
                return found.key;
            }
        }
        return null;
    }

    /// Keeps a key that is valid.
    void keep(byte[] form, byte[] key) {
        int hash = Arrays.hashCode(form);
        int first = firstSlot(hash);
        for (int i = first + WAYS - 1; i > first; i--) {
            slots.setRelease(i, slots.getAcquire(i - 1));
        }
        slots.setRelease(first, new Parsed(hash, form.clone(), key));
    }
}
