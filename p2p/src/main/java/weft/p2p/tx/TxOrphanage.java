package weft.p2p.tx;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Transactions whose parents are not here yet.
///
/// - An orphan goes after twenty minutes, with the peer that sent it, or with a block that spends its
///   inputs; above
///   the limit a random one goes. *Rationale:* an attacker can push honest orphans out, but cannot choose
///   which.
/// - Orphans heavier than a standard transaction are not kept.
final class TxOrphanage {
    static final long EXPIRE_NANOS = 20 * 60_000_000_000L;
    private static final long SWEEP_NANOS = 5 * 60_000_000_000L;
    private static final int WEIGHT_MAX = 400_000;

    /// One orphan.
    private static final class Orphan {
        final Transaction tx;
        final PeerId from;
        final long expiresNanos;
        int position;

        Orphan(Transaction tx, PeerId from, long expiresNanos, int position) {
            this.tx = tx;
            this.from = from;
            this.expiresNanos = expiresNanos;
            this.position = position;
        }
    }

    private final Map<Wtxid, Orphan> orphans = new TreeMap<>();

    /// In no order, to draw one at random.
    private final List<Orphan> drawn = new ArrayList<>();

    private final Map<OutPoint, TreeSet<Wtxid>> spenders = new HashMap<>();
    private final Map<PeerId, TreeSet<Wtxid>> toReconsider = new TreeMap<>();
    private final Log log;
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
        if (orphans.containsKey(tx.wtxid())) {
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
        var orphan = new Orphan(tx, from, nowNanos + EXPIRE_NANOS, drawn.size());
        orphans.put(tx.wtxid(), orphan);
        drawn.add(orphan);
        for (TxIn in : tx.inputs()) {
            spenders.computeIfAbsent(in.prevout(), _ -> new TreeSet<>()).add(tx.wtxid());
        }
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

    /// Drops an orphan.
    ///
    /// @return whether it was there
    boolean remove(Wtxid wtxid) {
        Orphan orphan = orphans.remove(wtxid);
        if (orphan == null) {
            return false;
        }
        for (TxIn in : orphan.tx.inputs()) {
            TreeSet<Wtxid> others = spenders.get(in.prevout());
            if (others != null && others.remove(wtxid) && others.isEmpty()) {
                spenders.remove(in.prevout());
            }
        }
        Orphan last = drawn.removeLast();
        if (last != orphan) {
            drawn.set(orphan.position, last);
            last.position = orphan.position;
        }
        log.debug(
                LogCategory.TXPACKAGES,
                () -> "   removed orphan tx " + orphan.tx.txid() + " (wtxid=" + wtxid + ")");
        return true;
    }

    void removePeer(PeerId peer) {
        toReconsider.remove(peer);
        int count = removeIf(orphan -> orphan.from.equals(peer));
        if (count > 0) {
            log.debug(
                    LogCategory.TXPACKAGES,
                    () -> "Erased " + count + " orphan transaction(s) from peer=" + peer);
        }
    }

    private int removeIf(java.util.function.Predicate<Orphan> condition) {
        var gone = new ArrayList<Wtxid>();
        orphans.forEach(
                (wtxid, orphan) -> {
                    if (condition.test(orphan)) {
                        gone.add(wtxid);
                    }
                });
        gone.forEach(this::remove);
        return gone.size();
    }

    /// Drops what is too old, then random ones above the limit.
    void limit(int max, long nowNanos, RandomGenerator random) {
        if (nextSweepNanos <= nowNanos) {
            int expired = removeIf(orphan -> orphan.expiresNanos <= nowNanos);
            long next = nowNanos + EXPIRE_NANOS - SWEEP_NANOS;
            for (Orphan orphan : drawn) {
                next = Math.min(next, orphan.expiresNanos);
            }
            nextSweepNanos = next + SWEEP_NANOS;
            if (expired > 0) {
                log.debug(
                        LogCategory.TXPACKAGES,
                        () -> "Erased " + expired + " orphan tx due to expiration");
            }
        }
        int evicted = 0;
        while (orphans.size() > max) {
            remove(drawn.get(random.nextInt(drawn.size())).tx.wtxid());
            evicted++;
        }
        if (evicted > 0) {
            int count = evicted;
            log.debug(LogCategory.TXPACKAGES, () -> "orphanage overflow, removed " + count + " tx");
        }
    }

    /// A parent arrived: its children may be offered again, on behalf of the peers that sent them.
    void onParent(Transaction parent) {
        for (int i = 0; i < parent.outputs().size(); i++) {
            for (Wtxid child :
                    spenders.getOrDefault(new OutPoint(parent.txid(), i), new TreeSet<>())) {
                Orphan orphan = orphans.get(child);
                if (orphan != null) {
                    toReconsider.computeIfAbsent(orphan.from, _ -> new TreeSet<>()).add(child);
                    log.debug(
                            LogCategory.TXPACKAGES,
                            () ->
                                    "added "
                                            + parent.txid()
                                            + " (wtxid="
                                            + parent.wtxid()
                                            + ") to peer "
                                            + orphan.from
                                            + " workset");
                }
            }
        }
    }

    /// The next orphan of a peer to offer again; null if there is none.
    @Nullable Transaction pollToReconsider(PeerId peer) {
        TreeSet<Wtxid> waiting = toReconsider.get(peer);
        while (waiting != null && !waiting.isEmpty()) {
            Orphan orphan = orphans.get(waiting.removeFirst());
            if (orphan != null) {
                return orphan.tx;
            }
        }
        return null;
    }

    /// Drops what a block contains or makes impossible.
    void onConnected(Block block) {
        if (spenders.isEmpty()) {
            return;
        }
        var gone = new TreeSet<Wtxid>();
        for (Transaction tx : block.transactions()) {
            for (TxIn in : tx.inputs()) {
                Set<Wtxid> here = spenders.get(in.prevout());
                if (here != null) {
                    gone.addAll(here);
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

    /// Children of a transaction that one peer sent, newest first.
    List<Transaction> childrenFrom(Transaction parent, PeerId peer) {
        var found = new TreeMap<Wtxid, Orphan>();
        for (int i = 0; i < parent.outputs().size(); i++) {
            for (Wtxid child :
                    spenders.getOrDefault(new OutPoint(parent.txid(), i), new TreeSet<>())) {
                Orphan orphan = orphans.get(child);
                if (orphan != null && orphan.from.equals(peer)) {
                    found.put(child, orphan);
                }
            }
        }
        return found.values().stream()
                .sorted(Comparator.comparingLong((Orphan orphan) -> orphan.expiresNanos).reversed())
                .map(orphan -> orphan.tx)
                .toList();
    }
}
