package weft.mempool;

import java.util.function.Consumer;
import weft.mempool.MempoolAcceptor.Moment;
import weft.mempool.MempoolFile.Item;
import weft.primitives.Txid;

/// Takes the transactions of a `mempool.dat` in, some at a time, so that the chain goes on meanwhile.
/// Everything is judged anew.
public final class MempoolImport {
    private final MempoolFile file;
    private final Use use;
    private int next;
    private int accepted;
    private int failed;
    private int expired;
    private int alreadyThere;
    private int tenthsTold;
    private boolean isDone;

    /// What of the file counts beside the transactions.
    ///
    /// @param currentTime transactions come now, not when the file says
    /// @param deltas the operator's changes of fees hold again
    /// @param unbroadcast transactions that nobody asked for are announced again
    public record Use(boolean currentTime, boolean deltas, boolean unbroadcast) {
        /// Of our own file: all.
        public static final Use OWN = new Use(false, true, true);
    }

    /// An import that has not begun.
    public MempoolImport(MempoolFile file, Use use) {
        this.file = file;
        this.use = use;
    }

    /// Whether all is done.
    public boolean isDone() {
        return isDone;
    }

    /// Offers some transactions; after the last takes over the rest of the file.
    ///
    /// @param told hears of each that is accepted
    public void work(
            Mempool mempool,
            MempoolAcceptor acceptor,
            Moment at,
            int count,
            Consumer<AcceptResult.Accepted> told) {
        int total = file.transactions().size();
        if (next == 0) {
            mempool.log().info("Loading " + total + " mempool transactions from file...");
        }
        int end = Math.min(total, next + count);
        while (next < end) {
            tellProgress(mempool, total);
            offer(file.transactions().get(next++), mempool, acceptor, at, told);
        }
        if (next == total && !isDone) {
            isDone = true;
            finish(mempool);
        }
    }

    private void tellProgress(Mempool mempool, int total) {
        int percent = (int) (100.0 * next / total);
        if (tenthsTold < percent / 10) {
            mempool.log()
                    .info(
                            "Progress loading mempool transactions from file: "
                                    + percent
                                    + "% (tried "
                                    + next
                                    + ", "
                                    + (total - next)
                                    + " remaining)");
            tenthsTold = percent / 10;
        }
    }

    private void offer(
            Item item,
            Mempool mempool,
            MempoolAcceptor acceptor,
            Moment at,
            Consumer<AcceptResult.Accepted> told) {
        Txid txid = item.tx().txid();
        long now = at.now().unixSeconds();
        long seconds = use.currentTime ? now : item.seconds();
        if (item.delta() != 0 && use.deltas) {
            mempool.prioritise(txid, item.delta());
        }
        if (seconds <= now - mempool.options().expiry().toSeconds()) {
            expired++;
            return;
        }
        AcceptResult result = acceptor.accept(item.tx(), new Moment(at.tip(), at.now(), seconds));
        if (result instanceof AcceptResult.Accepted entered) {
            accepted++;
            told.accept(entered);
        } else if (mempool.contains(txid)) {
            alreadyThere++;
        } else {
            failed++;
        }
    }

    private void finish(Mempool mempool) {
        if (use.deltas) {
            file.deltas().forEach(mempool::prioritise);
        }
        int waiting = 0;
        if (use.unbroadcast) {
            waiting = file.unbroadcast().size();
            file.unbroadcast().forEach(mempool::addUnbroadcast);
        }
        mempool.log()
                .info(
                        "Imported mempool transactions from file: "
                                + accepted
                                + " succeeded, "
                                + failed
                                + " failed, "
                                + expired
                                + " expired, "
                                + alreadyThere
                                + " already there, "
                                + waiting
                                + " waiting for initial broadcast");
    }
}
