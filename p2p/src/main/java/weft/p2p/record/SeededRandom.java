package weft.p2p.record;

import java.util.random.RandomGenerator;
import weft.crypto.ChaCha20;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// Chance that can be had again from a seed, and that nobody without the seed can foresee: the keystream of
/// ChaCha20, as 64-bit numbers. Owned by one thread.
///
/// *Rationale:* a node that is recorded must not be easier to attack than one that is not.
public final class SeededRandom implements RandomGenerator {
    /// Length of a seed.
    public static final int SEED_BYTES = ChaCha20.KEY_BYTES;

    private static final int BATCH_BLOCKS = 16;
    private static final int BATCH_BYTES = BATCH_BLOCKS * ChaCha20.BLOCK_BYTES;

    private final ChaCha20 cipher;
    private byte[] batch = new byte[0];
    private int used;
    private long nonce;

    /// Begins anew.
    ///
    /// @param seed 32 bytes
    public SeededRandom(Bytes seed) {
        Check.argument(seed.length() == SEED_BYTES, "a seed has 32 bytes");
        this.cipher = new ChaCha20(seed.toByteArray());
    }

    @Override
    public long nextLong() {
        if (used == batch.length) {
            // A nonce for each batch, so that the block counter never runs out.
            cipher.seek(0, nonce++, 0);
            batch = cipher.keystream(BATCH_BYTES);
            used = 0;
        }
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << Byte.SIZE | (batch[used++] & 0xff);
        }
        return value;
    }
}
