package weft.chain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.chain.store.StoreException;
import weft.consensus.Coin;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.log.Log;

/// Applies a block to the coins, with every check that needs coins, and takes it back again. Works on a
/// cache of its own, which the caller drops if the block fails.
final class BlockConnector {
    private static final long SIGOPS_COST_MAX = 80_000;
    private static final int SCRIPT_BYTES_MAX = 10_000;
    private static final int OP_RETURN = 0x6a;

    private final ChainRules rules;
    private final ScriptVerifier verifier;
    private final Log log;

    BlockConnector(ChainRules rules, ScriptVerifier verifier, Log log) {
        this.rules = rules;
        this.verifier = verifier;
        this.log = log;
    }

    /// What came of a block: the coins it spent and its scripts, which were begun, or why it is not valid.
    record Result(BlockUndo undo, ScriptVerifier.Pending scripts, @Nullable BlockFailure failure) {
        private static final BlockUndo NOTHING = new BlockUndo(List.of());
        private static final ScriptVerifier.Pending NO_SCRIPTS = ScriptVerifier.Pending.done(null);

        static Result failed(BlockFailure failure) {
            return new Result(NOTHING, NO_SCRIPTS, failure);
        }
    }

    /// Whether an output can never be spent, so that no coin is kept of it.
    static boolean isUnspendable(Bytes script) {
        return script.length() > SCRIPT_BYTES_MAX
                || (!script.isEmpty() && script.at(0) == OP_RETURN);
    }

    /// Applies a block to a cache that stands at its parent, and begins its scripts if nothing else is
    /// wrong with it.
    ///
    /// @param runScripts false for blocks that are assumed valid
    Result connect(Block block, HeaderNode node, CoinsOverlay view, boolean runScripts) {
        if (node.parent() == null) {
            return new Result(Result.NOTHING, Result.NO_SCRIPTS, null);
        }
        if (rules.forbidsOverwriting(node) && overwrites(block, view)) {
            log.info("ERROR: ConnectBlock(): tried to overwrite transaction");
            return Result.failed(ChainFailures.consensus("bad-txns-BIP30", ""));
        }
        var run = new Run(node, view, rules.scriptFlags(node), runScripts);
        for (Transaction tx : block.transactions()) {
            BlockFailure failure = run.apply(tx);
            if (failure != null) {
                return Result.failed(failure);
            }
        }
        BlockFailure failure = run.checkReward(block);
        if (failure != null) {
            return Result.failed(failure);
        }
        ScriptVerifier.Pending scripts =
                run.checks.isEmpty() ? Result.NO_SCRIPTS : verifier.begin(run.checks);
        return new Result(new BlockUndo(run.undos), scripts, null);
    }

    private static boolean overwrites(Block block, CoinsOverlay view) {
        for (Transaction tx : block.transactions()) {
            for (int i = 0; i < tx.outputs().size(); i++) {
                if (view.has(new OutPoint(tx.txid(), i))) {
                    return true;
                }
            }
        }
        return false;
    }

    /// What is wrong with a block in the end; waits for its scripts.
    @Nullable BlockFailure verdict(Result result) {
        return result.failure == null ? await(result.scripts) : result.failure;
    }

    /// Waits for the scripts of a block.
    ///
    /// @return why the block is not valid; null if all scripts pass
    @Nullable BlockFailure await(ScriptVerifier.Pending scripts) {
        ScriptVerifier.Failure failed = scripts.await();
        if (failed == null) {
            return null;
        }
        BlockFailure failure =
                ChainFailures.consensus(
                        "mandatory-script-verify-flag-failed (" + failed.error() + ")", "");
        log.error(
                "ConnectBlock(): CheckInputScripts on "
                        + failed.check().tx().txid()
                        + " failed with "
                        + failure);
        return failure;
    }

    /// One block on its way through.
    private final class Run {
        private final HeaderNode node;
        private final CoinsOverlay view;
        private final int flags;
        private final boolean runScripts;
        private final List<ScriptCheck> checks = new ArrayList<>();
        private final List<BlockUndo.TxUndo> undos = new ArrayList<>();
        private long fees;
        private long sigOpsCost;

        Run(HeaderNode node, CoinsOverlay view, int flags, boolean runScripts) {
            this.node = node;
            this.view = view;
            this.flags = flags;
            this.runScripts = runScripts;
        }

        @Nullable BlockFailure apply(Transaction tx) {
            boolean coinbase = tx.isCoinbase();
            List<Coin> spent = new ArrayList<>(tx.inputs().size());
            BlockFailure failure = coinbase ? null : checkCoins(tx, spent);
            if (failure != null) {
                return failure;
            }
            sigOpsCost += rules.sigOpsCost(tx, spent, flags);
            if (sigOpsCost > SIGOPS_COST_MAX) {
                log.info("ERROR: ConnectBlock(): too many sigops");
                return ChainFailures.consensus("bad-blk-sigops", "");
            }
            if (!coinbase) {
                addChecks(tx, spent);
                for (TxIn input : tx.inputs()) {
                    view.spend(input.prevout());
                }
                undos.add(new BlockUndo.TxUndo(spent));
            }
            addOutputs(tx, coinbase);
            return null;
        }

        private @Nullable BlockFailure checkCoins(Transaction tx, List<Coin> spent) {
            BlockFailure failure = null;
            for (TxIn input : tx.inputs()) {
                Coin coin = view.coin(input.prevout());
                if (coin == null) {
                    failure =
                            ChainFailures.consensus(
                                    "bad-txns-inputs-missingorspent",
                                    "CheckTxInputs: inputs missing/spent");
                    break;
                }
                spent.add(coin);
            }
            long fee = 0;
            if (failure == null) {
                ChainRules.TxVerdict verdict = rules.checkInputs(tx, spent, node.height());
                failure = verdict.failure();
                fee = verdict.fee();
            }
            if (failure != null) {
                log.error("ConnectBlock: Consensus::CheckTxInputs: " + tx.txid() + ", " + failure);
                return failure;
            }
            fees += fee;
            if (!Amount.isInRange(fees)) {
                log.info("ERROR: ConnectBlock: accumulated fee in the block out of range.");
                return ChainFailures.consensus("bad-txns-accumulated-fee-outofrange", "");
            }
            if (!rules.areSequenceLocksMet(tx, spent, node)) {
                log.info("ERROR: ConnectBlock: contains a non-BIP68-final transaction");
                return ChainFailures.consensus("bad-txns-nonfinal", "");
            }
            return null;
        }

        private void addChecks(Transaction tx, List<Coin> spent) {
            if (runScripts) {
                var outs = new TxOut[spent.size()];
                for (int i = 0; i < outs.length; i++) {
                    outs[i] = spent.get(i).out();
                }
                List<TxOut> all = List.of(outs);
                for (int i = 0; i < outs.length; i++) {
                    checks.add(new ScriptCheck(tx, i, all, flags));
                }
            }
        }

        private void addOutputs(Transaction tx, boolean coinbase) {
            for (int i = 0; i < tx.outputs().size(); i++) {
                TxOut out = tx.outputs().get(i);
                if (!isUnspendable(out.scriptPubKey())) {
                    // Cut loose from the block's bytes, which would stay in memory as long as the
                    // coin.
                    var kept = new TxOut(out.value(), out.scriptPubKey().compact());
                    view.add(
                            new OutPoint(tx.txid(), i),
                            new Coin(kept, node.height(), coinbase),
                            coinbase);
                }
            }
        }

        @Nullable BlockFailure checkReward(Block block) {
            long limit = fees + rules.subsidy(node.height());
            long paid = 0;
            for (TxOut out : block.transactions().getFirst().outputs()) {
                paid += out.value();
            }
            if (paid > limit) {
                log.info(
                        "ERROR: ConnectBlock(): coinbase pays too much (actual="
                                + paid
                                + " vs limit="
                                + limit
                                + ")");
                return ChainFailures.consensus("bad-cb-amount", "");
            }
            return null;
        }
    }

    /// Takes a block back from a cache that stands at it.
    ///
    /// @throws StoreException if block, undo data and coins do not fit together: our fault, never the
    ///     block's
    void disconnect(Block block, HeaderNode node, BlockUndo undo, CoinsOverlay view) {
        List<Transaction> txs = block.transactions();
        if (undo.transactions().size() + 1 != txs.size()) {
            throw new StoreException("DisconnectBlock(): block and undo data inconsistent");
        }
        boolean clean = true;
        for (int i = txs.size() - 1; i >= 0; i--) {
            Transaction tx = txs.get(i);
            boolean fits = removeOutputs(tx, node, view);
            clean &= fits || (tx.isCoinbase() && rules.isOverwritten(node));
            if (i > 0) {
                clean &= restoreInputs(tx, undo.transactions().get(i - 1), view);
            }
        }
        if (!clean) {
            throw new StoreException(
                    "DisconnectBlock(): coins and block " + node.hash() + " inconsistent");
        }
    }

    private static boolean removeOutputs(Transaction tx, HeaderNode node, CoinsOverlay view) {
        boolean clean = true;
        for (int i = 0; i < tx.outputs().size(); i++) {
            TxOut out = tx.outputs().get(i);
            if (!isUnspendable(out.scriptPubKey())) {
                Coin coin = view.spend(new OutPoint(tx.txid(), i));
                clean &= new Coin(out, node.height(), tx.isCoinbase()).equals(coin);
            }
        }
        return clean;
    }

    private static boolean restoreInputs(Transaction tx, BlockUndo.TxUndo undo, CoinsOverlay view) {
        if (undo.coins().size() != tx.inputs().size()) {
            throw new StoreException("DisconnectBlock(): transaction and undo data inconsistent");
        }
        boolean clean = true;
        for (int i = tx.inputs().size() - 1; i >= 0; i--) {
            OutPoint outPoint = tx.inputs().get(i).prevout();
            boolean free = !view.has(outPoint);
            view.add(outPoint, undo.coins().get(i), !free);
            clean &= free;
        }
        return clean;
    }
}
