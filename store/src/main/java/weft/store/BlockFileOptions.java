package weft.store;

import weft.primitives.Bytes;
import weft.primitives.Check;

/// How block files are laid out.
///
/// @param magic the four bytes of the network
/// @param fileBytesMax a file ends before it would reach this length
/// @param isXored `-blocksxor`: new folders get a random key, so that other programs find nothing in the
///     bytes
/// @param freshKey eight random bytes for a new folder
/// @param freeBytesMin less free space on the disk than this is a failure
public record BlockFileOptions(
        Bytes magic, long fileBytesMax, boolean isXored, Bytes freshKey, long freeBytesMin) {
    /// Length of a file by default.
    public static final long FILE_BYTES = 128L << 20;

    /// Length of a file with `-fastprune`.
    public static final long FAST_PRUNE_FILE_BYTES = 64L << 10;

    /// Free space that must be left by default, as Core's.
    public static final long FREE_BYTES_MIN = 50L << 20;

    /// Checks the lengths.
    public BlockFileOptions {
        Check.argument(magic.length() == 4, "a magic has four bytes");
        Check.argument(freshKey.length() == 8, "a key has eight bytes");
        Check.argument(fileBytesMax > 0, "files have room");
    }

    /// The usual layout.
    ///
    /// @param freshKey eight bytes from a secure source
    public static BlockFileOptions of(Bytes magic, Bytes freshKey) {
        return new BlockFileOptions(magic, FILE_BYTES, true, freshKey, FREE_BYTES_MIN);
    }
}
