package weft.mempool;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.CoinsView;
import weft.consensus.Coin;
import weft.consensus.TxInputs;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.log.LogCategory;

/// Counts anew what a [Mempool] keeps in sums, and looks whether each coin that it spends is there: Core's
/// `-checkmempool`. Slow: in proportion to all transactions and their ancestors.
public final class MempoolCheck {
    private final Mempool mempool;
    private final CoinsView chain;
    private final TxGraph graph;
    private final Map<OutPoint, Coin> made = new HashMap<>();
    private final Set<OutPoint> spent = new HashSet<>();
    private long vsizes;
    private long fees;
    private long innerBytes;
    private long links;
    private int ancestorsBefore;

    private MempoolCheck(Mempool mempool, CoinsView chain) {
        this.mempool = mempool;
        this.chain = chain;
        this.graph = mempool.graph();
    }

    /// Checks a mempool.
    ///
    /// @param chain coins of the active chain
    /// @param height of the next block
    /// @throws weft.primitives.Bug if anything is wrong
    public static void run(Mempool mempool, CoinsView chain, int height) {
        mempool.log()
                .debug(
                        LogCategory.MEMPOOL,
                        () ->
                                "Checking mempool with "
                                        + mempool.size()
                                        + " transactions and "
                                        + mempool.spends()
                                        + " inputs");
        var check = new MempoolCheck(mempool, chain);
        List<MempoolEntry> entries = mempool.sorted();
        for (MempoolEntry entry : entries) {
            check.coins(entry, height);
            check.relatives(entry);
            check.sums(entry);
        }
        check.totals(entries);
    }

    private void coins(MempoolEntry entry, int height) {
        Transaction tx = entry.tx();
        Check.state(!tx.isCoinbase(), "the mempool has no coinbase");
        var coins = new Coin[tx.inputs().size()];
        for (int i = 0; i < coins.length; i++) {
            OutPoint prevout = tx.inputs().get(i).prevout();
            Check.state(spent.add(prevout), "the mempool spends a coin once");
            Check.state(entry.equals(mempool.spender(prevout)), "the spender of a coin is known");
            coins[i] = Check.present(coin(prevout), "what the mempool spends is there");
        }
        TxInputs.Result inputs = TxInputs.check(tx, List.of(coins), height);
        Check.state(inputs.failure() == null, "inputs of the mempool may be spent");
        Check.state(inputs.fee() == entry.fee(), "a fee is what the inputs leave");
        for (int i = 0; i < tx.outputs().size(); i++) {
            made.put(
                    new OutPoint(tx.txid(), i),
                    new Coin(tx.outputs().get(i), PoolCoins.UNCONFIRMED, false));
        }
    }

    /// Parents come before their children, so that their coins are made by then.
    private @Nullable Coin coin(OutPoint prevout) {
        return mempool.contains(prevout.txid()) ? made.get(prevout) : chain.coin(prevout);
    }

    private void relatives(MempoolEntry entry) {
        int slot = Mempool.slot(entry);
        Set<Txid> parents = new HashSet<>();
        for (TxIn input : entry.tx().inputs()) {
            MempoolEntry parent = mempool.find(input.prevout().txid());
            if (parent != null && parents.add(parent.txid())) {
                Check.state(graph.parents(slot).contains(parent.slot), "a parent is linked");
            }
        }
        Check.state(parents.size() == graph.parents(slot).size(), "all parents are parents");
        links += parents.size();
        Set<Txid> children = new HashSet<>();
        long childVsizes = 0;
        for (int i = 0; i < entry.tx().outputs().size(); i++) {
            MempoolEntry child = mempool.spender(new OutPoint(entry.txid(), i));
            if (child != null && children.add(child.txid())) {
                Check.state(graph.children(slot).contains(child.slot), "a child is linked");
                childVsizes += child.vsize();
            }
        }
        Check.state(children.size() == graph.children(slot).size(), "all children are children");
        Check.state(
                graph.down.vsizes[slot] >= childVsizes + entry.vsize(),
                "descendants are no less than children");
    }

    private void sums(MempoolEntry entry) {
        int slot = entry.slot;
        long vsize = entry.vsize();
        long fee = graph.fees[slot];
        long sigops = entry.sigopCost();
        Slots ancestors = graph.ancestors(slot);
        for (int i = 0; i < ancestors.size(); i++) {
            int ancestor = ancestors.at(i);
            vsize += graph.entry(ancestor).vsize();
            fee = TxGraph.saturated(fee, graph.fees[ancestor]);
            sigops += graph.entry(ancestor).sigopCost();
        }
        int count = ancestors.size() + 1;
        Check.state(graph.up.counts[slot] == count, "ancestors are counted");
        Check.state(graph.up.vsizes[slot] == vsize, "sizes of ancestors are summed up");
        Check.state(graph.up.fees[slot] == fee, "fees of ancestors are summed up");
        Check.state(graph.up.sigops[slot] == sigops, "operations of ancestors are summed up");
        Check.state(count >= ancestorsBefore, "fewer ancestors come first");
        ancestorsBefore = count;
        vsizes += entry.vsize();
        fees += entry.fee();
        innerBytes += MemoryUsage.of(entry.tx());
    }

    private void totals(List<MempoolEntry> entries) {
        Check.state(entries.size() == graph.size(), "each transaction is there once");
        Check.state(spent.size() == mempool.spends(), "nothing else is spent");
        Check.state(mempool.vsizeTotal() == vsizes, "sizes are summed up");
        Check.state(mempool.feeTotal() == fees, "fees are summed up");
        Check.state(mempool.innerBytes() == innerBytes, "memory is summed up");
        Check.state(graph.links() == links, "links are counted");
    }
}
