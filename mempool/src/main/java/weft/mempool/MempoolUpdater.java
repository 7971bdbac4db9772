package weft.mempool;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import weft.chain.CoinsView;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.chain.api.HeaderNode;
import weft.consensus.Coin;
import weft.consensus.LockTimes;
import weft.consensus.TxInputs;
import weft.mempool.MempoolAcceptor.Moment;
import weft.primitives.Block;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// Keeps the mempool true to the chain: what a block confirms leaves, what conflicts with it leaves, what a
/// reorganisation gives back comes again if it may, and what may no longer be mined leaves.
public final class MempoolUpdater {
    private final Mempool mempool;
    private final MempoolAcceptor acceptor;
    private final PoolLimiter limiter;
    private final PoolCoins coins;
    private final Consumer<AcceptResult.Accepted> returned;
    private final DisconnectedTxs disconnected = new DisconnectedTxs();
    private boolean isReorganised;

    /// @param chain coins of the active chain
    /// @param returned hears of every transaction that comes back from a block
    public MempoolUpdater(
            Mempool mempool,
            MempoolAcceptor acceptor,
            CoinsView chain,
            Consumer<AcceptResult.Accepted> returned) {
        this.mempool = mempool;
        this.acceptor = acceptor;
        this.limiter = new PoolLimiter(mempool);
        this.returned = returned;
        this.coins = new PoolCoins(mempool, chain);
    }

    /// A block became part of the active chain.
    public void onBlockConnected(Block block, Now now) {
        // With nothing here, as in initial download, the block need not be walked through.
        if (mempool.size() > 0 || !mempool.deltas().isEmpty()) {
            removeFor(block);
        }
        disconnected.remove(block);
        mempool.minimum().onBlock(now.unixSeconds());
    }

    private void removeFor(Block block) {
        for (Transaction tx : block.transactions()) {
            MempoolEntry confirmed = mempool.find(tx.txid());
            if (confirmed != null) {
                mempool.removeConfirmed(confirmed);
            }
            for (TxIn input : tx.inputs()) {
                MempoolEntry conflict = mempool.spender(input.prevout());
                if (conflict != null) {
                    mempool.clearDelta(conflict.txid());
                    mempool.removeRecursively(conflict.tx(), RemovalReason.CONFLICT);
                }
            }
            mempool.clearDelta(tx.txid());
        }
    }

    /// A block is no longer part of the active chain.
    ///
    /// @param isGivenUp whether its transactions and all that spend them leave, in place of coming back
    public void onBlockDisconnected(Block block, boolean isGivenUp) {
        isReorganised = true;
        List<Transaction> gone = isGivenUp ? block.transactions() : disconnected.add(block);
        for (Transaction dropped : gone) {
            mempool.removeRecursively(dropped, RemovalReason.REORG);
        }
    }

    /// The chain has settled on a tip.
    public void onTip(HeaderNode tip, Now now) {
        if (isReorganised) {
            isReorganised = false;
            offerAgain(new Moment(tip, now));
            removeImpossible(tip);
            limiter.limit(now);
        }
    }

    private void offerAgain(Moment at) {
        var back = new ArrayList<MempoolEntry>();
        for (Transaction tx : disconnected.take()) {
            if (!tx.isCoinbase()
                    && acceptor.acceptAgain(tx, at) instanceof AcceptResult.Accepted accepted) {
                back.add(accepted.entry());
                returned.accept(accepted);
            } else {
                mempool.removeRecursively(tx, RemovalReason.REORG);
            }
        }
        linkChildren(back);
    }

    /// Children that stayed in the mempool while their parents were confirmed find their parents there
    /// again; who has too many ancestors then leaves.
    private void linkChildren(List<MempoolEntry> back) {
        TxGraph graph = mempool.graph();
        Set<Txid> included = new HashSet<>();
        back.forEach(entry -> included.add(entry.txid()));
        MempoolOptions.Limits limits = mempool.options().limits();
        var excess = new TreeMap<Txid, MempoolEntry>(TxGraph::compareBytes);
        for (MempoolEntry parent : back.reversed()) {
            if (parent.slot < 0) {
                continue;
            }
            for (int i = 0; i < parent.tx().outputs().size(); i++) {
                MempoolEntry child = mempool.spender(new OutPoint(parent.txid(), i));
                if (child != null && !included.contains(child.txid())) {
                    graph.link(parent.slot, child.slot);
                }
            }
            List<MempoolEntry> younger = graph.inIdOrder(graph.descendants(parent.slot));
            younger.removeIf(entry -> included.contains(entry.txid()));
            graph.addRelations(parent.slot, younger);
            for (MempoolEntry entry : younger) {
                if (graph.up.counts[entry.slot] > limits.ancestors()
                        || graph.up.vsizes[entry.slot] > limits.ancestorVsize()) {
                    excess.put(entry.txid(), entry);
                }
            }
        }
        for (MempoolEntry entry : excess.values()) {
            if (entry.slot >= 0) {
                mempool.removeRecursively(entry.tx(), RemovalReason.SIZELIMIT);
            }
        }
    }

    private void removeImpossible(HeaderNode tip) {
        var roots = new Slots();
        for (MempoolEntry entry : mempool.entries()) {
            if (!mayBeMined(entry, tip)) {
                roots.add(entry.slot);
            }
        }
        mempool.removeWithDescendants(roots, RemovalReason.REORG);
    }

    private boolean mayBeMined(MempoolEntry entry, HeaderNode tip) {
        Transaction tx = entry.tx();
        if (!LockTimes.isFinal(tx, tip.height() + 1, tip.medianTimePast())) {
            return false;
        }
        LockPoints points = entry.lockPoints;
        if (points != null) {
            if (!points.areRightFor(tip)) {
                points = LockPoints.of(tx, spent(tx), tip);
                entry.lockPoints = points;
            }
            if (points != null && !points.areMet(tip)) {
                return false;
            }
        }
        return !entry.spendsCoinbase() || areMature(spent(tx), tip);
    }

    private List<Coin> spent(Transaction tx) {
        var spent = new ArrayList<Coin>();
        for (TxIn input : tx.inputs()) {
            spent.add(Check.present(coins.coin(input.prevout()), "coins of the mempool are there"));
        }
        return spent;
    }

    private static boolean areMature(List<Coin> spent, HeaderNode tip) {
        return spent.stream()
                .noneMatch(
                        coin ->
                                coin.isCoinbase()
                                        && tip.height() + 1 - coin.height()
                                                < TxInputs.COINBASE_MATURITY_BLOCKS);
    }
}
