package weft.crypto;

import org.junit.jupiter.api.Assumptions;
import weft.crypto.internal.Secp256k1Provider;

/// The two implementations of [Secp256k1]; a test of one that this machine does not have is skipped.
final class Curves {
    private Curves() {}

    /// @param choice `native` or `pure`
    static Secp256k1 load(String choice) {
        try {
            return Secp256k1Provider.load(choice);
        } catch (Secp256k1Unavailable e) {
            return Assumptions.abort("skipped: " + e.getMessage());
        }
    }
}
