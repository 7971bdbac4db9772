package weft.mining;

import java.util.OptionalLong;
import weft.crypto.Sha256;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;

/// Tries the nonces of one header. The first 64 of its 80 bytes are hashed once, for all nonces.
///
/// Not safe for use by two threads.
public final class HeaderSearch {
    /// Nonces that a header has.
    public static final long NONCES = 1L << 32;

    private static final int MIDSTATE_BYTES = 64;
    private static final int NONCE_AT = BlockHeader.BYTES - Integer.BYTES - MIDSTATE_BYTES;

    private final Sha256 midstate;
    private final byte[] tail;
    private final Digest256 target;

    /// @param header its nonce does not matter
    /// @param target the highest hash that is good enough, as a number
    public HeaderSearch(BlockHeader header, Digest256 target) {
        byte[] bytes = header.toByteArray();
        this.midstate = new Sha256().update(bytes, 0, MIDSTATE_BYTES);
        this.tail = java.util.Arrays.copyOfRange(bytes, MIDSTATE_BYTES, bytes.length);
        this.target = target;
    }

    /// Tries nonces in order.
    ///
    /// @param first 0 to 2³² − 1
    /// @param count not beyond the last nonce
    /// @return the first nonce that makes the hash low enough; empty if none of these does
    public OptionalLong search(long first, long count) {
        Check.argument(first >= 0 && first + count <= NONCES, "nonces beyond 32 bits");
        for (long nonce = first; nonce < first + count; nonce++) {
            tail[NONCE_AT] = (byte) nonce;
            tail[NONCE_AT + 1] = (byte) (nonce >>> 8);
            tail[NONCE_AT + 2] = (byte) (nonce >>> 16);
            tail[NONCE_AT + 3] = (byte) (nonce >>> 24);
            byte[] hash = midstate.copy().update(tail).finishTwice();
            if (mayBeLow(hash) && Digest256.of(hash).compareTo(target) <= 0) {
                return OptionalLong.of(nonce);
            }
        }
        return OptionalLong.empty();
    }

    /// The last bytes weigh most: nearly every hash fails by them.
    private boolean mayBeLow(byte[] hash) {
        long top = target.w3() >>> 48;
        return (((hash[31] & 0xff) << 8) | (hash[30] & 0xff)) <= top;
    }
}
