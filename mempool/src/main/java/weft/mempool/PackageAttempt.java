package weft.mempool;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.TxFailure;
import weft.mempool.MempoolAcceptor.Moment;
import weft.mempool.PackageResult.PackageFailure;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.Wtxid;

/// Takes in a child with its parents: each that can come alone comes alone, the rest together. So a package
/// never gets in what its transactions would not have got in, and nobody pays for what needs no help.
final class PackageAttempt {
    private final MempoolAcceptor acceptor;
    private final Mempool mempool;
    private final PoolCoins coins;
    private final PoolLimiter limiter;
    private final Map<Wtxid, AcceptResult> settled = new LinkedHashMap<>();
    private final Map<Wtxid, AcceptResult> open = new LinkedHashMap<>();

    PackageAttempt(
            MempoolAcceptor acceptor, Mempool mempool, PoolCoins coins, PoolLimiter limiter) {
        this.acceptor = acceptor;
        this.mempool = mempool;
        this.coins = coins;
        this.limiter = limiter;
    }

    PackageResult run(List<Transaction> txs, AcceptTerms terms, Moment at) {
        PackageFailure failure = PackageForm.check(txs);
        if (failure == null && !PackageForm.isChildWithParents(txs)) {
            failure = PackageFailure.policy("package-not-child-with-parents", "");
        }
        if (failure == null && !hasAllParents(txs)) {
            failure = PackageFailure.policy("package-not-child-with-unconfirmed-parents", "");
        }
        if (failure != null) {
            return PackageResult.failed(failure);
        }
        List<Transaction> rest = tryEach(txs, terms, at);
        PackageResult together =
                rest == null
                        ? PackageResult.failed(PackageFailure.OF_TRANSACTION)
                        : judgeRest(rest, terms, at);
        limiter.limit(at.now());
        return conclude(txs, together);
    }

    /// Whether each coin of the child is confirmed or of a transaction of the package.
    private boolean hasAllParents(List<Transaction> txs) {
        Set<Txid> parents = new HashSet<>();
        txs.subList(0, txs.size() - 1).forEach(tx -> parents.add(tx.txid()));
        return txs.getLast().inputs().stream()
                .allMatch(
                        input ->
                                parents.contains(input.prevout().txid())
                                        || coins.chain().has(input.prevout()));
    }

    /// Takes in what needs no help.
    ///
    /// @return those that fees or coins of others could help; null if one can never come
    private @Nullable List<Transaction> tryEach(
            List<Transaction> txs, AcceptTerms terms, Moment at) {
        var rest = new ArrayList<Transaction>();
        boolean isHopeless = false;
        for (Transaction tx : txs) {
            MempoolEntry same = mempool.find(tx.txid());
            if (same != null) {
                boolean isJustThis = same.tx().wtxid().equals(tx.wtxid());
                settled.put(
                        tx.wtxid(),
                        isJustThis
                                ? new AcceptResult.Known(same)
                                : new AcceptResult.OtherWitness(same));
                continue;
            }
            AcceptResult result = acceptor.single(tx, terms.singleInPackage(), at);
            if (!(result instanceof AcceptResult.Rejected(TxFailure failure, var _))) {
                settled.put(tx.wtxid(), result);
                continue;
            }
            open.put(tx.wtxid(), result);
            if (failure.kind() == TxFailure.Kind.RECONSIDERABLE
                    || failure.kind() == TxFailure.Kind.MISSING_INPUTS) {
                rest.add(tx);
            } else {
                isHopeless = true;
            }
        }
        return isHopeless ? null : rest;
    }

    private PackageResult judgeRest(List<Transaction> rest, AcceptTerms terms, Moment at) {
        if (rest.isEmpty()) {
            return new PackageResult(null, new LinkedHashMap<>());
        }
        if (rest.size() > 1) {
            return acceptor.together(rest, terms, at);
        }
        Transaction tx = rest.getFirst();
        AcceptResult result = acceptor.single(tx, terms.singleInPackage(), at);
        var results = new LinkedHashMap<Wtxid, AcceptResult>();
        results.put(tx.wtxid(), result);
        return result instanceof AcceptResult.Rejected
                ? PackageResult.failed(PackageFailure.OF_TRANSACTION, results)
                : new PackageResult(null, results);
    }

    private PackageResult conclude(List<Transaction> txs, PackageResult together) {
        PackageFailure failure = together.failure();
        var results = new LinkedHashMap<Wtxid, AcceptResult>();
        for (Transaction tx : txs) {
            AcceptResult result = together.results().get(tx.wtxid());
            boolean isGone = false;
            if (result != null) {
                isGone = result instanceof AcceptResult.Accepted && !mempool.contains(tx.wtxid());
            } else if (settled.containsKey(tx.wtxid())) {
                result = settled.get(tx.wtxid());
                isGone = !mempool.contains(tx.txid());
            } else {
                result = open.get(tx.wtxid());
            }
            if (isGone) {
                failure = PackageFailure.OF_TRANSACTION;
                result = new AcceptResult.Rejected(PreChecks.policy("mempool full", ""), null);
            }
            if (result != null) {
                results.put(tx.wtxid(), result);
            }
        }
        return new PackageResult(failure, results);
    }
}
