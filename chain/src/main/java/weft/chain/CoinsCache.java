package weft.chain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.consensus.Coin;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.OutPoint;

/// The coins of the active chain: those of a [CoinsStore], with changes and read coins in memory above.
///
/// Memory is in generations: the live one, which alone changes, above older ones, of which the youngest
/// may still be on its way to disk, above the store. When the live one has grown ([#isFull]) it is frozen
/// and written as a whole beside the chain's thread, while an empty one takes its place. What is written
/// stays as a cache until its memory is needed.
///
/// An out point's truth is in the youngest generation that has a record of it. Owned by the chain's
/// thread.
public final class CoinsCache implements CoinsView {
    private static final int OLDER_MAX = 4;

    /// Writes of fewer changes than this are done at once.
    private static final int FEW_CHANGES = 20_000;

    private final CoinsStore store;
    private final BackgroundWork background;
    private final SipHash hash;
    private final long bytesMax;
    private CoinTable live;

    /// The youngest first.
    private final List<CoinTable> older = new ArrayList<>();

    private BackgroundWork.Running running = BackgroundWork.Running.DONE;
    private boolean isWriting;
    private long epoch;

    /// The store may have coins; false only if it is known to have none, as while a new chain fits into
    /// memory.
    private boolean mayBeStored = true;

    /// Which set of coins that was asked of.
    private CoinsStore.@Nullable Space asked;

    /// No coin in memory yet.
    ///
    /// @param background where generations are written
    /// @param hash with a key that strangers do not know
    /// @param bytesMax memory for all generations
    public CoinsCache(CoinsStore store, BackgroundWork background, SipHash hash, long bytesMax) {
        this.store = store;
        this.background = background;
        this.hash = hash;
        this.bytesMax = bytesMax;
        this.live = new CoinTable(hash);
    }

    @Override
    public @Nullable Coin coin(OutPoint outPoint) {
        return coin(outPoint, hash(outPoint));
    }

    /// The hash of an out point, for those who come with it more than once.
    long hash(OutPoint outPoint) {
        return live.hash(outPoint);
    }

    /// The unspent coin of an out point.
    ///
    /// @param hashed [#hash] of the out point
    @Nullable Coin coin(OutPoint outPoint, long hashed) {
        int address = live.find(outPoint, hashed);
        if (address != 0) {
            return unspent(live, address);
        }
        for (CoinTable each : older) {
            int found = each.find(outPoint, hashed);
            if (found != 0) {
                return unspent(each, found);
            }
        }
        Coin coin = mayBeStored() ? store.coin(outPoint) : null;
        if (coin != null) {
            live.insert(outPoint, hashed, coin, 0);
        }
        return coin;
    }

    private boolean mayBeStored() {
        if (!store.space().equals(asked)) {
            asked = store.space();
            mayBeStored = !store.isEmpty();
        }
        return mayBeStored;
    }

    private static @Nullable Coin unspent(CoinTable table, int address) {
        return (table.flags(address) & CoinTable.SPENT) == 0 ? table.coin(address) : null;
    }

    /// Whether something is known of an out point without asking the store.
    private boolean isKnown(OutPoint outPoint) {
        long hashed = hash(outPoint);
        if (live.find(outPoint, hashed) != 0) {
            return true;
        }
        for (CoinTable each : older) {
            if (each.find(outPoint, hashed) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Reads coins into memory that will be needed soon, all at once, which is cheaper than one by one.
    ///
    /// @return number of coins that were read
    public int prefetch(List<OutPoint> outPoints) {
        return accept(store.fetch(missing(outPoints), epoch));
    }

    /// Which of some out points would be looked for in the store; for [CoinsStore#fetch] on another
    /// thread.
    public List<OutPoint> missing(List<OutPoint> outPoints) {
        return outPoints.stream().filter(each -> !isKnown(each)).toList();
    }

    /// Counts how often a generation went out of memory; what was fetched in an earlier epoch may have
    /// become wrong.
    public long epoch() {
        return epoch;
    }

    /// Takes in what was fetched, unless it may have become wrong.
    ///
    /// @return number of coins that are new here
    public int accept(CoinsStore.Fetched fetched) {
        int taken = 0;
        if (fetched.epoch() == epoch) {
            for (int i = 0; i < fetched.outPoints().size(); i++) {
                OutPoint outPoint = fetched.outPoints().get(i);
                Coin coin = fetched.coins().get(i).orElse(null);
                if (coin != null && !isKnown(outPoint)) {
                    live.insert(outPoint, hash(outPoint), coin, 0);
                    taken++;
                }
            }
        }
        return taken;
    }

    /// Takes in a change.
    ///
    /// @param hashed [#hash] of the out point
    /// @param coin null if it is spent
    /// @param fresh there was no unspent coin before
    void change(OutPoint outPoint, long hashed, @Nullable Coin coin, boolean fresh) {
        int address = live.find(outPoint, hashed);
        if (address == 0) {
            if (coin != null) {
                int flags = CoinTable.DIRTY | (fresh ? CoinTable.FRESH : 0);
                live.insert(outPoint, hashed, coin, flags);
            } else if (!fresh) {
                live.insertSpent(outPoint, hashed);
            }
            return;
        }
        int flags = live.flags(address);
        boolean isUnspent = (flags & CoinTable.SPENT) == 0;
        Check.state(!fresh || !isUnspent, "a fresh coin has no unspent coin below");
        if (coin != null) {
            int kept = (flags & CoinTable.FRESH) | CoinTable.DIRTY;
            live.replace(outPoint, hashed, address, coin, kept);
        } else if ((flags & CoinTable.FRESH) != 0) {
            live.remove(hashed, address);
        } else {
            live.setFlags(address, flags | CoinTable.DIRTY | CoinTable.SPENT);
        }
    }

    /// Whether the live generation should be written: it has half of the memory, which leaves the other
    /// half for the next while it is on its way.
    boolean isFull() {
        return live.bytes() > bytesMax / 2;
    }

    /// Whether so little changed that it is written at once.
    boolean hasFewChanges() {
        return live.changed() < FEW_CHANGES;
    }

    /// Freezes the live generation and begins to write it; if the one before is still on its way, waits
    /// for that.
    ///
    /// @param tip block that all changes together lead to
    /// @param before is run first, in the background
    void startWrite(BlockHash tip, Runnable before) {
        awaitWrite();
        mayBeStored = true;
        CoinTable frozen = live;
        live = new CoinTable(hash);
        older.addFirst(frozen);
        isWriting = true;
        running =
                background.start(
                        () -> {
                            before.run();
                            store.write(frozen, tip);
                        });
        trim();
    }

    /// Notes whether a generation has reached the disk since.
    ///
    /// @throws weft.chain.store.StoreException if it could not
    void poll() {
        if (isWriting && running.isDone()) {
            awaitWrite();
        }
    }

    /// Whether a generation is on its way to disk.
    boolean isWriting() {
        return isWriting;
    }

    /// Waits until no generation is on its way to disk.
    void awaitWrite() {
        if (isWriting) {
            running.await();
            isWriting = false;
        }
        trim();
    }

    /// Adds the changes of the live generation to a batch; no other may be on its way.
    void stage(BlockHash tip, Batch batch) {
        Check.state(!isWriting, "older changes are written before younger ones");
        mayBeStored |= live.changed() > 0;
        store.stage(live, tip, batch);
    }

    /// Takes note that the batch of [#stage] was written.
    void written() {
        live.markClean(!older.isEmpty());
        epoch++;
        if (isFull()) {
            older.addFirst(live);
            live = new CoinTable(hash);
        }
        trim();
    }

    /// Lets the oldest generations go until memory is within its limit, but none that is on its way to
    /// disk.
    private void trim() {
        int keep = isWriting ? 1 : 0;
        while (older.size() > keep && (bytes() > bytesMax || older.size() > OLDER_MAX)) {
            older.removeLast();
            epoch++;
        }
    }

    /// Forgets everything, changes too.
    void clear() {
        awaitWrite();
        older.clear();
        live = new CoinTable(hash);
        asked = null;
        epoch++;
    }

    /// Number of entries, clean ones included.
    public int size() {
        return live.size() + older.stream().mapToInt(CoinTable::size).sum();
    }

    /// Number of entries of the live generation that differ from what is below.
    public int changes() {
        return live.changed();
    }

    /// Memory in bytes.
    public long bytes() {
        long bytes = live.bytes();
        for (CoinTable each : older) {
            bytes += each.bytes();
        }
        return bytes;
    }
}
