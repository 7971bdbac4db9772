package weft.wallet.sign;

import java.util.List;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// Where a key comes from: the master key that others know it by, and the steps down from it. See BIP-0032.
///
/// @param fingerprint first four bytes of the hash of the master public key
/// @param path a step for each level; the highest bit set means hardened
public record KeyOrigin(Bytes fingerprint, List<Integer> path) {
    /// Set in the number of a hardened step.
    public static final int HARDENED = 0x8000_0000;

    /// Checks the length, copies the list.
    public KeyOrigin {
        Check.argument(fingerprint.length() == 4, "four bytes wanted");
        path = List.copyOf(path);
    }

    /// The steps in words: `/44h/0h/1`; empty if there are none.
    ///
    /// @param mark what stands behind a hardened step: `h` or `'`
    public static String pathText(List<Integer> path, char mark) {
        var text = new StringBuilder();
        for (int step : path) {
            text.append('/').append(step & ~HARDENED);
            if (step < 0) {
                text.append(mark);
            }
        }
        return text.toString();
    }
}
