package weft.chain;

/// Runs long writes beside the chain's thread. The port of whoever owns threads; the chain itself has
/// none.
@FunctionalInterface
public interface BackgroundWork {
    /// Does everything at once, on the calling thread: for simulations and tests.
    BackgroundWork INLINE =
            work -> {
                work.run();
                return Running.DONE;
            };

    /// Begins a piece of work. Pieces run in the order in which they were begun, one at a time.
    Running start(Runnable work);

    /// A piece of work that was begun.
    interface Running {
        /// Ended well.
        Running DONE =
                new Running() {
                    @Override
                    public boolean isDone() {
                        return true;
                    }

                    @Override
                    public void await() {}
                };

        /// Whether it has ended, well or not.
        boolean isDone();

        /// Waits for its end; what it threw is thrown again.
        void await();
    }
}
