package weft.chain.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Property;

class HeaderTableTest {
    private static final int RUNS = 20;

    /// A header as an object of its own, the way one would write it without columns.
    private record Naive(
            BlockHeader header, @Nullable Naive parent, int height, BigInteger work, long maxTime) {

        Naive ancestor(int wanted) {
            Naive each = this;
            while (each.height > wanted && each.parent != null) {
                each = each.parent;
            }
            return each;
        }

        long median() {
            var times = new ArrayList<Long>();
            for (Naive each = this; each != null && times.size() < 11; each = each.parent) {
                times.add(each.header.time());
            }
            return times.stream().sorted().toList().get(times.size() / 2);
        }
    }

    private static final class Tree {
        final List<Naive> naive = new ArrayList<>();
        final List<HeaderNode> nodes = new ArrayList<>();
        final HeaderTable table = new HeaderTable();
        final HeaderIndex index = new HeaderIndex();
        private final SplittableRandom random;

        Tree(SplittableRandom random, int size) {
            this.random = random;
            BlockHeader genesis = header(BlockHash.ZERO);
            BigInteger work = work();
            nodes.add(table.addGenesis(genesis, genesis.hash(), work));
            naive.add(new Naive(genesis, null, 0, work, genesis.time()));
            index.add(nodes.getFirst());
            while (nodes.size() < size) {
                // Mostly one long branch, with forks at any depth.
                int below =
                        random.nextInt(10) == 0 ? random.nextInt(nodes.size()) : nodes.size() - 1;
                grow(below);
            }
        }

        private void grow(int below) {
            Naive parent = naive.get(below);
            BlockHeader header = header(parent.header.hash());
            BigInteger work = work();
            nodes.add(table.add(header, header.hash(), nodes.get(below), work));
            naive.add(
                    new Naive(
                            header,
                            parent,
                            parent.height + 1,
                            parent.work.add(work),
                            Math.max(parent.maxTime, header.time())));
            assertThat(index.add(nodes.getLast())).isTrue();
        }

        private BlockHeader header(BlockHash parent) {
            return new BlockHeader(
                    random.nextInt(),
                    parent,
                    new Digest256(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong()),
                    random.nextLong(1L << 32),
                    random.nextLong(1L << 32),
                    random.nextLong(1L << 32));
        }

        private BigInteger work() {
            return new BigInteger(1, Property.bytes(random, 1 + random.nextInt(14)))
                    .add(BigInteger.ONE);
        }
    }

    @Test
    void shouldGiveBackWhatWasAdded() {
        Property.holds(
                RUNS,
                random -> {
                    var tree = new Tree(random, 700);
                    for (int i = 0; i < tree.nodes.size(); i++) {
                        Naive naive = tree.naive.get(i);
                        HeaderNode node = tree.nodes.get(i);
                        assertThat(node.header()).isEqualTo(naive.header);
                        assertThat(node.hash()).isEqualTo(naive.header.hash());
                        assertThat(node.height()).isEqualTo(naive.height);
                        assertThat(node.chainWork()).isEqualTo(naive.work);
                        assertThat(node.time()).isEqualTo(naive.header.time());
                        assertThat(node.timeMax()).isEqualTo(naive.maxTime);
                        assertThat(node.medianTimePast()).isEqualTo(naive.median());
                        assertThat(node.id()).isEqualTo(i);
                        assertThat(tree.table.at(i)).isEqualTo(node).hasSameHashCodeAs(node);
                        assertThat(tree.index.find(naive.header.hash())).isEqualTo(node);
                        assertThat(tree.index.add(node)).as("once only").isFalse();
                    }
                    assertThat(tree.index.find(BlockHash.ZERO)).isNull();
                    assertThat(tree.index.size()).isEqualTo(tree.table.size()).isEqualTo(700);
                });
    }

    @Test
    void shouldFindAncestorsAndForks() {
        Property.holds(
                RUNS,
                random -> {
                    var tree = new Tree(random, 600);
                    for (int i = 0; i < 500; i++) {
                        int a = random.nextInt(tree.nodes.size());
                        int b = random.nextInt(tree.nodes.size());
                        checkPair(tree, a, b, random);
                    }
                });
    }

    private static void checkPair(Tree tree, int a, int b, SplittableRandom random) {
        Naive left = tree.naive.get(a);
        Naive right = tree.naive.get(b);
        int wanted = random.nextInt(left.height + 1);
        HeaderNode found = tree.nodes.get(a).ancestor(wanted);
        assertThat(found).isEqualTo(node(tree, left.ancestor(wanted)));
        assertThat(tree.nodes.get(a).ancestor(left.height + 1)).isNull();
        assertThat(tree.nodes.get(a).ancestor(-1)).isNull();
        boolean below =
                right.height <= left.height
                        && left.ancestor(right.height).header.equals(right.header);
        assertThat(tree.nodes.get(a).hasAncestor(tree.nodes.get(b))).isEqualTo(below);
        int height = Math.min(left.height, right.height);
        while (!left.ancestor(height).header.equals(right.ancestor(height).header)) {
            height--;
        }
        assertThat(HeaderNode.fork(tree.nodes.get(a), tree.nodes.get(b)))
                .isEqualTo(node(tree, left.ancestor(height)));
        assertThat(Integer.signum(tree.nodes.get(a).compareWork(tree.nodes.get(b))))
                .isEqualTo(left.work.compareTo(right.work));
    }

    private static HeaderNode node(Tree tree, Naive naive) {
        for (int i = 0; i < tree.naive.size(); i++) {
            if (tree.naive.get(i).header.equals(naive.header)) {
                return tree.nodes.get(i);
            }
        }
        throw new AssertionError("not of this tree");
    }

    @Test
    void shouldTakeBackTheLastHeader() {
        var tree = new Tree(new SplittableRandom(1), 3);
        BlockHeader trial = tree.header(tree.naive.getLast().header.hash());
        HeaderNode node = tree.table.add(trial, trial.hash(), tree.nodes.getLast(), BigInteger.TWO);
        assertThat(node.height()).isEqualTo(tree.nodes.getLast().height() + 1);
        tree.table.removeLast();
        assertThat(tree.table.size()).isEqualTo(3);
        BlockHeader other = tree.header(tree.naive.getFirst().header.hash());
        HeaderNode next =
                tree.table.add(other, other.hash(), tree.nodes.getFirst(), BigInteger.TWO);
        assertThat(next.hash()).isEqualTo(other.hash());
        assertThat(next.height()).isEqualTo(1);
    }

    @Test
    void shouldKeepTablesApart() {
        var one = new Tree(new SplittableRandom(2), 2);
        var two = new Tree(new SplittableRandom(2), 2);
        assertThat(one.nodes.getFirst()).isNotEqualTo(two.nodes.getFirst());
        assertThat(one.nodes.getLast().hasAncestor(two.nodes.getFirst())).isFalse();
        assertThatThrownBy(() -> one.index.add(two.nodes.getFirst()))
                .isInstanceOf(IllegalArgumentException.class);
        BlockHeader header = one.header(two.nodes.getLast().hash());
        assertThatThrownBy(
                        () ->
                                one.table.add(
                                        header, header.hash(), two.nodes.getLast(), BigInteger.ONE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseAnOrphanAndTooMuchWork() {
        var tree = new Tree(new SplittableRandom(3), 2);
        BlockHeader orphan = tree.header(BlockHash.ZERO);
        assertThatThrownBy(
                        () ->
                                tree.table.add(
                                        orphan,
                                        orphan.hash(),
                                        tree.nodes.getLast(),
                                        BigInteger.ONE))
                .isInstanceOf(IllegalArgumentException.class);
        BlockHeader heavy = tree.header(tree.nodes.getLast().hash());
        assertThatThrownBy(
                        () ->
                                tree.table.add(
                                        heavy,
                                        heavy.hash(),
                                        tree.nodes.getLast(),
                                        BigInteger.ONE.shiftLeft(126)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(tree.table.size()).isEqualTo(2);
    }

    @Test
    void shouldTakeTheMemoryThatItSays() {
        int count = 1 << 16;
        var table = new HeaderTable();
        BlockHeader genesis =
                new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000, 0, 0);
        HeaderNode tip = table.addGenesis(genesis, genesis.hash(), BigInteger.ONE);
        long before = usedBytes();
        for (int i = 1; i < count; i++) {
            var header = new BlockHeader(1, tip.hash(), Digest256.ZERO, 1_700_000_000 + i, 0, i);
            tip = table.add(header, new BlockHash(i, i, i, i), tip, BigInteger.ONE);
        }
        long after = usedBytes();
        assertThat((after - before) / (double) count).isBetween(100.0, 130.0);
        assertThat(tip.height()).isEqualTo(count - 1);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
