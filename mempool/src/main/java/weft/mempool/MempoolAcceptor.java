package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.chain.CoinsView;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.chain.api.HeaderNode;
import weft.chain.api.TxFailure;
import weft.consensus.Coin;
import weft.consensus.LockTimes;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.TxCheck;
import weft.consensus.TxInputs;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// Decides what comes into the mempool: first what is cheap to check, last the scripts. A transaction that
/// spends what another already spends is refused; the first stays.
///
/// Called by the chain engine, on its thread.
public final class MempoolAcceptor {
    private static final int SIGOPS_COST_MAX = 16_000;
    private static final int SEQUENCE_LOCK_HEIGHT = Integer.MAX_VALUE;

    private final Mempool mempool;
    private final MempoolOptions options;
    private final CoinsView coins;
    private final ScriptVerifier scripts;

    /// @param coins of the active chain
    public MempoolAcceptor(
            Mempool mempool, MempoolOptions options, CoinsView coins, ScriptVerifier scripts) {
        this.mempool = mempool;
        this.options = options;
        this.coins = coins;
        this.scripts = scripts;
    }

    /// Judges a transaction for the block after `tip`.
    ///
    /// @param testOnly leave the mempool as it is
    public AcceptResult accept(Transaction tx, HeaderNode tip, Now now, boolean testOnly) {
        TxFailure failure = checkAlone(tx, tip);
        if (failure != null) {
            return new AcceptResult.Rejected(failure);
        }
        List<Coin> spent = new ArrayList<>();
        List<Txid> missing = collect(tx, spent);
        if (!missing.isEmpty()) {
            return isConfirmed(tx)
                    ? rejected(TxFailure.Kind.CONFLICT, "txn-already-known", "")
                    : new AcceptResult.MissingInputs(missing);
        }
        TxInputs.Result inputs = TxInputs.check(tx, confirmedView(spent, tip), tip.height() + 1);
        if (inputs.failure() != null) {
            return new AcceptResult.Rejected(failure(inputs.failure()));
        }
        int sigOpCost = SigOps.cost(tx, spent, ScriptFlags.STANDARD);
        failure = checkWithCoins(tx, spent, tip, sigOpCost, inputs.fee());
        if (failure == null) {
            failure = checkScripts(tx, spent);
        }
        if (failure != null) {
            return new AcceptResult.Rejected(failure);
        }
        var entry =
                new MempoolEntry(
                        tx,
                        inputs.fee(),
                        sigOpCost,
                        now.wall(),
                        tip.height(),
                        mempool.nextSequence(),
                        spent.stream().anyMatch(Coin::isCoinbase));
        if (!testOnly) {
            mempool.add(entry);
        }
        return new AcceptResult.Accepted(entry);
    }

    private @Nullable TxFailure checkAlone(Transaction tx, HeaderNode tip) {
        RuleFailure broken = TxCheck.check(tx);
        if (broken != null) {
            return failure(broken);
        }
        if (tx.isCoinbase()) {
            return new TxFailure(TxFailure.Kind.CONSENSUS, "coinbase", "");
        }
        TxFailure form = options.requireStandard() ? RelayPolicy.check(tx) : null;
        if (form != null) {
            return form;
        }
        if (tx.strippedSize() < RelayPolicy.STRIPPED_SIZE_MIN) {
            return new TxFailure(TxFailure.Kind.NOT_STANDARD, "tx-size-small", "");
        }
        if (!LockTimes.isFinal(tx, tip.height() + 1, tip.medianTimePast())) {
            return new TxFailure(TxFailure.Kind.PREMATURE_SPEND, "non-final", "");
        }
        MempoolEntry same = mempool.find(tx.txid());
        if (same != null) {
            String reason =
                    same.tx().wtxid().equals(tx.wtxid())
                            ? "txn-already-in-mempool"
                            : "txn-same-nonwitness-data-in-mempool";
            return new TxFailure(TxFailure.Kind.CONFLICT, reason, "");
        }
        return mempool.conflicts(tx).isEmpty()
                ? null
                : new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, "txn-mempool-conflict", "");
    }

    /// Finds the coin of each input; answers with the transactions whose coins are unknown.
    private List<Txid> collect(Transaction tx, List<Coin> spent) {
        var missing = new TreeSet<Txid>();
        for (TxIn input : tx.inputs()) {
            Coin coin = find(input.prevout());
            if (coin == null) {
                missing.add(input.prevout().txid());
            } else {
                spent.add(coin);
            }
        }
        return List.copyOf(missing);
    }

    private @Nullable Coin find(OutPoint outPoint) {
        MempoolEntry parent = mempool.find(outPoint.txid());
        if (parent == null) {
            return coins.coin(outPoint);
        }
        List<TxOut> outputs = parent.tx().outputs();
        return outPoint.index() < outputs.size()
                ? new Coin(outputs.get((int) outPoint.index()), SEQUENCE_LOCK_HEIGHT, false)
                : null;
    }

    /// Coins of the mempool count as made in the next block.
    private static List<Coin> confirmedView(List<Coin> spent, HeaderNode tip) {
        return spent.stream()
                .map(
                        coin ->
                                coin.height() == SEQUENCE_LOCK_HEIGHT
                                        ? new Coin(coin.out(), tip.height() + 1, false)
                                        : coin)
                .toList();
    }

    private boolean isConfirmed(Transaction tx) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            if (coins.has(new OutPoint(tx.txid(), i))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable TxFailure checkWithCoins(
            Transaction tx, List<Coin> spent, HeaderNode tip, int sigOpCost, long fee) {
        List<Integer> heights = confirmedView(spent, tip).stream().map(Coin::height).toList();
        LockTimes.Locks locks = LockTimes.sequenceLocks(tx, heights, tip, true);
        if (!LockTimes.areMet(locks, tip)) {
            return new TxFailure(TxFailure.Kind.PREMATURE_SPEND, "non-BIP68-final", "");
        }
        if (sigOpCost > SIGOPS_COST_MAX) {
            return new TxFailure(
                    TxFailure.Kind.NOT_STANDARD,
                    "bad-txns-too-many-sigops",
                    String.valueOf(sigOpCost));
        }
        long least = options.minFee(MempoolEntry.vsize(tx, sigOpCost));
        if (fee < least) {
            return new TxFailure(
                    TxFailure.Kind.RECONSIDERABLE, "min relay fee not met", fee + " < " + least);
        }
        return checkChain(tx);
    }

    private @Nullable TxFailure checkChain(Transaction tx) {
        List<MempoolEntry> ancestors = mempool.ancestors(tx);
        if (ancestors.size() + 1 > options.ancestorsMax()) {
            return tooLong(
                    "too many unconfirmed ancestors [limit: " + options.ancestorsMax() + "]");
        }
        for (MempoolEntry ancestor : ancestors) {
            if (mempool.descendants(ancestor).size() + 2 > options.descendantsMax()) {
                return tooLong(
                        "too many descendants for tx "
                                + ancestor.txid()
                                + " [limit: "
                                + options.descendantsMax()
                                + "]");
            }
        }
        return null;
    }

    private static TxFailure tooLong(String detail) {
        return new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, "too-long-mempool-chain", detail);
    }

    private @Nullable TxFailure checkScripts(Transaction tx, List<Coin> spent) {
        // Both are kept: a block that brings the transaction asks for the rules of blocks.
        ScriptVerifier.Failure policy =
                scripts.verifyAndRemember(checks(tx, spent, ScriptFlags.STANDARD));
        ScriptVerifier.Failure rule =
                scripts.verifyAndRemember(checks(tx, spent, ScriptFlags.MANDATORY));
        if (rule != null) {
            return new TxFailure(
                    TxFailure.Kind.CONSENSUS,
                    "mandatory-script-verify-flag-failed (" + rule.error() + ")",
                    "");
        }
        if (policy == null) {
            return null;
        }
        boolean stripped =
                !tx.hasWitness() && spent.stream().anyMatch(coin -> mayNeedWitness(coin.out()));
        return new TxFailure(
                stripped ? TxFailure.Kind.WITNESS_STRIPPED : TxFailure.Kind.NOT_STANDARD,
                "non-mandatory-script-verify-flag (" + policy.error() + ")",
                "");
    }

    private static boolean mayNeedWitness(TxOut out) {
        int length = out.scriptPubKey().length();
        return length >= 4 && length <= 42 && out.scriptPubKey().at(1) + 2 == length;
    }

    private static List<ScriptCheck> checks(Transaction tx, List<Coin> spent, int flags) {
        List<TxOut> outputs = spent.stream().map(Coin::out).toList();
        var checks = new ArrayList<ScriptCheck>(outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            checks.add(new ScriptCheck(tx, i, outputs, flags));
        }
        return checks;
    }

    private static TxFailure failure(@Nullable RuleFailure broken) {
        RuleFailure failure = Check.present(broken, "there is a failure");
        TxFailure.Kind kind =
                failure.kind() == RuleFailure.Kind.PREMATURE
                        ? TxFailure.Kind.PREMATURE_SPEND
                        : TxFailure.Kind.CONSENSUS;
        return new TxFailure(kind, failure.reason(), failure.detail());
    }

    private static AcceptResult rejected(TxFailure.Kind kind, String reason, String detail) {
        return new AcceptResult.Rejected(new TxFailure(kind, reason, detail));
    }
}
