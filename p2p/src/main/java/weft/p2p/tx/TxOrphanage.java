package weft.p2p.tx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedSet;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Transactions whose parents are not here yet.
///
/// - An orphan goes after twenty minutes, with the last peer that announced it, or with a block that spends
///   its inputs.
/// - Above the limits a random one goes, of the peer that uses more of its share than any other: of the
///   count, an equal part for each peer that has orphans here; of the weight, as much as one large
///   transaction. *Rationale:* who floods us pushes out its own orphans only; and cannot choose which of
///   those that others announced too.
/// - Orphans heavier than a standard transaction are not kept.
final class TxOrphanage {
    static final long EXPIRE_NANOS = 20 * 60_000_000_000L;

    /// Weight that a peer's orphans may have whatever others send. As in Bitcoin Core 30.
    static final long WEIGHT_EACH = 404_000;

    private static final long SWEEP_NANOS = 5 * 60_000_000_000L;
    private static final int WEIGHT_MAX = 400_000;

    /// One orphan.
    private static final class Orphan {
        final Transaction tx;
        final long expiresNanos;
        final long sequence;

        /// Who has it, first of all who gave it to us.
        final SequencedSet<PeerId> from = new LinkedHashSet<>();

        Orphan(Transaction tx, long expiresNanos, long sequence) {
            this.tx = tx;
            this.expiresNanos = expiresNanos;
            this.sequence = sequence;
        }
    }

    /// What one peer announced.
    private static final class Share {
        final List<Orphan> orphans = new ArrayList<>();

        /// Of these, to be offered again because a parent came.
        final TreeSet<Wtxid> toReconsider = new TreeSet<>();

        long weight;

        double use(int max, int peers) {
            return Math.max((double) orphans.size() * peers / max, (double) weight / WEIGHT_EACH);
        }
    }

    /// An orphan and who gave it to us.
    record Child(Transaction tx, PeerId from) {}

    private final Map<Wtxid, Orphan> orphans = new TreeMap<>();
    private final Map<OutPoint, TreeSet<Wtxid>> spenders = new HashMap<>();
    private final NavigableMap<PeerId, Share> shares = new TreeMap<>();
    private final Log log;
    private long weight;
    private long sequence;
    private long nextSweepNanos = Long.MIN_VALUE;

    TxOrphanage(Log log) {
        this.log = log;
    }

    int size() {
        return orphans.size();
    }

    boolean contains(Wtxid wtxid) {
        return orphans.containsKey(wtxid);
    }

    /// Keeps an orphan.
    ///
    /// @return whether it is new and not too heavy
    boolean add(Transaction tx, PeerId from, long nowNanos) {
        if (announce(tx.wtxid(), from)) {
            return false;
        }
        if (tx.weight() > WEIGHT_MAX) {
            log.debug(
                    LogCategory.TXPACKAGES,
                    () ->
                            "ignoring large orphan tx (size: "
                                    + tx.weight()
                                    + ", txid: "
                                    + tx.txid()
                                    + ", wtxid: "
                                    + tx.wtxid()
                                    + ")");
            return false;
        }
        orphans.put(tx.wtxid(), new Orphan(tx, nowNanos + EXPIRE_NANOS, sequence++));
        weight += tx.weight();
        for (TxIn in : tx.inputs()) {
            spenders.computeIfAbsent(in.prevout(), _ -> new TreeSet<>()).add(tx.wtxid());
        }
        announce(tx.wtxid(), from);
        log.debug(
                LogCategory.TXPACKAGES,
                () ->
                        "stored orphan tx "
                                + tx.txid()
                                + " (wtxid="
                                + tx.wtxid()
                                + "), weight: "
                                + tx.weight()
                                + " (mapsz "
                                + orphans.size()
                                + " outsz "
                                + spenders.size()
                                + ")");
        return true;
    }

    /// Another peer has an orphan too.
    ///
    /// @return whether it is here
    boolean announce(Wtxid wtxid, PeerId peer) {
        Orphan orphan = orphans.get(wtxid);
        if (orphan == null) {
            return false;
        }
        if (orphan.from.add(peer)) {
            Share share = shares.computeIfAbsent(peer, _ -> new Share());
            share.orphans.add(orphan);
            share.weight += orphan.tx.weight();
        }
        return true;
    }

    /// Drops an orphan.
    ///
    /// @return whether it was there
    boolean remove(Wtxid wtxid) {
        Orphan orphan = orphans.remove(wtxid);
        if (orphan == null) {
            return false;
        }
        List.copyOf(orphan.from).forEach(peer -> leave(orphan, peer));
        weight -= orphan.tx.weight();
        for (TxIn in : orphan.tx.inputs()) {
            TreeSet<Wtxid> others = spenders.get(in.prevout());
            if (others != null && others.remove(wtxid) && others.isEmpty()) {
                spenders.remove(in.prevout());
            }
        }
        log.debug(
                LogCategory.TXPACKAGES,
                () -> "   removed orphan tx " + orphan.tx.txid() + " (wtxid=" + wtxid + ")");
        return true;
    }

    /// A peer does not count any more as having an orphan; what it was to offer again, another offers.
    private void leave(Orphan orphan, PeerId peer) {
        orphan.from.remove(peer);
        Share share = shares.get(peer);
        if (share == null) {
            return;
        }
        share.orphans.remove(orphan);
        share.weight -= orphan.tx.weight();
        Wtxid wtxid = orphan.tx.wtxid();
        if (share.toReconsider.remove(wtxid) && !orphan.from.isEmpty()) {
            Share next = shares.get(orphan.from.getFirst());
            if (next != null && orphans.containsKey(wtxid)) {
                next.toReconsider.add(wtxid);
            }
        }
        if (share.orphans.isEmpty()) {
            shares.remove(peer);
        }
    }

    /// @return whether the orphan is gone, because nobody else has it
    private boolean drop(Orphan orphan, PeerId peer) {
        leave(orphan, peer);
        return orphan.from.isEmpty() && remove(orphan.tx.wtxid());
    }

    void removePeer(PeerId peer) {
        Share share = shares.get(peer);
        if (share == null) {
            return;
        }
        int count = 0;
        for (Orphan orphan : List.copyOf(share.orphans)) {
            count += drop(orphan, peer) ? 1 : 0;
        }
        if (count > 0) {
            int erased = count;
            log.debug(
                    LogCategory.TXPACKAGES,
                    () -> "Erased " + erased + " orphan transaction(s) from peer=" + peer);
        }
    }

    /// Drops what is too old, then random ones of who uses most, above the limits.
    void limit(int max, long nowNanos, RandomGenerator random) {
        if (nextSweepNanos <= nowNanos) {
            sweep(nowNanos);
        }
        int before = orphans.size();
        while (orphans.size() > max || weight > WEIGHT_EACH * shares.size()) {
            PeerId worst = greediest(max);
            List<Orphan> its = share(worst).orphans;
            drop(its.get(random.nextInt(its.size())), worst);
        }
        int evicted = before - orphans.size();
        if (evicted > 0) {
            log.debug(
                    LogCategory.TXPACKAGES, () -> "orphanage overflow, removed " + evicted + " tx");
        }
    }

    private Share share(PeerId peer) {
        return Check.present(shares.get(peer), "who announced an orphan has a share");
    }

    private PeerId greediest(int max) {
        PeerId worst = shares.firstKey();
        double most = -1;
        for (Map.Entry<PeerId, Share> each : shares.entrySet()) {
            double use = each.getValue().use(max, shares.size());
            if (use >= most) {
                most = use;
                worst = each.getKey();
            }
        }
        return worst;
    }

    private void sweep(long nowNanos) {
        long next = nowNanos + EXPIRE_NANOS - SWEEP_NANOS;
        var expired = new ArrayList<Wtxid>();
        for (Orphan orphan : orphans.values()) {
            if (orphan.expiresNanos <= nowNanos) {
                expired.add(orphan.tx.wtxid());
            } else {
                next = Math.min(next, orphan.expiresNanos);
            }
        }
        expired.forEach(this::remove);
        nextSweepNanos = next + SWEEP_NANOS;
        if (!expired.isEmpty()) {
            log.debug(
                    LogCategory.TXPACKAGES,
                    () -> "Erased " + expired.size() + " orphan tx due to expiration");
        }
    }

    /// A parent arrived: its children may be offered again, on behalf of the peers that sent them.
    void onParent(Transaction parent) {
        for (Orphan orphan : childrenOf(parent)) {
            PeerId peer = orphan.from.getFirst();
            share(peer).toReconsider.add(orphan.tx.wtxid());
            log.debug(
                    LogCategory.TXPACKAGES,
                    () ->
                            "added "
                                    + parent.txid()
                                    + " (wtxid="
                                    + parent.wtxid()
                                    + ") to peer "
                                    + peer
                                    + " workset");
        }
    }

    /// In the order of their ids.
    private Collection<Orphan> childrenOf(Transaction parent) {
        var found = new TreeMap<Wtxid, Orphan>();
        if (!spenders.isEmpty()) {
            for (int i = 0; i < parent.outputs().size(); i++) {
                TreeSet<Wtxid> children = spenders.get(new OutPoint(parent.txid(), i));
                if (children != null) {
                    children.forEach(
                            child ->
                                    found.put(
                                            child,
                                            Check.present(
                                                    orphans.get(child), "who spends is here")));
                }
            }
        }
        return found.values();
    }

    /// The next orphan of a peer to offer again; null if there is none.
    @Nullable Transaction pollToReconsider(PeerId peer) {
        Share share = shares.get(peer);
        Wtxid wtxid = share == null ? null : share.toReconsider.pollFirst();
        Orphan orphan = wtxid == null ? null : orphans.get(wtxid);
        return orphan == null ? null : orphan.tx;
    }

    /// Drops what a block contains or makes impossible.
    void onConnected(Block block) {
        if (orphans.isEmpty()) {
            return;
        }
        var gone = new TreeSet<Wtxid>();
        for (Transaction tx : block.transactions()) {
            for (TxIn in : tx.inputs()) {
                TreeSet<Wtxid> those = spenders.get(in.prevout());
                if (those != null) {
                    gone.addAll(those);
                }
            }
        }
        gone.forEach(this::remove);
        if (!gone.isEmpty()) {
            log.debug(
                    LogCategory.TXPACKAGES,
                    () ->
                            "Erased "
                                    + gone.size()
                                    + " orphan transaction(s) included or conflicted by block");
        }
    }

    /// Who has a child of a transaction, in the order of their numbers.
    SortedSet<PeerId> announcersOfChildren(Transaction parent) {
        var peers = new TreeSet<PeerId>();
        childrenOf(parent).forEach(orphan -> peers.addAll(orphan.from));
        return peers;
    }

    /// Children of a transaction that a peer has, newest first.
    List<Transaction> childrenFrom(Transaction parent, PeerId peer) {
        return childrenOf(parent).stream()
                .filter(orphan -> orphan.from.contains(peer))
                .sorted(Comparator.comparingLong((Orphan orphan) -> orphan.sequence).reversed())
                .map(orphan -> orphan.tx)
                .toList();
    }

    /// Children of a transaction that others have, in the order of their ids.
    List<Child> childrenFromOthers(Transaction parent, PeerId peer) {
        return childrenOf(parent).stream()
                .filter(orphan -> !orphan.from.contains(peer))
                .map(orphan -> new Child(orphan.tx, orphan.from.getFirst()))
                .toList();
    }
}
