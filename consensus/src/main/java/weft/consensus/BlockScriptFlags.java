package weft.consensus;

import weft.consensus.script.ScriptFlags;
import weft.primitives.BlockHash;

/// Which rules the scripts of a block are checked against.
public final class BlockScriptFlags {
    private BlockScriptFlags() {}

    /// The flags for a block: P2SH, witnesses and taproot always, but for the blocks of history that break
    /// them; the others from their heights on.
    public static int of(BlockHash block, int height, ChainParams params) {
        Integer exception = params.exceptions().scriptFlags().get(block);
        int flags =
                exception == null
                        ? ScriptFlags.P2SH | ScriptFlags.WITNESS | ScriptFlags.TAPROOT
                        : exception;
        ChainParams.Heights heights = params.heights();
        if (height >= heights.bip66()) {
            flags |= ScriptFlags.DERSIG;
        }
        if (height >= heights.bip65()) {
            flags |= ScriptFlags.CHECKLOCKTIMEVERIFY;
        }
        if (height >= heights.csv()) {
            flags |= ScriptFlags.CHECKSEQUENCEVERIFY;
        }
        if (height >= heights.segwit()) {
            flags |= ScriptFlags.NULLDUMMY;
        }
        return flags;
    }
}
