package weft.store;

import java.util.List;
import weft.primitives.Block;

/// A node on a disk that may fail: how a test speaks with [FaultStory] across class loaders.
public interface FaultyNode {
    /// Opens the folder and loads the chain.
    ///
    /// @param synchronised writes each tip, as a node at the end of the chain does
    void start(boolean synchronised);

    /// Gets blocks, a second passing now and then.
    void take(List<Block> blocks);

    /// An orderly end.
    void end();

    /// Lets go of the folder without another write of the chain.
    void shut();

    /// Work of the best tip that was told at the end of the chain.
    long told();

    /// Work of the best tip told before the last sync.
    long safe();

    /// Whether a block was called invalid.
    boolean hasBlamed();

    /// Work of the tip.
    long tipWork();

    /// The tip and a hash of all coins.
    String coins();

    /// Whether one of the blocks is marked invalid.
    boolean isAnyInvalid(List<Block> blocks);

    /// Whether every block that was read is one of these, byte for byte, if it has the name of one.
    boolean hasReadOnly(List<Block> blocks);

    /// Reads every block and all undo data, and goes some blocks back and forth.
    void useAll(int depth);
}
