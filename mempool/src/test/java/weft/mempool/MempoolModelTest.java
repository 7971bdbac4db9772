package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.mempool.NaivePool.Item;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.testkit.Property;

/// Random lives of a mempool: after each step it is compared with a [NaivePool] that counts everything anew.
/// Seeds × steps: `-Dweft.pool=100x10000`.
final class MempoolModelTest {
    private static final long BYTES_MAX = 40_000;
    private static final int MINTED = 40;

    private final PoolWorld world = new PoolWorld(PoolWorld.small(BYTES_MAX));
    private NaivePool model = new NaivePool();
    private SplittableRandom random = new SplittableRandom(0);
    private final TreeMap<String, Integer> seen = new TreeMap<>();

    @Test
    @DisplayName("A mempool agrees with a naive model after every step of random lives")
    void shouldAgreeWithANaiveModel() {
        String[] size = System.getProperty("weft.pool", "10x1000").split("x", -1);
        var counts = new TreeMap<String, Integer>();
        Property.holds(
                Integer.parseInt(size[0]),
                seed -> {
                    var life = new MempoolModelTest();
                    life.random = seed;
                    life.run(Integer.parseInt(size[1]));
                    life.seen.forEach((what, count) -> counts.merge(what, count, Integer::sum));
                });
        System.out.println("mempool model, " + size[0] + " lives × " + size[1] + ": " + counts);
        assertThat(counts)
                .containsKeys(
                        "accepted",
                        "replaced",
                        "insufficient fee",
                        "too-long-mempool-chain",
                        "mempool min fee not met",
                        "package",
                        "package replaced",
                        "expired",
                        "trimmed",
                        "conflict of a block",
                        "reorganised",
                        "given up",
                        "restarted");
    }

    private void run(int steps) {
        for (int i = 0; i < MINTED; i++) {
            world.mint();
        }
        for (int i = 0; i < steps; i++) {
            world.seconds++;
            step(random.nextInt(100));
            check();
        }
    }

    private void count(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    private void step(int dice) {
        if (dice < 60) {
            acceptOne();
        } else if (dice < 72) {
            acceptPackage();
        } else if (dice < 80) {
            prioritise();
        } else if (dice < 90) {
            connect();
        } else if (dice < 95) {
            reorganise();
        } else if (dice < 97) {
            world.seconds += 1_200;
        } else if (dice < 99) {
            if (world.coins.size() < MINTED) {
                world.mint();
            }
        } else {
            restart();
        }
    }

    /// What was there is there again with its times, fees and marks, but for what could not come any more.
    private void restart() {
        var before = new TreeMap<>(model.items);
        var deltas = new TreeMap<>(model.deltas);
        var own = new TreeSet<>(world.pool.unbroadcast());
        world.restart(random);
        assertThat(world.pool.deltas()).isEqualTo(deltas);
        adopt();
        assertThat(before.keySet()).containsAll(model.items.keySet());
        before.forEach(
                (txid, item) -> {
                    Item back = model.items.get(txid);
                    if (back == null) {
                        assertThat(mayBeLost(item, before.keySet())).isTrue();
                        count("lost in a restart");
                    } else {
                        assertThat(back.seconds()).isEqualTo(item.seconds());
                        assertThat(back.fee()).isEqualTo(item.fee());
                        assertThat(world.pool.isUnbroadcast(txid)).isEqualTo(own.contains(txid));
                    }
                });
        count("restarted");
    }

    private boolean mayBeLost(Item item, Set<Txid> before) {
        boolean isOrphan =
                item.tx().inputs().stream()
                        .map(input -> input.prevout().txid())
                        .anyMatch(id -> before.contains(id) && !model.items.containsKey(id));
        return isOrphan
                || item.seconds() < world.seconds - world.options.expiry().toSeconds()
                || model.modifiedFee(item) < item.vsize()
                || !fits(item, Set.of(), true)
                || world.pool.minFee(world.seconds).perKvb() > 0;
    }

    /// Coins of chain and mempool, spent by the mempool or not.
    private OutPoint anyCoin() {
        if (!model.items.isEmpty() && random.nextInt(100) < 45) {
            Transaction tx = anyOfPool().tx();
            return new OutPoint(tx.txid(), random.nextInt(tx.outputs().size()));
        }
        var all = new ArrayList<>(world.coins.keySet());
        return all.get(random.nextInt(all.size()));
    }

    private Item anyOfPool() {
        var all = new ArrayList<>(model.items.values());
        return all.get(random.nextInt(all.size()));
    }

    private @Nullable Transaction anyTransaction() {
        Set<OutPoint> spent = new LinkedHashSet<>();
        int wanted = 1 + random.nextInt(3);
        for (int i = 0; i < wanted; i++) {
            spent.add(anyCoin());
        }
        long value = 0;
        for (OutPoint coin : spent) {
            var found = world.coin(coin);
            if (found == null || found.isCoinbase()) {
                return null;
            }
            value += found.out().value();
        }
        int padding = random.nextInt(400);
        long fee = random.nextInt(4) == 0 ? random.nextLong(20_000) : random.nextLong(1_500);
        if (value < fee) {
            return null;
        }
        return world.tx(List.copyOf(spent), 1 + random.nextInt(3), value - fee, padding);
    }

    private long feeOf(Transaction tx) {
        long fee = -tx.outputs().stream().mapToLong(out -> out.value()).sum();
        for (TxIn input : tx.inputs()) {
            var coin = world.coin(input.prevout());
            fee += coin == null ? 0 : coin.out().value();
        }
        return fee;
    }

    private void acceptOne() {
        Transaction tx = anyTransaction();
        if (tx == null) {
            return;
        }
        long fee = feeOf(tx);
        var item = new Item(tx, fee, tx.vsize(), 0, world.seconds);
        String expected = judge(item, true);
        AcceptResult tested = world.acceptor.test(tx, world.moment());
        assertThat(PoolWorld.reason(tested)).isEqualTo(expected);
        AcceptResult result = world.acceptor.accept(tx, world.moment());
        if (expected.equals("accepted")) {
            Set<Item> replaced = model.families(model.conflicts(tx));
            count(replaced.isEmpty() ? "accepted" : "replaced");
            replaced.forEach(model::remove);
            model.add(item);
            limit();
            boolean stays = model.items.containsKey(tx.txid());
            assertThat(PoolWorld.reason(result)).isEqualTo(stays ? "accepted" : "mempool full");
            if (stays && random.nextInt(5) == 0) {
                world.pool.addUnbroadcast(tx.txid());
            }
        } else {
            count(expected);
            assertThat(PoolWorld.reason(result)).isEqualTo(expected);
        }
    }

    private void limit() {
        int before = model.items.size();
        model.expire(world.seconds - world.options.expiry().toSeconds());
        if (model.items.size() < before) {
            count("expired");
        }
        if (model.trim(BYTES_MAX) > 0) {
            count("trimmed");
        }
    }

    /// The rules in the words of their definition.
    private String judge(Item item, boolean carveOuts) {
        Transaction tx = item.tx();
        for (TxIn input : tx.inputs()) {
            if (world.coin(input.prevout()) == null) {
                return "bad-txns-inputs-missingorspent";
            }
        }
        long fee = item.fee() + model.deltas.getOrDefault(tx.txid(), 0L);
        if (fee < item.vsize()) {
            return "min relay fee not met";
        }
        long floor = world.pool.minFee(world.seconds).perKvb();
        if (floor > 0 && fee < Math.ceilDiv(floor * item.vsize(), 1_000L)) {
            return "mempool min fee not met";
        }
        Set<Item> conflicts = model.conflicts(tx);
        if (!fits(item, conflicts, carveOuts)) {
            return "too-long-mempool-chain";
        }
        for (Item ancestor : model.ancestors(tx)) {
            if (conflicts.contains(ancestor)) {
                return "bad-txns-spends-conflicting-tx";
            }
        }
        return conflicts.isEmpty() ? "accepted" : judgeReplacement(item, fee, conflicts);
    }

    private boolean fits(Item item, Set<Item> conflicts, boolean carveOuts) {
        long count = 6;
        long vsize = 3_000;
        if (conflicts.size() == 1 && carveOuts) {
            count++;
            vsize += vsizeOf(model.family(conflicts.iterator().next()));
        }
        return fits(item, 6, count, vsize)
                || (carveOuts && fits(item, 2, count + 1, vsize + 10_000));
    }

    private boolean fits(Item item, long ancestorsMax, long count, long vsize) {
        Set<Item> ancestors = model.ancestors(item.tx());
        return ancestors.size() < ancestorsMax
                && vsizeOf(ancestors) + item.vsize() <= 3_000
                && ancestors.stream()
                        .map(model::family)
                        .allMatch(
                                family ->
                                        family.size() < count
                                                && vsizeOf(family) + item.vsize() <= vsize);
    }

    private static long vsizeOf(Set<Item> items) {
        return items.stream().mapToLong(Item::vsize).sum();
    }

    private String judgeReplacement(Item item, long fee, Set<Item> conflicts) {
        long rate = fee * 1_000 / item.vsize();
        for (Item conflict : conflicts) {
            if (rate <= model.modifiedFee(conflict) * 1_000 / conflict.vsize()) {
                return "insufficient fee";
            }
        }
        int leaving = conflicts.stream().mapToInt(each -> model.family(each).size()).sum();
        if (leaving > 100) {
            return "too many potential replacements";
        }
        Set<Item> all = model.families(conflicts);
        Set<Txid> needed = new HashSet<>();
        all.forEach(old -> old.tx().inputs().forEach(input -> needed.add(input.prevout().txid())));
        for (Item parent : model.parents(item.tx())) {
            if (!needed.contains(parent.tx().txid())) {
                return "replacement-adds-unconfirmed";
            }
        }
        long old = all.stream().mapToLong(model::modifiedFee).sum();
        return fee < old || fee - old < item.vsize() ? "insufficient fee" : "accepted";
    }

    /// A parent that pays too little, and a child that pays for both.
    private void acceptPackage() {
        Transaction parent = anyTransaction();
        if (parent == null) {
            return;
        }
        long value = parent.outputs().getFirst().value();
        long childFee = random.nextLong(30_000);
        if (value < childFee) {
            return;
        }
        Transaction child =
                world.tx(
                        List.of(new OutPoint(parent.txid(), 0)),
                        1,
                        value - childFee,
                        random.nextInt(200));
        Set<Txid> before = ids();
        List<Transaction> txs = List.of(parent, child);
        PackageResult tested = world.acceptor.testPackage(txs, world.moment());
        assertThat(ids()).isEqualTo(before);
        PackageResult result = world.acceptor.acceptPackage(txs, null, world.moment());
        Set<Txid> expected = new TreeSet<>(before);
        boolean replaces = false;
        for (AcceptResult each : result.results().values()) {
            if (each instanceof AcceptResult.Accepted accepted) {
                expected.add(accepted.entry().txid());
                accepted.replaced().forEach(gone -> expected.remove(gone.txid()));
                replaces |= !accepted.replaced().isEmpty();
            }
        }
        if (result.failure() == null) {
            assertThat(ids()).contains(parent.txid(), child.txid());
            count(replaces ? "package replaced" : "package");
        }
        if (tested.failure() == null && result.failure() != null) {
            count("package full");
        }
        // What else left, left for room or for its age: the worst, with all that needs it.
        assertThat(expected).containsAll(ids());
        adopt();
    }

    private void prioritise() {
        if (model.items.isEmpty()) {
            return;
        }
        Txid txid = anyOfPool().tx().txid();
        long delta = random.nextLong(-2_000, 2_001);
        world.pool.prioritise(txid, delta);
        model.deltas.merge(txid, delta, Long::sum);
        model.deltas.values().removeIf(sum -> sum == 0);
    }

    /// A block of some transactions of the mempool, and maybe one that is in conflict with others.
    private void connect() {
        var chosen = new ArrayList<Transaction>();
        Set<Txid> inBlock = new HashSet<>();
        Set<OutPoint> spent = new HashSet<>();
        Transaction foreign = random.nextInt(3) == 0 ? anyTransaction() : null;
        if (foreign != null && model.parents(foreign).isEmpty()) {
            chosen.add(foreign);
            foreign.inputs().forEach(input -> spent.add(input.prevout()));
        }
        for (MempoolEntry entry : world.pool.sorted()) {
            Transaction tx = entry.tx();
            boolean ready =
                    model.parents(tx).stream()
                            .allMatch(parent -> inBlock.contains(parent.tx().txid()));
            boolean free = tx.inputs().stream().noneMatch(in -> spent.contains(in.prevout()));
            if (ready && free && random.nextInt(100) < 30) {
                chosen.add(tx);
                inBlock.add(tx.txid());
                tx.inputs().forEach(input -> spent.add(input.prevout()));
            }
        }
        Block block = world.connect(chosen);
        for (Transaction tx : block.transactions()) {
            Item confirmed = model.items.get(tx.txid());
            if (confirmed != null) {
                model.remove(confirmed);
            }
            for (TxIn input : tx.inputs()) {
                model.spender(input.prevout()).ifPresent(this::removeConflict);
            }
            model.deltas.remove(tx.txid());
        }
        world.settle();
    }

    /// What leaves only because a parent does keeps what the operator added to its fee.
    private void removeConflict(Item conflict) {
        count("conflict of a block");
        model.deltas.remove(conflict.tx().txid());
        model.family(conflict).forEach(model::remove);
    }

    private void reorganise() {
        int depth = Math.min(world.layers(), 1 + random.nextInt(3));
        if (depth == 0) {
            return;
        }
        Set<Txid> possible = ids();
        var back = new ArrayList<Transaction>();
        boolean isGivenUp = false;
        for (int i = 0; i < depth; i++) {
            // Once given up, all blocks below are.
            isGivenUp |= random.nextInt(4) == 0;
            Block block = world.disconnect(isGivenUp);
            if (isGivenUp) {
                giveUp(block, possible);
                continue;
            }
            back.addAll(block.transactions());
            block.transactions().forEach(tx -> possible.add(tx.txid()));
        }
        Set<Txid> inPool = ids();
        world.settle();
        assertThat(possible).containsAll(ids());
        back.stream()
                .filter(tx -> !tx.isCoinbase() && world.pool.contains(tx.txid()))
                .forEach(tx -> assertThat(inPool).doesNotContain(tx.txid()));
        adopt();
        count("reorganised");
    }

    /// None of the block may wait again, nor what spends it, at once or by others, in the mempool or in a
    /// block above.
    private void giveUp(Block block, Set<Txid> possible) {
        for (Transaction tx : block.transactions()) {
            possible.remove(tx.txid());
            for (int i = 0; i < tx.outputs().size(); i++) {
                model.spender(new OutPoint(tx.txid(), i))
                        .ifPresent(
                                child ->
                                        model.family(child)
                                                .forEach(
                                                        each -> possible.remove(each.tx().txid())));
            }
        }
        count("given up");
    }

    private Set<Txid> ids() {
        var ids = new TreeSet<Txid>();
        world.pool.entries().forEach(entry -> ids.add(entry.txid()));
        return ids;
    }

    /// Starts anew from what the mempool has, where its choice is judged by other means.
    private void adopt() {
        model = new NaivePool();
        model.deltas.putAll(world.pool.deltas());
        for (MempoolEntry entry : world.pool.sorted()) {
            model.add(
                    new Item(
                            entry.tx(),
                            entry.fee(),
                            entry.vsize(),
                            entry.sigopCost(),
                            entry.seconds()));
        }
        model.sampleCapacity = world.pool.sampleCapacity();
    }

    private void check() {
        assertThat(world.pool.deltas()).isEqualTo(model.deltas);
        assertThat(world.pool.sampleCapacity()).isEqualTo(model.sampleCapacity);
        new PoolInvariants(world.pool, model).check(world::coin);
    }
}
