package weft.consensus.script;

import java.util.Arrays;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.crypto.TaggedHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;

/// Hashes of BIP-0341: leaves, branches, tweaks.
public final class Taproot {
    /// Version of leaves that are tapscript. See BIP-0342.
    public static final int LEAF_TAPSCRIPT = 0xc0;

    /// Bits of a control block's first byte that are the leaf version.
    public static final int LEAF_MASK = 0xfe;

    /// First byte of an annex.
    public static final int ANNEX_TAG = 0x50;

    static final int CONTROL_BASE_BYTES = 33;
    static final int CONTROL_NODE_BYTES = 32;
    private static final int CONTROL_NODES_MAX = 128;

    private static final TaggedHash LEAF = TaggedHash.of("TapLeaf");
    private static final TaggedHash BRANCH = TaggedHash.of("TapBranch");
    private static final TaggedHash TWEAK = TaggedHash.of("TapTweak");

    private Taproot() {}

    /// The hash of a leaf.
    ///
    /// @return 32 bytes
    public static byte[] leafHash(int leafVersion, Bytes script) {
        var out = new ByteWriter(script.length() + 8);
        out.u8(leafVersion).varBytes(script);
        Bytes leaf = out.toBytes();
        return LEAF.begin()
                .update(leaf.backingArray(), leaf.backingOffset(), leaf.length())
                .finish();
    }

    /// The hash of a branch of two nodes, in whatever order.
    ///
    /// @return 32 bytes
    public static byte[] branchHash(byte[] a, byte[] b) {
        boolean ordered = Arrays.compareUnsigned(a, b) < 0;
        return BRANCH.begin().update(ordered ? a : b).update(ordered ? b : a).finish();
    }

    /// What an internal key is tweaked with.
    ///
    /// @param merkleRoot 32 bytes, or none if there are no scripts
    /// @return 32 bytes
    public static byte[] tweak(byte[] internalX, byte[] merkleRoot) {
        return TWEAK.begin().update(internalX).update(merkleRoot).finish();
    }

    /// Whether a control block has a length that one may have.
    public static boolean isControlBlockLength(int length) {
        return length >= CONTROL_BASE_BYTES
                && length <= CONTROL_BASE_BYTES + CONTROL_NODE_BYTES * CONTROL_NODES_MAX
                && (length - CONTROL_BASE_BYTES) % CONTROL_NODE_BYTES == 0;
    }

    /// The root of the tree that a control block leads to from a leaf.
    ///
    /// @param control of a length that [#isControlBlockLength] allows
    /// @return 32 bytes
    public static byte[] merkleRoot(Bytes control, byte[] leafHash) {
        byte[] node = leafHash;
        for (int at = CONTROL_BASE_BYTES; at < control.length(); at += CONTROL_NODE_BYTES) {
            node = branchHash(node, control.slice(at, CONTROL_NODE_BYTES).toByteArray());
        }
        return node;
    }

    /// Whether an output commits to a leaf by a control block.
    ///
    /// @param outputX 32 bytes of the output's script
    static boolean commits(byte[] outputX, Bytes control, byte[] leafHash) {
        byte[] internalX = control.slice(1, Sha256.BYTES).toByteArray();
        byte[] tweak = tweak(internalX, merkleRoot(control, leafHash));
        return Secp256k1.get().xOnlyTweakAddCheck(outputX, control.at(0) & 1, internalX, tweak);
    }
}
