package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.api.TxFailure;
import weft.consensus.Coin;
import weft.consensus.LockTimes;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.TxCheck;
import weft.consensus.TxInputs;
import weft.consensus.script.ScriptFlags;
import weft.mempool.MempoolAcceptor.Moment;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// Everything that is checked before scripts run, in Core's order: what is cheap first. Fills in the
/// [Candidate] on the way.
final class PreChecks {
    private static final int CARVE_OUT_VSIZE = 10_000;

    /// Outputs that are looked up to know a confirmed transaction again.
    ///
    /// *Rationale:* each may cost a read from disk, and anybody may send transactions with thousands.
    private static final int KNOWN_OUTPUTS_MAX = 16;

    private final Mempool mempool;
    private final MempoolOptions options;
    private final ChainLimits limits;
    private final PoolCoins coins;

    PreChecks(Mempool mempool, ChainLimits limits, PoolCoins coins) {
        this.mempool = mempool;
        this.options = mempool.options();
        this.limits = limits;
        this.coins = coins;
    }

    /// Judges a candidate for the next block.
    ///
    /// @return what is wrong; null if nothing is
    @Nullable TxFailure check(Candidate candidate, AcceptTerms terms, Moment at) {
        HeaderNode tip = at.tip();
        TxFailure failure = checkAlone(candidate.tx, tip);
        if (failure == null) {
            failure = checkKnown(candidate, terms);
        }
        if (failure == null) {
            failure = findCoins(candidate);
        }
        if (failure == null) {
            failure = checkCoins(candidate, tip);
        }
        if (failure == null) {
            weigh(candidate, terms, at);
            failure = checkFees(candidate, terms, at.now());
        }
        return failure == null ? checkRelatives(candidate, terms) : failure;
    }

    private @Nullable TxFailure checkAlone(Transaction tx, HeaderNode tip) {
        RuleFailure broken = TxCheck.check(tx);
        if (broken != null) {
            return failure(broken);
        }
        if (tx.isCoinbase()) {
            return new TxFailure(TxFailure.Kind.CONSENSUS, "coinbase", "");
        }
        TxFailure form =
                options.form().standardOnly() ? RelayPolicy.check(tx, options.form()) : null;
        if (form != null) {
            return form;
        }
        if (tx.strippedSize() < RelayPolicy.STRIPPED_SIZE_MIN) {
            return new TxFailure(TxFailure.Kind.NOT_STANDARD, "tx-size-small", "");
        }
        return LockTimes.isFinal(tx, tip.height() + 1, tip.medianTimePast())
                ? null
                : new TxFailure(TxFailure.Kind.PREMATURE_SPEND, "non-final", "");
    }

    private @Nullable TxFailure checkKnown(Candidate candidate, AcceptTerms terms) {
        Transaction tx = candidate.tx;
        if (mempool.contains(tx.wtxid())) {
            return new TxFailure(TxFailure.Kind.CONFLICT, "txn-already-in-mempool", "");
        }
        if (mempool.contains(tx.txid())) {
            return new TxFailure(
                    TxFailure.Kind.CONFLICT, "txn-same-nonwitness-data-in-mempool", "");
        }
        for (TxIn input : tx.inputs()) {
            MempoolEntry other = mempool.spender(input.prevout());
            if (other == null) {
                continue;
            }
            if (!terms.replacement()) {
                return policy("bip125-replacement-disallowed", "");
            }
            boolean mayLeave =
                    options.fullRbf()
                            || Replacement.isSignalled(other.tx())
                            || TrucPolicy.isTruc(other.tx());
            if (!mayLeave) {
                return policy("txn-mempool-conflict", "");
            }
            candidate.conflicts.add(other.txid());
        }
        return null;
    }

    private @Nullable TxFailure findCoins(Candidate candidate) {
        var spent = new ArrayList<Coin>(candidate.tx.inputs().size());
        for (TxIn input : candidate.tx.inputs()) {
            Coin coin = coins.coin(input.prevout());
            if (coin == null) {
                return isConfirmed(candidate.tx)
                        ? new TxFailure(TxFailure.Kind.CONFLICT, "txn-already-known", "")
                        : new TxFailure(
                                TxFailure.Kind.MISSING_INPUTS,
                                "bad-txns-inputs-missingorspent",
                                "");
            }
            spent.add(coin);
        }
        candidate.spent = spent;
        return null;
    }

    private boolean isConfirmed(Transaction tx) {
        int count = Math.min(tx.outputs().size(), KNOWN_OUTPUTS_MAX);
        for (int i = 0; i < count; i++) {
            if (coins.chain().has(new OutPoint(tx.txid(), i))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable TxFailure checkCoins(Candidate candidate, HeaderNode tip) {
        Transaction tx = candidate.tx;
        candidate.lockPoints = LockPoints.of(tx, candidate.spent, tip);
        if (candidate.lockPoints != null && !candidate.lockPoints.areMet(tip)) {
            return new TxFailure(TxFailure.Kind.PREMATURE_SPEND, "non-BIP68-final", "");
        }
        TxInputs.Result inputs = TxInputs.check(tx, candidate.spent, tip.height() + 1);
        if (inputs.failure() != null) {
            return failure(Check.present(inputs.failure(), "there is a failure"));
        }
        candidate.fee = inputs.fee();
        if (!options.form().standardOnly()) {
            return null;
        }
        TxFailure refused = RelayPolicy.checkInputs(tx, candidate.spent);
        return refused == null && tx.hasWitness()
                ? RelayPolicy.checkWitnesses(tx, candidate.spent)
                : refused;
    }

    private void weigh(Candidate candidate, AcceptTerms terms, Moment at) {
        Transaction tx = candidate.tx;
        int sigops = SigOps.cost(tx, candidate.spent, ScriptFlags.STANDARD);
        var arrival =
                new MempoolEntry.Arrival(
                        at.seconds(),
                        at.tip().height(),
                        terms.bypassLimits() ? 0 : mempool.sequence(),
                        candidate.spent.stream().anyMatch(Coin::isCoinbase));
        long vsize = options.form().vsize(tx.weight(), sigops);
        var entry = new MempoolEntry(tx, candidate.fee, sigops, vsize, arrival);
        entry.lockPoints = candidate.lockPoints;
        candidate.setEntry(entry);
        candidate.modifiedFee = candidate.fee + mempool.delta(tx.txid());
    }

    private @Nullable TxFailure checkFees(Candidate candidate, AcceptTerms terms, Now now) {
        int sigops = candidate.entry().sigopCost();
        if (sigops > RelayPolicy.SIGOPS_COST_MAX) {
            return new TxFailure(
                    TxFailure.Kind.NOT_STANDARD,
                    "bad-txns-too-many-sigops",
                    String.valueOf(sigops));
        }
        if (terms.bypassLimits()) {
            return null;
        }
        TxFailure dust = EphemeralDust.checkFee(candidate, options.form());
        if (dust != null) {
            return dust;
        }
        long least = options.minRelay().fee(candidate.vsize);
        if (!TrucPolicy.isTruc(candidate.tx) && candidate.modifiedFee < least) {
            return policy("min relay fee not met", candidate.modifiedFee + " < " + least);
        }
        return terms.packageRates()
                ? null
                : checkRate(candidate.modifiedFee, candidate.vsize, now.unixSeconds());
    }

    /// Whether a fee is enough for the mempool as full as it is.
    @Nullable TxFailure checkRate(long fee, long vsize, long seconds) {
        long wanted = mempool.minFee(seconds).fee(vsize);
        if (wanted > 0 && fee < wanted) {
            return new TxFailure(
                    TxFailure.Kind.RECONSIDERABLE, "mempool min fee not met", fee + " < " + wanted);
        }
        long least = options.minRelay().fee(vsize);
        return fee < least
                ? new TxFailure(
                        TxFailure.Kind.RECONSIDERABLE, "min relay fee not met", fee + " < " + least)
                : null;
    }

    private @Nullable TxFailure checkRelatives(Candidate candidate, AcceptTerms terms) {
        MempoolOptions.Limits wide = options.limits();
        if (candidate.conflicts.size() == 1 && terms.carveOuts()) {
            // What leaves makes room, wherever it stands.
            MempoolEntry conflict = entry(candidate.conflicts.first());
            wide =
                    new MempoolOptions.Limits(
                            wide.ancestors(),
                            wide.ancestorVsize(),
                            wide.descendants() + 1,
                            wide.descendantVsize() + mempool.descendantVsize(conflict));
        }
        ChainLimits.Result found = limits.ofOne(candidate.tx, candidate.vsize, wide);
        if (found.broken() != null) {
            String broken = found.broken();
            found = terms.carveOuts() ? carvedOut(candidate, wide) : found;
            if (found.broken() != null) {
                return policy("too-long-mempool-chain", broken);
            }
        }
        candidate.ancestors = mempool.graph().inIdOrder(found.ancestors());
        TxFailure truc = checkTruc(candidate, terms);
        if (truc != null) {
            return truc;
        }
        String own =
                Replacement.spendsConflict(
                        candidate.ancestors, candidate.conflicts, candidate.tx.txid());
        return own == null
                ? null
                : new TxFailure(TxFailure.Kind.CONSENSUS, "bad-txns-spends-conflicting-tx", own);
    }

    /// One small child with a single unconfirmed parent may be one too many, so that each of two parties
    /// can add to the fee of what both wait for.
    private ChainLimits.Result carvedOut(Candidate candidate, MempoolOptions.Limits wide) {
        if (candidate.vsize > CARVE_OUT_VSIZE || TrucPolicy.isTruc(candidate.tx)) {
            return new ChainLimits.Result(new Slots(), "too large");
        }
        var carved =
                new MempoolOptions.Limits(
                        2,
                        wide.ancestorVsize(),
                        wide.descendants() + 1,
                        wide.descendantVsize() + CARVE_OUT_VSIZE);
        return limits.ofOne(candidate.tx, candidate.vsize, carved);
    }

    private @Nullable TxFailure checkTruc(Candidate candidate, AcceptTerms terms) {
        TrucPolicy.Violation violation = TrucPolicy.checkOne(candidate, mempool);
        if (violation == null) {
            return null;
        }
        MempoolEntry sibling = violation.sibling();
        if (!terms.siblingEviction() || sibling == null) {
            return policy("TRUC-violation", violation.text());
        }
        candidate.conflicts.add(sibling.txid());
        candidate.evictsSibling = true;
        return null;
    }

    MempoolEntry entry(Txid txid) {
        return Check.present(mempool.find(txid), "a conflict is in the mempool");
    }

    /// Transactions that a transaction spends and nobody here knows, in a fixed order.
    List<Txid> unknownParents(Transaction tx) {
        Set<Txid> missing = new TreeSet<>();
        for (TxIn input : tx.inputs()) {
            if (coins.coin(input.prevout()) == null) {
                missing.add(input.prevout().txid());
            }
        }
        return List.copyOf(missing);
    }

    static TxFailure policy(String reason, String detail) {
        return new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, reason, detail);
    }

    private static TxFailure failure(RuleFailure broken) {
        TxFailure.Kind kind =
                broken.kind() == RuleFailure.Kind.PREMATURE
                        ? TxFailure.Kind.PREMATURE_SPEND
                        : TxFailure.Kind.CONSENSUS;
        return new TxFailure(kind, broken.reason(), broken.detail());
    }
}
