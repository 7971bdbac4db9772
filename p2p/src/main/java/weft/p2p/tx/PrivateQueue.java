package weft.p2p.tx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.NetAddress;

/// Our own transactions that are handed to a few strangers over short-lived connections, and to nobody else
/// (`-privatebroadcast`): which is handed over next, to whom each was, and how often that must still be done.
///
/// - Each is handed to three, and to one more whenever it has not come back to us for a while.
/// - A connection carries one transaction. *Rationale:* two on one connection are of one owner.
/// - How many connections are wanted follows from what is here, and is not counted beside it: one that fails
///   is made up for by another, and what is withdrawn takes its own with it.
/// - Bounded: so many transactions, so many bytes, so many attempts for each.
public final class PrivateQueue {
    /// How many are to confirm a transaction at first.
    public static final int RECEIVERS = 3;

    /// Transactions at a time.
    public static final int COUNT_MAX = 10_000;

    /// Bytes of all of them.
    public static final long BYTES_MAX = 64_000_000;

    /// Attempts to hand over one transaction, after which it waits for its owner.
    public static final int TRIES_MAX = 1_000;

    /// Attempts that are remembered of one transaction: the latest.
    static final int SHOWN_MAX = 50;

    static final long STALE_NANOS = 60_000_000_000L;
    static final long STALE_AT_FIRST_NANOS = 300_000_000_000L;

    private final Map<Wtxid, Entry> entries = new LinkedHashMap<>();
    private final Map<PeerId, Attempt> talking = new TreeMap<>();
    private final int countMax;
    private final long bytesMax;
    private final int triesMax;
    private long bytes;

    /// What [#lacking] found; less than 0 if something changed since.
    private int known = -1;

    /// An empty queue.
    public PrivateQueue() {
        this(COUNT_MAX, BYTES_MAX, TRIES_MAX);
    }

    /// @param countMax transactions at a time
    /// @param bytesMax bytes of all of them
    /// @param triesMax attempts to hand over each
    PrivateQueue(int countMax, long bytesMax, int triesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
        this.triesMax = triesMax;
    }

    /// What came of [#add].
    public enum Added {
        /// It is new here, or was given up and begins anew.
        NEW,
        /// It is here already.
        KNOWN,
        /// There is no room.
        FULL
    }

    /// One attempt to hand a transaction over.
    ///
    /// @param address of the other
    /// @param sentSeconds when it was begun, in seconds since 1970
    /// @param receivedSeconds when the other confirmed that it has the transaction; empty if it has not
    public record Handover(NetAddress address, long sentSeconds, Optional<Long> receivedSeconds) {}

    /// How things stand with a transaction.
    ///
    /// @param addedSeconds when it came, in seconds since 1970
    /// @param tries how often it was tried to hand it over
    /// @param handovers the latest of these attempts, oldest first
    public record Status(Transaction tx, long addedSeconds, int tries, List<Handover> handovers) {}

    private static final class Attempt {
        final Entry entry;
        final NetAddress address;
        final long sentSeconds;
        @Nullable Long receivedSeconds;

        Attempt(Entry entry, NetAddress address, long sentSeconds) {
            this.entry = entry;
            this.address = address;
            this.sentSeconds = sentSeconds;
        }
    }

    private final class Entry {
        final Transaction tx;
        final ArrayDeque<Attempt> latest = new ArrayDeque<>();
        long addedSeconds;
        long addedNanos;
        int goal;
        int tries;
        int talking;
        int confirmed;
        long lastTryNanos;
        long lastConfirmedNanos;
        long lastTakenNanos;

        Entry(Transaction tx, Now now) {
            this.tx = tx;
            begin(now);
        }

        final void begin(Now now) {
            addedSeconds = now.unixSeconds();
            addedNanos = now.monotonicNanos();
            goal = RECEIVERS;
            tries = 0;
            confirmed = 0;
            lastTryNanos = Long.MIN_VALUE;
            lastConfirmedNanos = Long.MIN_VALUE;
            lastTakenNanos = addedNanos;
        }

        boolean isGivenUp() {
            return tries >= triesMax;
        }

        /// Receivers that it lacks and that nobody is about to become.
        int lacking() {
            int open = Math.max(0, goal - confirmed - talking);
            return Math.min(open, triesMax - tries);
        }

        boolean isBefore(Entry other) {
            if (tries != other.tries) {
                return tries < other.tries;
            }
            if (confirmed != other.confirmed) {
                return confirmed < other.confirmed;
            }
            return lastTryNanos != other.lastTryNanos
                    ? lastTryNanos < other.lastTryNanos
                    : lastConfirmedNanos < other.lastConfirmedNanos;
        }

        boolean isStale(long nanos) {
            long waiting =
                    confirmed == 0
                            ? addedNanos + STALE_AT_FIRST_NANOS
                            : lastConfirmedNanos + STALE_NANOS;
            return nanos > Math.max(waiting, lastTakenNanos + STALE_NANOS);
        }

        Status status() {
            List<Handover> all =
                    latest.stream()
                            .map(
                                    each ->
                                            new Handover(
                                                    each.address,
                                                    each.sentSeconds,
                                                    Optional.ofNullable(each.receivedSeconds)))
                            .toList();
            return new Status(tx, addedSeconds, tries, all);
        }
    }

    /// Takes a transaction in; one that was given up begins anew.
    public Added add(Transaction tx, Now now) {
        Entry same = entries.get(tx.wtxid());
        if (same != null) {
            if (!same.isGivenUp()) {
                return Added.KNOWN;
            }
            same.begin(now);
            known = -1;
            return Added.NEW;
        }
        if (entries.size() >= countMax || bytes + tx.totalSize() > bytesMax) {
            return Added.FULL;
        }
        entries.put(tx.wtxid(), new Entry(tx, now));
        known = -1;
        bytes += tx.totalSize();
        return Added.NEW;
    }

    /// Forgets a transaction: it came back, or is not wanted any more.
    ///
    /// @return whether it was here
    public boolean remove(Wtxid wtxid) {
        Entry entry = entries.remove(wtxid);
        if (entry == null) {
            return false;
        }
        bytes -= entry.tx.totalSize();
        known = -1;
        talking.values().removeIf(each -> each.entry == entry);
        return true;
    }

    /// How many more connections are wanted than those on which a transaction is being handed over.
    public int lacking() {
        if (known < 0) {
            known = entries.values().stream().mapToInt(Entry::lacking).sum();
        }
        return known;
    }

    /// Chooses what a peer is given: of those that lack receivers, the one that was tried least, and longest
    /// ago. A peer is given one transaction in its life.
    ///
    /// @return empty if none lacks any
    public Optional<Transaction> pick(PeerId peer, NetAddress address, Now now) {
        Check.state(!talking.containsKey(peer), "a peer is given one transaction");
        Entry first = null;
        for (Entry each : entries.values()) {
            if (each.lacking() > 0 && (first == null || each.isBefore(first))) {
                first = each;
            }
        }
        if (first == null) {
            return Optional.empty();
        }
        var attempt = new Attempt(first, address, now.unixSeconds());
        first.tries++;
        first.talking++;
        first.lastTryNanos = now.monotonicNanos();
        first.latest.add(attempt);
        if (first.latest.size() > SHOWN_MAX) {
            first.latest.remove();
        }
        talking.put(peer, attempt);
        known = -1;
        return Optional.of(first.tx);
    }

    /// What a peer is being given; null if that is nothing, or was withdrawn.
    public @Nullable Transaction givenTo(PeerId peer) {
        Attempt attempt = talking.get(peer);
        return attempt == null ? null : attempt.entry.tx;
    }

    /// A peer confirmed that it has what it was given; others do not matter.
    public void confirm(PeerId peer, Now now) {
        Attempt attempt = talking.remove(peer);
        if (attempt != null) {
            Entry entry = attempt.entry;
            attempt.receivedSeconds = now.unixSeconds();
            entry.talking--;
            entry.confirmed++;
            entry.lastConfirmedNanos = now.monotonicNanos();
            known = -1;
        }
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer) {
        Attempt attempt = talking.remove(peer);
        if (attempt != null) {
            attempt.entry.talking--;
            known = -1;
        }
    }

    /// Those that should have come back by now: a minute after somebody confirmed one, or five minutes after
    /// it came if nobody did. One that was taken is not taken again for a minute.
    ///
    /// @param most so many at most
    public List<Transaction> takeStale(int most, Now now) {
        var found = new ArrayList<Transaction>();
        for (Entry each : entries.values()) {
            if (found.size() < most && each.isStale(now.monotonicNanos())) {
                each.lastTakenNanos = now.monotonicNanos();
                found.add(each.tx);
            }
        }
        return found;
    }

    /// A stale transaction is still good: one more shall have it, unless somebody is about to.
    ///
    /// @return whether it is here and not given up
    public boolean again(Wtxid wtxid) {
        Entry entry = entries.get(wtxid);
        if (entry == null || entry.isGivenUp()) {
            return false;
        }
        entry.goal = Math.max(entry.goal, entry.confirmed + 1);
        known = -1;
        return true;
    }

    /// Whether a transaction is here.
    public boolean contains(Wtxid wtxid) {
        return entries.containsKey(wtxid);
    }

    /// Whether there is none.
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /// All, in the order in which they came.
    public List<Status> statuses() {
        return entries.values().stream().map(Entry::status).toList();
    }
}
