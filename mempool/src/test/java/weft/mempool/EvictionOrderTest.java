package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Who leaves first among transactions that pay the same rate and came in the same second: in Bitcoin Core
/// the one that was changed last, whether the change moved its score or not.
final class EvictionOrderTest {
    private static final long VALUE = 10_000_000;
    private static final long FEE = 1_000;

    private final PoolWorld world = new PoolWorld(PoolWorld.small(5_000_000));
    private final Transaction a = alone();
    private final Transaction b = alone();
    private final Transaction c = alone();

    private Transaction pay(long value, OutPoint... coins) {
        Transaction tx = world.tx(List.of(coins), 1, value, 0);
        assertThat(PoolWorld.reason(world.acceptor.accept(tx, world.moment())))
                .isEqualTo("accepted");
        return tx;
    }

    private Transaction alone() {
        return pay(VALUE - FEE, world.mint());
    }

    private Transaction childOf(Transaction parent) {
        return pay(parent.outputs().getFirst().value() - FEE, new OutPoint(parent.txid(), 0));
    }

    private void expectOrder(Transaction... txs) {
        var order = new ArrayList<Txid>();
        TxGraph graph = world.pool.graph();
        for (SlotHeap.Drain each = graph.byDescendantScore.drain(); !each.isEmpty(); ) {
            order.add(graph.entry(each.next()).txid());
        }
        assertThat(order).isEqualTo(Stream.of(txs).map(Transaction::txid).toList());
    }

    private static boolean isBefore(Transaction one, Transaction other) {
        return TxGraph.compareBytes(one.txid(), other.txid()) < 0;
    }

    @Test
    @DisplayName("Of transactions alike the youngest leaves first, of other seconds the later")
    void shouldBeginWithTheYoungest() {
        expectOrder(c, b, a);
        world.seconds -= 10;
        expectOrder(c, b, a);
        expectOrder(c, b, a, alone());
    }

    @Test
    @DisplayName("A fee that was changed and changed back makes a transaction leave first")
    void shouldCountAFeeThatWasChangedBack() {
        world.pool.prioritise(a.txid(), 500);
        expectOrder(c, b, a);
        world.pool.prioritise(a.txid(), -500);
        expectOrder(a, c, b);
    }

    @Test
    @DisplayName(
            "A child of the same rate comes before its parent, and the parent before all others")
    void shouldCountAChild() {
        Transaction child = childOf(b);
        expectOrder(child, b, c, a);
        Transaction grandchild = childOf(child);
        // Both ancestors changed, in the order of their ids.
        expectOrder(
                grandchild, isBefore(b, child) ? child : b, isBefore(b, child) ? b : child, c, a);
        world.pool.prioritise(a.txid(), 1);
        world.pool.prioritise(a.txid(), -1);
        world.pool.removeRecursively(grandchild, RemovalReason.EXPIRY);
        world.pool.removeRecursively(child, RemovalReason.EXPIRY);
        expectOrder(b, a, c);
    }

    @Test
    @DisplayName("A parent that is confirmed changes its children, in the order of their ids")
    void shouldCountAConfirmedParent() {
        Transaction parent = world.tx(List.of(world.mint()), 2, VALUE - 100 * FEE, 0);
        world.acceptor.accept(parent, world.moment());
        var children = new ArrayList<Transaction>();
        for (int i = 0; i < 2; i++) {
            long value = parent.outputs().get(i).value() - FEE;
            children.add(pay(value, new OutPoint(parent.txid(), i)));
        }
        Transaction youngest = alone();
        expectOrder(youngest, children.get(1), children.get(0), c, b, a, parent);
        children.sort((x, y) -> isBefore(x, y) ? 1 : -1);
        world.connect(List.of(parent));
        expectOrder(children.get(0), children.get(1), youngest, c, b, a);
    }

    @Test
    @DisplayName("A parent that comes back changes its child, and then counts as changed itself")
    void shouldCountAParentThatComesBack() {
        world.connect(List.of(a));
        Transaction child = childOf(a);
        world.disconnect();
        world.settle();
        expectOrder(a, child, c, b);
    }
}
