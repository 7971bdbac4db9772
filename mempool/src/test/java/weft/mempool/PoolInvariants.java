package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.mempool.NaivePool.Item;
import weft.primitives.OutPoint;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// What holds of a mempool at any time, counted anew from its transactions alone.
final class PoolInvariants {
    private final Mempool pool;
    private final NaivePool model;

    PoolInvariants(Mempool pool, NaivePool model) {
        this.pool = pool;
        this.model = model;
    }

    void check(Function<OutPoint, @Nullable Coin> coins) {
        List<MempoolEntry> entries = pool.sorted();
        checkSet(entries, coins);
        checkSums(entries);
        checkOrders(entries);
        assertThat(pool.size()).isEqualTo(entries.size());
        assertThat(pool.vsizeTotal())
                .isEqualTo(entries.stream().mapToLong(MempoolEntry::vsize).sum());
        assertThat(pool.feeTotal()).isEqualTo(entries.stream().mapToLong(MempoolEntry::fee).sum());
        assertThat(pool.memoryBytes()).isEqualTo(model.memoryBytes());
        for (Txid own : pool.unbroadcast()) {
            assertThat(pool.contains(own)).isTrue();
        }
    }

    /// The same transactions as the model has, without conflicts, nothing that spends what is not there,
    /// parents before children.
    private void checkSet(List<MempoolEntry> entries, Function<OutPoint, @Nullable Coin> coins) {
        var ids = new TreeSet<Txid>();
        Set<OutPoint> spent = new HashSet<>();
        for (MempoolEntry entry : entries) {
            for (TxIn input : entry.tx().inputs()) {
                OutPoint coin = input.prevout();
                assertThat(spent.add(coin)).as("spent once").isTrue();
                assertThat(pool.spender(coin)).isSameAs(entry);
                boolean isOfPool = pool.contains(coin.txid());
                assertThat(isOfPool ? ids.contains(coin.txid()) : coins.apply(coin) != null)
                        .as("a coin is there")
                        .isTrue();
            }
            assertThat(ids.add(entry.txid())).isTrue();
            assertThat(pool.find(entry.tx().wtxid())).isSameAs(entry);
        }
        assertThat(ids).isEqualTo(new TreeSet<>(model.items.keySet()));
    }

    private void checkSums(List<MempoolEntry> entries) {
        long links = 0;
        for (MempoolEntry entry : entries) {
            Item item = java.util.Objects.requireNonNull(model.items.get(entry.txid()));
            assertThat(pool.modifiedFee(entry)).isEqualTo(model.modifiedFee(item));
            Set<Item> up = new HashSet<>(model.ancestors(item.tx()));
            up.add(item);
            assertThat(pool.ancestorCount(entry)).isEqualTo(up.size());
            assertThat(pool.ancestorVsize(entry)).isEqualTo(vsize(up));
            assertThat(pool.ancestorFees(entry)).isEqualTo(fees(up));
            assertThat(pool.ancestorSigops(entry))
                    .isEqualTo(up.stream().mapToLong(Item::sigops).sum());
            Set<Item> down = model.family(item);
            assertThat(pool.descendantCount(entry)).isEqualTo(down.size());
            assertThat(pool.descendantVsize(entry)).isEqualTo(vsize(down));
            assertThat(pool.descendantFees(entry)).isEqualTo(fees(down));
            assertThat(pool.parents(entry)).hasSameSizeAs(model.parents(item.tx()));
            links += pool.parents(entry).size();
        }
        assertThat(pool.graph().links()).isEqualTo(links);
    }

    private static long vsize(Set<Item> items) {
        return items.stream().mapToLong(Item::vsize).sum();
    }

    private long fees(Set<Item> items) {
        return items.stream().mapToLong(model::modifiedFee).sum();
    }

    /// The first of each order is the first of all, and an emptied copy goes through them in order.
    private void checkOrders(List<MempoolEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        MempoolEntry worst = pool.graph().entry(pool.graph().byDescendantScore.first());
        double least = model.score(model.worst());
        assertThat(score(worst)).isBetween(least - 1e-6, least + 1e-6);
        double last = Double.POSITIVE_INFINITY;
        int count = 0;
        for (MiningView view = pool.miningView(); view.hasNext(); count++) {
            int slot = view.next();
            double own = (double) view.fee(slot) / view.entry(slot).vsize();
            double all = (double) view.ancestorFees(slot) / view.ancestorVsize(slot);
            double rate = Math.min(own, all);
            assertThat(rate).isLessThanOrEqualTo(last + 1e-6);
            last = rate;
        }
        assertThat(count).isEqualTo(entries.size());
    }

    private double score(MempoolEntry entry) {
        Item item = model.items.get(entry.txid());
        return item == null ? Double.NaN : model.score(item);
    }
}
