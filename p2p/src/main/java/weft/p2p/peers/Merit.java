package weft.p2p.peers;

/// What one peer was good for, counted in steps of ten seconds and forgotten by half in an hour.
///
/// The score is usefulness by latency: the share of steps in which it gave us something new that was
/// accepted, divided by its shortest round trip. *Rationale:* a step counts once, however many transactions
/// come in it, so that nobody gains by sending much; and nobody can answer a ping before it came.
public final class Merit {
    /// Steps in which half is forgotten.
    public static final int HALF_LIFE_STEPS = 360;

    /// Steps below which a share is one of so many. *Rationale:* who brought one thing in his first ten
    /// seconds is not the best of all.
    public static final int STEPS_MIN = 30;

    /// What a block is worth: as much as a minute of transactions.
    public static final int BLOCK = 6;

    private static final double KEPT = Math.pow(0.5, 1.0 / HALF_LIFE_STEPS);
    private static final double NANOS_PER_SECOND = 1e9;

    /// *Rationale:* while nobody brings anything, latency alone decides.
    private static final double USEFUL_MIN = 1.0 / HALF_LIFE_STEPS;

    /// *Rationale:* between 1 ms and 2 ms there is no difference worth a peer.
    private static final double LATENCY_SECONDS_MIN = 0.01;

    private double useful;
    private double steps;
    private long lastTransactionSeconds;
    private long lastBlockSeconds;

    /// Of a peer that is new.
    public Merit() {}

    /// A step is over.
    ///
    /// @param transactionSeconds when it last gave us a transaction that was accepted; 0 if never
    /// @param blockSeconds when it last gave us a new block; 0 if never
    public void step(long transactionSeconds, long blockSeconds) {
        useful *= KEPT;
        steps = steps * KEPT + 1;
        useful += transactionSeconds > lastTransactionSeconds ? 1 : 0;
        useful += blockSeconds > lastBlockSeconds ? BLOCK : 0;
        lastTransactionSeconds = transactionSeconds;
        lastBlockSeconds = blockSeconds;
    }

    /// The higher the better.
    ///
    /// @param pingNanos its shortest round trip; [Long#MAX_VALUE] if there was none, which is as good as an
    ///     endless one
    public double score(long pingNanos) {
        double share = useful / Math.max(steps, STEPS_MIN);
        return (USEFUL_MIN + share) / (LATENCY_SECONDS_MIN + pingNanos / NANOS_PER_SECOND);
    }
}
