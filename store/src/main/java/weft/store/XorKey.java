package weft.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;

/// The eight bytes that every byte of the block files is mixed with, by its place in the file: Core's
/// `xor.dat`.
final class XorKey {
    private static final int BYTES = 8;

    private final byte[] key;
    private final boolean isZero;

    private XorKey(byte[] key) {
        this.key = key;
        boolean zero = true;
        for (byte each : key) {
            zero &= each == 0;
        }
        isZero = zero;
    }

    /// Reads the key of a folder, or makes one: random only where no block file is there yet.
    static XorKey of(Path folder, boolean isXored, Bytes fresh) {
        Path file = folder.resolve("xor.dat");
        byte[] key = new byte[BYTES];
        try {
            if (Files.exists(file)) {
                byte[] stored = Files.readAllBytes(file);
                if (stored.length != BYTES) {
                    throw new StoreException("the key file " + file + " is damaged");
                }
                key = stored;
            } else {
                if (isXored && !Files.exists(folder.resolve("blk00000.dat"))) {
                    fresh.copyTo(key, 0);
                }
                PrivateFiles.replace(file, key);
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("read", file, e);
        }
        var found = new XorKey(key);
        if (!isXored && !found.isZero) {
            throw new StoreException(
                    "The blocksdir XOR-key can not be disabled when a random key was already "
                            + "stored! Stored key: '"
                            + HexFormat.of().formatHex(key)
                            + "', stored path: '"
                            + file
                            + "'.");
        }
        return found;
    }

    /// Mixes bytes, both ways.
    ///
    /// @param offset of the first byte in the file
    void apply(byte[] bytes, long offset) {
        if (isZero) {
            return;
        }
        int at = (int) (offset % BYTES);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= key[at];
            at = (at + 1) % BYTES;
        }
    }
}
