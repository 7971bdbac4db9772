package weft.consensus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;

/// The hash over all transactions of a block.
public final class MerkleRoot {
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private MerkleRoot() {}

    /// A root, and whether the same root can be had from another list: two equal hashes side by side look
    /// like the copy that an odd list ends with (CVE-2012-2459).
    public record Result(Digest256 root, boolean mutated) {}

    /// The root over hashes; all zero over none.
    public static Result of(List<? extends Hash256> leaves) {
        int count = leaves.size();
        if (count == 0) {
            return new Result(Digest256.ZERO, false);
        }
        byte[] hashes = new byte[(count + 1) * Sha256.BYTES];
        for (int i = 0; i < count; i++) {
            put(leaves.get(i), hashes, i * Sha256.BYTES);
        }
        boolean mutated = false;
        while (count > 1) {
            mutated |= hasEqualPair(hashes, count);
            if ((count & 1) == 1) {
                System.arraycopy(
                        hashes,
                        (count - 1) * Sha256.BYTES,
                        hashes,
                        count * Sha256.BYTES,
                        Sha256.BYTES);
                count++;
            }
            count /= 2;
            for (int i = 0; i < count; i++) {
                // Over the front, which is read already.
                Sha256.hashTwice(
                        hashes, i * 2 * Sha256.BYTES, 2 * Sha256.BYTES, hashes, i * Sha256.BYTES);
            }
        }
        return new Result(Digest256.of(hashes, 0), mutated);
    }

    private static boolean hasEqualPair(byte[] hashes, int count) {
        for (int i = 0; i + 1 < count; i += 2) {
            int left = i * Sha256.BYTES;
            int right = left + Sha256.BYTES;
            if ((long) LONG_LE.get(hashes, left) == (long) LONG_LE.get(hashes, right)
                    && Arrays.equals(hashes, left, right, hashes, right, right + Sha256.BYTES)) {
                return true;
            }
        }
        return false;
    }

    private static void put(Hash256 hash, byte[] target, int at) {
        LONG_LE.set(target, at, hash.w0());
        LONG_LE.set(target, at + Long.BYTES, hash.w1());
        LONG_LE.set(target, at + 2 * Long.BYTES, hash.w2());
        LONG_LE.set(target, at + 3 * Long.BYTES, hash.w3());
    }

    /// The root over the transaction ids of a block.
    public static Result of(Block block) {
        return of(block.transactions().stream().map(Transaction::txid).toList());
    }

    /// The root over the ids with witnesses, zeros in the place of the coinbase. See BIP-0141.
    public static Digest256 ofWitnesses(Block block) {
        List<Hash256> leaves = new java.util.ArrayList<>(block.transactions().size());
        for (Transaction tx : block.transactions()) {
            leaves.add(leaves.isEmpty() ? Digest256.ZERO : tx.wtxid());
        }
        return of(leaves).root();
    }
}
