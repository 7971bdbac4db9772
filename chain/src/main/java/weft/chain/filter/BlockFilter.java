package weft.chain.filter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import weft.chain.BlockUndo;
import weft.consensus.Coin;
import weft.consensus.script.Opcode;
import weft.crypto.Sha256;
import weft.crypto.SipHash;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;

/// The basic filter of a block: the scripts that it pays to and the scripts whose coins it spends, without
/// empty ones and `OP_RETURN`. See BIP-0158.
public final class BlockFilter {
    /// Number of basic filters on the wire.
    public static final int BASIC = 0;

    private static final int KEY_BYTES = 16;

    private final BlockHash block;
    private final GolombRiceSet scripts;

    private BlockFilter(BlockHash block, GolombRiceSet scripts) {
        this.block = block;
        this.scripts = scripts;
    }

    /// The filter of a block.
    ///
    /// @param undo the coins that the block spent; nothing for genesis
    public static BlockFilter of(Block block, BlockUndo undo) {
        var elements = new ArrayList<Bytes>();
        for (Transaction tx : block.transactions()) {
            for (TxOut output : tx.outputs()) {
                Bytes script = output.scriptPubKey();
                if (!script.isEmpty() && script.at(0) != Opcode.OP_RETURN) {
                    elements.add(script);
                }
            }
        }
        for (BlockUndo.TxUndo tx : undo.transactions()) {
            for (Coin coin : tx.coins()) {
                if (!coin.out().scriptPubKey().isEmpty()) {
                    elements.add(coin.out().scriptPubKey());
                }
            }
        }
        return of(block.hash(), elements);
    }

    /// A filter of these scripts.
    public static BlockFilter of(BlockHash block, List<Bytes> scripts) {
        return new BlockFilter(block, GolombRiceSet.of(key(block), scripts));
    }

    /// Reads a filter, as it is on the wire and on disk.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if the bytes have another form
    public static BlockFilter decode(BlockHash block, Bytes encoded) {
        return new BlockFilter(block, GolombRiceSet.decode(key(block), encoded));
    }

    private static SipHash key(BlockHash block) {
        var out = new ByteWriter(KEY_BYTES);
        out.i64(block.w0()).i64(block.w1());
        return SipHash.of(out.toByteArray());
    }

    /// Which block.
    public BlockHash block() {
        return block;
    }

    /// The bytes on the wire.
    public Bytes encoded() {
        return scripts.encoded();
    }

    /// Number of distinct scripts.
    public long size() {
        return scripts.size();
    }

    /// What filter headers commit to.
    public Digest256 hash() {
        return Digest256.of(Sha256.hashTwice(encoded().toByteArray()));
    }

    /// The filter header of the block. See BIP-0157.
    ///
    /// @param previous that of the block before; zero before genesis
    public Digest256 header(Digest256 previous) {
        return FilterHeaderChain.header(hash(), previous);
    }

    /// Whether the block pays to a script or spends from it, or seems to.
    public boolean matches(Bytes script) {
        return scripts.matches(script);
    }

    /// Whether that is so for any of some scripts.
    public boolean matchesAny(Collection<Bytes> wanted) {
        return scripts.matchesAny(wanted);
    }
}
