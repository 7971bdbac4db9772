package weft.chain.store;

import org.jspecify.annotations.Nullable;

/// Our storage fails: disk full, bytes rotten, folder locked. Never a verdict on a block: whoever
/// catches it stops the node and marks nothing invalid. The message is one line for the operator.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message one line, with the path where there is one
    public StoreException(String message) {
        super(message);
    }

    /// @param message one line, with the path where there is one
    /// @param cause what the system said
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// Bytes that are not as they were left, with a sentence about what helps.
    ///
    /// @param what is damaged and how, without a full stop
    public static StoreException damaged(String what, Remedy remedy, @Nullable Throwable cause) {
        return new StoreException(what + ". " + remedy.sentence(), cause);
    }

    /// Bytes that are not as they were left, with a sentence about what helps.
    ///
    /// @param what is damaged and how, without a full stop
    public static StoreException damaged(String what, Remedy remedy) {
        return damaged(what, remedy, null);
    }

    /// What helps where bytes are damaged.
    public enum Remedy {
        /// All can be made again of the block files, and what they lack comes from the network.
        REINDEX("Please restart with -reindex to recover."),
        /// The coins can be made again of the blocks.
        REINDEX_CHAINSTATE("Please restart with -reindex or -reindex-chainstate to recover."),
        /// An index can be made again of the blocks and the coins that they spent.
        INDEX_ANEW("Delete its folder, or restart with -reindex, and the index is built anew."),
        /// Headers come from the network again.
        HEADERS_ANEW("Delete it, and the headers are fetched anew.");

        private final String sentence;

        Remedy(String sentence) {
            this.sentence = sentence;
        }

        /// One sentence for the operator.
        public String sentence() {
            return sentence;
        }
    }
}
