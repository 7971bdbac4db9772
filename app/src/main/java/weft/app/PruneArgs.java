package weft.app;

import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.chain.Pruning;
import weft.consensus.ChainParams;
import weft.consensus.Network;

/// From options to which old blocks are deleted.
final class PruneArgs {
    private static final int FAST_AFTER_HEIGHT = 100;

    private PruneArgs() {}

    /// What `-prune` asks for.
    ///
    /// @throws ArgsFault for values that make no sense, and for options that need all blocks
    static Pruning pruning(Args args, ChainParams params) {
        long mebibytes = args.number("prune", 0);
        if (mebibytes < 0) {
            throw new ArgsFault("Prune cannot be configured with a negative value.");
        }
        if (mebibytes == 0) {
            return Pruning.OFF;
        }
        if (args.flag("txindex", false)) {
            throw new ArgsFault("Prune mode is incompatible with -txindex.");
        }
        if (args.flag("reindex-chainstate", false)) {
            throw new ArgsFault(
                    "Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead.");
        }
        boolean fast = params.network() == Network.REGTEST && args.flag("fastprune", false);
        int afterHeight = fast ? FAST_AFTER_HEIGHT : params.identity().pruneAfterHeight();
        if (mebibytes == 1) {
            return new Pruning(Pruning.BY_HAND, afterHeight);
        }
        long least = Pruning.TARGET_BYTES_MIN >> 20;
        if (mebibytes < least) {
            throw new ArgsFault(
                    "Prune configured below the minimum of "
                            + least
                            + " MiB.  Please use a higher number.");
        }
        return new Pruning(Math.multiplyExact(mebibytes, 1L << 20), afterHeight);
    }
}
