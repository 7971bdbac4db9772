package weft.wire;

/// What an [InvItem] is about. Peers may send other numbers; they are kept.
public final class InvType {
    /// A transaction by txid.
    public static final int TX = 1;

    /// A block.
    public static final int BLOCK = 2;

    /// A block as `merkleblock`; in `getdata` only. See BIP-0037.
    public static final int FILTERED_BLOCK = 3;

    /// A block as `cmpctblock`; in `getdata` only. See BIP-0152.
    public static final int CMPCT_BLOCK = 4;

    /// A transaction by wtxid. See BIP-0339.
    public static final int WTX = 5;

    /// Added to a type in `getdata`: with witnesses, please. See BIP-0144.
    public static final int WITNESS_FLAG = 1 << 30;

    /// A block with witnesses.
    public static final int WITNESS_BLOCK = BLOCK | WITNESS_FLAG;

    /// A transaction by txid, with witnesses.
    public static final int WITNESS_TX = TX | WITNESS_FLAG;

    private InvType() {}
}
