package weft.p2p.tx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;

/// What peers sent that is with the chain engine now.
final class Judging {
    private final Map<Wtxid, Case> open = new HashMap<>();

    /// Hashes of transactions and packages that a peer waits for.
    private final Map<PeerId, Set<Digest256>> waiting = new HashMap<>();

    /// Weight of the transactions that a peer offered first and that are judged now.
    private final Map<PeerId, Long> weights = new HashMap<>();

    /// The orphan of a peer that is judged now.
    private final Map<PeerId, Wtxid> turns = new HashMap<>();

    /// How a transaction was offered.
    enum Offer {
        ALONE,
        ORPHAN,
        PACKAGE
    }

    /// A transaction that is judged.
    ///
    /// @param by who offered it
    /// @param others who sent it too since then
    record Case(Offer offer, PeerId by, SortedSet<PeerId> others) {}

    /// A transaction goes to the chain engine alone.
    ///
    /// @return false if it is there already; then the peer waits for the same verdict
    boolean begin(Transaction tx, PeerId by) {
        var fresh = new Case(Offer.ALONE, by, new TreeSet<>());
        Case known = open.putIfAbsent(tx.wtxid(), fresh);
        if (known != null) {
            known.others.add(by);
        }
        await(by, MempoolMirror.plain(tx.wtxid()));
        if (known == null) {
            weigh(by, tx);
        }
        return known == null;
    }

    /// @return false if it is there already
    boolean beginOrphan(Transaction tx, PeerId by) {
        var fresh = new Case(Offer.ORPHAN, by, new TreeSet<>());
        if (open.putIfAbsent(tx.wtxid(), fresh) != null) {
            return false;
        }
        weigh(by, tx);
        turns.put(by, tx.wtxid());
        return true;
    }

    void beginPackage(List<Transaction> txs, PeerId by) {
        for (Transaction tx : txs) {
            Case known = open.get(tx.wtxid());
            if (known == null) {
                weigh(by, tx);
            }
            open.put(
                    tx.wtxid(),
                    known == null
                            ? new Case(Offer.PACKAGE, by, new TreeSet<>())
                            : new Case(Offer.PACKAGE, known.by, known.others));
        }
        await(by, PackageFinder.idOf(txs));
    }

    private void await(PeerId peer, Digest256 hash) {
        waiting.computeIfAbsent(peer, _ -> new HashSet<>()).add(hash);
    }

    /// A transaction is judged.
    ///
    /// @param origin whose it was; null if no peer's
    /// @return null if it was not known to be judged
    @Nullable Case end(Transaction tx, @Nullable PeerId origin) {
        Case ended = open.remove(tx.wtxid());
        if (origin != null) {
            forget(origin, tx);
        }
        if (ended != null) {
            lighten(ended.by, tx);
            forget(ended.by, tx);
            ended.others.forEach(each -> forget(each, tx));
        }
        return ended;
    }

    private void weigh(PeerId by, Transaction tx) {
        weights.merge(by, (long) tx.weight(), Long::sum);
    }

    private void lighten(PeerId by, Transaction tx) {
        weights.computeIfPresent(
                by, (peer, weight) -> weight <= tx.weight() ? null : weight - tx.weight());
    }

    /// How heavy what a peer offered is, of all that is judged now.
    long weightOf(PeerId peer) {
        return weights.getOrDefault(peer, 0L);
    }

    private void forget(PeerId peer, Transaction tx) {
        turns.remove(peer, tx.wtxid());
        forget(peer, MempoolMirror.plain(tx.wtxid()));
    }

    void endPackage(List<Transaction> txs, PeerId by) {
        forget(by, PackageFinder.idOf(txs));
        for (Transaction tx : txs) {
            Case each = open.get(tx.wtxid());
            if (each != null && each.offer == Offer.PACKAGE) {
                end(tx, null);
            }
        }
    }

    private void forget(PeerId peer, Digest256 hash) {
        Set<Digest256> hashes = waiting.get(peer);
        if (hashes != null && hashes.remove(hash) && hashes.isEmpty()) {
            waiting.remove(peer);
        }
    }

    void onGone(PeerId peer) {
        waiting.remove(peer);
        turns.remove(peer);
        weights.remove(peer);
    }

    /// Whether an orphan of a peer is judged.
    boolean hasTurn(PeerId peer) {
        return turns.containsKey(peer);
    }

    /// Whether something that a peer sent is judged.
    boolean isAwaitedBy(PeerId peer) {
        return turns.containsKey(peer) || waiting.containsKey(peer);
    }
}
