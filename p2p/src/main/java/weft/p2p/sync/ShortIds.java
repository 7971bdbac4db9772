package weft.p2p.sync;

import java.util.ArrayList;
import java.util.List;
import weft.crypto.Sha256;
import weft.crypto.SipHash;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.wire.CmpctBlock;
import weft.wire.PrefilledTransaction;

/// Short ids of one compact block: 48 bits of SipHash-2-4 of the wtxid, under a key that header and nonce
/// make.
/// See BIP-0152.
final class ShortIds {
    private static final long MASK = 0xffff_ffff_ffffL;

    private final long k0;
    private final long k1;

    ShortIds(BlockHeader header, long nonce) {
        var out = new ByteWriter(BlockHeader.BYTES + Long.BYTES);
        header.write(out);
        out.i64(nonce);
        ByteReader key = ByteReader.of(Sha256.hash(out.toByteArray()));
        this.k0 = key.i64();
        this.k1 = key.i64();
    }

    long of(Wtxid wtxid) {
        return hash(k0, k1, wtxid) & MASK;
    }

    /// SipHash-2-4 of the 32 bytes of a hash.
    static long hash(long k0, long k1, Hash256 hash) {
        return SipHash.hash(k0, k1, hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// A block in compact form, with only the coinbase whole.
    static CmpctBlock compact(Block block, long nonce) {
        var ids = new ShortIds(block.header(), nonce);
        List<Transaction> transactions = block.transactions();
        var shortIds = new ArrayList<Long>(transactions.size());
        for (Transaction tx : transactions.subList(1, transactions.size())) {
            shortIds.add(ids.of(tx.wtxid()));
        }
        return new CmpctBlock(
                block.header(),
                nonce,
                shortIds,
                List.of(new PrefilledTransaction(0, transactions.getFirst())));
    }
}
