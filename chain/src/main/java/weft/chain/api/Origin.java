package weft.chain.api;

/// Who handed something to the chain engine. Opaque to the engine; it comes back in the events that
/// answer.
///
/// @param id the sender's own number: a peer's id, or less than 0 for this node itself
public record Origin(long id) {
    /// This node itself: its miner, its operator, its disk.
    public static final Origin SELF = new Origin(-1);

    /// The chain itself: what a disconnected block gave back.
    public static final Origin CHAIN = new Origin(-2);
}
