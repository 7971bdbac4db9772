package weft.wire;

import java.util.List;
import java.util.Locale;
import weft.primitives.BlockHash;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// One entry of `inv`, `getdata` and `notfound`.
///
/// @param type one of [InvType], or anything else that a peer made up; 32 bits, unsigned
/// @param hash of the object; which hash depends on the type
public record InvItem(int type, Digest256 hash) {
    /// Most items that a peer may send in one message.
    public static final int MAX_PER_MESSAGE = 50_000;

    /// Length of the encoding in bytes.
    public static final int BYTES = 36;

    private static final int TYPE_MASK = 0xffff_ffff >>> 2;

    /// A transaction by txid.
    public static InvItem tx(Txid txid) {
        return of(InvType.TX, txid);
    }

    /// A transaction by wtxid.
    public static InvItem wtx(Wtxid wtxid) {
        return of(InvType.WTX, wtxid);
    }

    /// A block.
    public static InvItem block(BlockHash hash) {
        return of(InvType.BLOCK, hash);
    }

    /// An item of any type.
    public static InvItem of(int type, Hash256 hash) {
        return new InvItem(type, new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3()));
    }

    static List<InvItem> readList(ByteReader in) {
        int count = in.compactSize();
        if (count > in.remaining() / BYTES) {
            throw new MalformedBytes(
                    "end of data: "
                            + count
                            + " items announced, "
                            + in.remaining()
                            + " bytes left");
        }
        return PackedItems.of(in.slice(count * BYTES));
    }

    void write(ByteWriter out) {
        out.i32(type);
        hash.write(out);
    }

    /// Whether this is about a transaction, by whichever id.
    public boolean isGenTx() {
        return type == InvType.TX || type == InvType.WTX || type == InvType.WITNESS_TX;
    }

    /// Whether this is about a block, in whichever form.
    public boolean isGenBlock() {
        return type == InvType.BLOCK
                || type == InvType.FILTERED_BLOCK
                || type == InvType.CMPCT_BLOCK
                || type == InvType.WITNESS_BLOCK;
    }

    /// The hash as a txid.
    public Txid txid() {
        return new Txid(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// The hash as a wtxid.
    public Wtxid wtxid() {
        return new Wtxid(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// The hash as a block hash.
    public BlockHash blockHash() {
        return new BlockHash(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// The text of log lines: `tx HASH`, `witness-block HASH`, or `0x00000007 HASH` for unknown types.
    @Override
    public String toString() {
        String name =
                switch (type & TYPE_MASK) {
                    case InvType.TX -> "tx";
                    case InvType.WTX -> "wtx";
                    case InvType.BLOCK -> "block";
                    case InvType.FILTERED_BLOCK -> "merkleblock";
                    case InvType.CMPCT_BLOCK -> "cmpctblock";
                    default -> "";
                };
        if (name.isEmpty()) {
            return String.format(Locale.ROOT, "0x%08x %s", type, hash);
        }
        return ((type & InvType.WITNESS_FLAG) == 0 ? "" : "witness-") + name + " " + hash;
    }
}
