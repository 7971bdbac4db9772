package weft.p2p.tx;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Digest256;

/// Decides which peer to ask for which transaction, and when. See BIP-0339 for announcements by wtxid.
///
/// - A transaction is never asked of two peers at once. *Rationale:* to spend no bandwidth on copies.
/// - A peer is never asked twice for one transaction, until all who announced it failed.
///   *Rationale:* else it could draw requests to itself and keep the transaction from us.
/// - An announcement waits until its own earliest time. *Rationale:* better peers get a head start.
/// - Among those that may be asked, preferred peers come first, and chance decides the rest.
///   *Rationale:* nobody can arrange to be asked first by being fast.
///
/// Times never run backwards.
///
/// Strangers fill this with 5,000 announcements each, so it is written to take little memory: one object for
/// an announcement, which is its own link in the chain of those of one transaction, and one copy of a hash
/// however many announce it.
final class TxRequestTracker {
    private static final Comparator<Announcement> BY_TIME =
            Comparator.comparingLong((Announcement each) -> each.timeNanos)
                    .thenComparingLong(each -> each.sequence);

    private static final Comparator<Announcement> BY_SEQUENCE =
            Comparator.comparingLong(each -> each.sequence);

    private enum State {
        DELAYED,
        READY,
        BEST,
        REQUESTED,
        COMPLETED
    }

    /// One peer's word that it has a transaction.
    private static final class Announcement {
        final Digest256 hash;
        final boolean wtxid;
        final PeerId peer;
        final boolean preferred;
        final long priority;
        final long sequence;
        State state = State.DELAYED;

        /// Another of the same transaction.
        @Nullable Announcement next;

        /// Earliest time to ask; once asked, when to give up.
        long timeNanos;

        Announcement(
                Request request, PeerId peer, boolean preferred, long priority, long sequence) {
            this.hash = request.hash();
            this.wtxid = request.wtxid();
            this.peer = peer;
            this.preferred = preferred;
            this.priority = priority;
            this.sequence = sequence;
        }

        Request request() {
            return new Request(hash, wtxid);
        }

        boolean isWaiting() {
            return state == State.DELAYED || state == State.REQUESTED;
        }

        boolean isSelected() {
            return state == State.BEST || state == State.REQUESTED;
        }

        boolean isBetterThan(Announcement other) {
            if (preferred != other.preferred) {
                return preferred;
            }
            int order = Long.compareUnsigned(priority, other.priority);
            return order == 0 ? sequence < other.sequence : order > 0;
        }
    }

    /// What is known of one peer.
    private static final class PeerRecord {
        final DigestTable<Announcement> all;

        /// To be asked now.
        final TreeSet<Announcement> best = new TreeSet<>(BY_SEQUENCE);

        int requested;
        int completed;

        PeerRecord(long salt) {
            this.all = new DigestTable<>(each -> each.hash, salt);
        }
    }

    /// Something to ask for.
    ///
    /// @param wtxid whether the hash is a wtxid
    record Request(Digest256 hash, boolean wtxid) {
        /// For the log.
        String kind() {
            return wtxid ? "wtx" : "tx";
        }
    }

    /// The first of each chain.
    private DigestTable<Announcement> byHash = new DigestTable<>(each -> each.hash, 0);

    private final Map<PeerId, PeerRecord> peers = new HashMap<>();
    private final TreeSet<Announcement> waiting = new TreeSet<>(BY_TIME);
    private final RandomGenerator random;
    private long sequence;

    /// The first chance that was drawn: nobody sees it.
    private long salt;

    TxRequestTracker(RandomGenerator random) {
        this.random = random;
    }

    /// A peer announced a transaction; nothing happens if it did before.
    ///
    /// @param earliestNanos it is not asked before
    void announced(PeerId peer, Request request, boolean preferred, long earliestNanos) {
        PeerRecord known = peers.get(peer);
        if (known != null && known.all.contains(request.hash())) {
            return;
        }
        long priority = random.nextLong();
        if (sequence == 0) {
            salt = priority;
            byHash = new DigestTable<>(each -> each.hash, salt);
        }
        Announcement first = byHash.get(request.hash());
        Request shared = first == null ? request : new Request(first.hash, request.wtxid());
        var added = new Announcement(shared, peer, preferred, priority, sequence++);
        added.timeNanos = earliestNanos;
        peers.computeIfAbsent(peer, _ -> new PeerRecord(salt)).all.put(added);
        if (first == null) {
            byHash.put(added);
        } else {
            added.next = first.next;
            first.next = added;
        }
        waiting.add(added);
    }

    /// What to ask of a peer now, in the order of announcement.
    ///
    /// @param expired told of each request that nobody answered in time
    List<Request> requestable(PeerId peer, long nowNanos, BiConsumer<PeerId, Request> expired) {
        while (!waiting.isEmpty() && waiting.first().timeNanos <= nowNanos) {
            Announcement first = waiting.first();
            if (first.state == State.REQUESTED) {
                expired.accept(first.peer, first.request());
                complete(first);
            } else {
                promote(first);
            }
        }
        PeerRecord of = byHash.size() == 0 ? null : peers.get(peer);
        if (of == null || of.best.isEmpty()) {
            return List.of();
        }
        return of.best.stream().map(Announcement::request).toList();
    }

    private void promote(Announcement delayed) {
        setState(delayed, State.READY);
        Announcement selected = selected(delayed.hash);
        if (selected == null) {
            setState(delayed, State.BEST);
        } else if (selected.state == State.BEST && delayed.isBetterThan(selected)) {
            setState(selected, State.READY);
            setState(delayed, State.BEST);
        }
    }

    private @Nullable Announcement selected(Digest256 hash) {
        Announcement each = byHash.get(hash);
        while (each != null && !each.isSelected()) {
            each = each.next;
        }
        return each;
    }

    /// A request of [#requestable] left for the peer.
    void requested(PeerId peer, Digest256 hash, long expiryNanos) {
        Announcement asked = find(peer, hash);
        if (asked == null || asked.state == State.COMPLETED || asked.state == State.REQUESTED) {
            return;
        }
        Announcement selected = selected(hash);
        if (selected != null && selected != asked) {
            setState(selected, selected.state == State.BEST ? State.READY : State.COMPLETED);
        }
        waiting.remove(asked);
        asked.timeNanos = expiryNanos;
        setState(asked, State.REQUESTED);
    }

    /// The peer answered a request, with the transaction or with `notfound`.
    void responded(PeerId peer, Digest256 hash) {
        Announcement announcement = find(peer, hash);
        if (announcement != null) {
            complete(announcement);
        }
    }

    /// The transaction is not wanted any more.
    void forget(Digest256 hash) {
        for (Announcement each = byHash.remove(hash); each != null; each = each.next) {
            detach(each);
        }
    }

    /// A peer is gone with all it announced.
    void removePeer(PeerId peer) {
        PeerRecord of = peers.get(peer);
        if (of == null) {
            return;
        }
        List<Announcement> all = of.all.values();
        all.sort(Comparator.comparingLong(each -> each.sequence));
        for (Announcement each : all) {
            if (complete(each)) {
                detach(each);
                unlink(each);
            }
        }
    }

    /// Takes one out of its chain, in which there are others.
    private void unlink(Announcement gone) {
        Announcement first = byHash.get(gone.hash);
        if (first == gone && gone.next != null) {
            byHash.put(gone.next);
        }
        for (Announcement each = first; each != null; each = each.next) {
            if (each.next == gone) {
                each.next = gone.next;
            }
        }
    }

    /// @return whether the announcement is still tracked
    private boolean complete(Announcement announcement) {
        if (announcement.state == State.COMPLETED) {
            return true;
        }
        Digest256 hash = announcement.hash;
        boolean wasSelected = announcement.isSelected();
        setState(announcement, State.COMPLETED);
        Announcement next = null;
        boolean allCompleted = true;
        for (Announcement each = byHash.get(hash); each != null; each = each.next) {
            allCompleted &= each.state == State.COMPLETED;
            if (each.state == State.READY && (next == null || each.isBetterThan(next))) {
                next = each;
            }
        }
        if (allCompleted) {
            forget(hash);
            return false;
        }
        if (wasSelected && next != null) {
            setState(next, State.BEST);
        }
        return true;
    }

    private @Nullable Announcement find(PeerId peer, Digest256 hash) {
        PeerRecord of = peers.get(peer);
        return of == null ? null : of.all.get(hash);
    }

    private void setState(Announcement announcement, State state) {
        PeerRecord of = peers.get(announcement.peer);
        if (of == null) {
            return;
        }
        leave(of, announcement);
        announcement.state = state;
        switch (state) {
            case DELAYED -> waiting.add(announcement);
            case REQUESTED -> {
                waiting.add(announcement);
                of.requested++;
            }
            case BEST -> of.best.add(announcement);
            case COMPLETED -> of.completed++;
            case READY -> {}
        }
    }

    private void leave(PeerRecord of, Announcement announcement) {
        if (announcement.isWaiting()) {
            waiting.remove(announcement);
        }
        switch (announcement.state) {
            case REQUESTED -> of.requested--;
            case BEST -> of.best.remove(announcement);
            case COMPLETED -> of.completed--;
            case DELAYED, READY -> {}
        }
    }

    private void detach(Announcement announcement) {
        PeerRecord of = peers.get(announcement.peer);
        if (of != null) {
            leave(of, announcement);
            of.all.remove(announcement.hash);
            if (of.all.size() == 0) {
                peers.remove(announcement.peer);
            }
        }
    }

    /// Whether a peer was asked for a transaction, and neither answered nor let the time pass.
    boolean isRequested(PeerId peer, Digest256 hash) {
        Announcement found = find(peer, hash);
        return found != null && found.state == State.REQUESTED;
    }

    /// Requests to a peer that are not answered.
    int inFlight(PeerId peer) {
        PeerRecord of = peers.get(peer);
        return of == null ? 0 : of.requested;
    }

    /// All that is tracked of a peer.
    int count(PeerId peer) {
        PeerRecord of = peers.get(peer);
        return of == null ? 0 : of.all.size();
    }

    /// Announcements of a peer that may still be asked for.
    int candidates(PeerId peer) {
        PeerRecord of = peers.get(peer);
        return of == null ? 0 : of.all.size() - of.requested - of.completed;
    }

    /// Whether [#requestable] would give something without time passing.
    boolean hasRequestable(PeerId peer) {
        PeerRecord of = byHash.size() == 0 ? null : peers.get(peer);
        return of != null && !of.best.isEmpty();
    }

    /// Whether nothing is tracked.
    boolean isEmpty() {
        return byHash.size() == 0;
    }

    /// All that is tracked.
    int size() {
        int size = 0;
        for (PeerRecord each : peers.values()) {
            size += each.all.size();
        }
        return size;
    }

    /// When something happens by time alone; `Long.MAX_VALUE` for never.
    long deadlineNanos() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.first().timeNanos;
    }
}
