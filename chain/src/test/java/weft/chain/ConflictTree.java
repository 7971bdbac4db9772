package weft.chain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// A random tree of blocks whose branches spend the same coins in different ways, or share transactions, with
/// blocks among them that break one rule or another. Whether a block is valid, and which coins it leaves, the
/// [NaiveLedger] says.
final class ConflictTree {
    static final int HEIGHT_MAX = 30;

    /// A block of the tree.
    ///
    /// @param coins after the block; null if it, or one below it, breaks a rule
    record Leaf(
            Block block,
            int height,
            long work,
            @Nullable Leaf parent,
            @Nullable Map<OutPoint, Coin> coins) {
        /// Whether the other is this block or one below it.
        boolean isOn(Leaf other) {
            Leaf each = this;
            while (each != null && each.height > other.height) {
                each = each.parent;
            }
            return other.equals(each);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Leaf leaf && leaf.block.hash().equals(block.hash());
        }

        @Override
        public String toString() {
            return block.hash() + " at " + height + " with " + work;
        }

        @Override
        public int hashCode() {
            return block.hash().hashCode();
        }
    }

    private final SplittableRandom random;
    private final List<Leaf> leaves = new ArrayList<>();
    private final Map<BlockHash, Leaf> byHash = new HashMap<>();
    private final List<Transaction> pool = new ArrayList<>();

    ConflictTree(ToyRules rules, SplittableRandom random) {
        this.random = random;
        add(new Leaf(rules.genesis(), 0, 1, null, Map.of()));
        int blocks = 5 + random.nextInt(50);
        // Some trees are like brooms, some like bushes.
        int recent = 1 + random.nextInt(4);
        int anywhere = 2 + random.nextInt(8);
        while (leaves.size() <= blocks) {
            int back = random.nextInt(anywhere) == 0 ? leaves.size() : recent;
            Leaf parent =
                    leaves.get(leaves.size() - 1 - random.nextInt(Math.min(back, leaves.size())));
            if (parent.height < HEIGHT_MAX) {
                grow(parent);
            }
        }
    }

    private void add(Leaf leaf) {
        leaves.add(leaf);
        byHash.put(leaf.block.hash(), leaf);
    }

    Leaf genesis() {
        return leaves.getFirst();
    }

    /// All blocks but genesis, parents before children.
    List<Leaf> blocks() {
        return leaves.subList(1, leaves.size());
    }

    Leaf of(BlockHash hash) {
        Leaf leaf = byHash.get(hash);
        if (leaf == null) {
            throw new AssertionError("no such block " + hash);
        }
        return leaf;
    }

    private void grow(Leaf parent) {
        int height = parent.height + 1;
        var coins = new HashMap<OutPoint, Coin>(parent.coins == null ? Map.of() : parent.coins);
        var txs = new ArrayList<Transaction>();
        long fees = 0;
        for (int i = random.nextInt(5); i > 0; i--) {
            Transaction tx = random.nextInt(3) == 0 ? shared(coins) : fresh(coins, height);
            if (tx != null) {
                txs.add(tx);
                pool.add(tx);
                fees += spend(coins, tx, height);
            }
        }
        fees += random.nextInt(12) == 0 ? sin(txs, coins, height) : 0;
        Transaction coinbase =
                ToyRules.coinbase(height, leaves.size(), Math.max(0, ToyRules.SUBSIDY + fees));
        txs.addFirst(coinbase);
        // Mostly alike, so that many branches are equal.
        long work = random.nextInt(6) == 0 ? 2 : 1;
        Block block = ToyRules.block(parent.block.hash(), height, work, txs);
        Map<OutPoint, Coin> after =
                parent.coins == null ? null : NaiveLedger.after(parent.coins, block, height);
        add(new Leaf(block, height, parent.work + work, parent, after));
    }

    /// A transaction of another branch, or of this one, all of whose coins are there; null if none is.
    private @Nullable Transaction shared(Map<OutPoint, Coin> coins) {
        List<Transaction> fits =
                pool.stream()
                        .filter(
                                tx ->
                                        tx.inputs().stream()
                                                .map(TxIn::prevout)
                                                .allMatch(coins::containsKey))
                        .toList();
        return fits.isEmpty() ? null : fits.get(random.nextInt(fits.size()));
    }

    private @Nullable Transaction fresh(Map<OutPoint, Coin> coins, int height) {
        List<OutPoint> ripe =
                coins.entrySet().stream()
                        .filter(each -> isRipe(each.getValue(), height))
                        .map(Map.Entry::getKey)
                        .sorted(Comparator.naturalOrder())
                        .toList();
        if (ripe.isEmpty()) {
            return null;
        }
        int first = random.nextInt(ripe.size());
        List<OutPoint> spent =
                ripe.subList(first, Math.min(ripe.size(), first + 1 + random.nextInt(3)));
        long value = spent.stream().mapToLong(each -> value(coins, each)).sum();
        return spending(spent, value - random.nextLong(Math.min(value, 20) + 1), Bytes.EMPTY);
    }

    private static boolean isRipe(Coin coin, int height) {
        return !coin.isCoinbase() || height - coin.height() >= ToyRules.MATURITY;
    }

    private static long value(Map<OutPoint, Coin> coins, OutPoint outPoint) {
        Coin coin = coins.get(outPoint);
        return coin == null ? 0 : coin.out().value();
    }

    private Transaction spending(List<OutPoint> spent, long value, Bytes script) {
        var inputs = new ArrayList<TxIn>();
        for (OutPoint each : spent) {
            inputs.add(new TxIn(each, script, random.nextInt(1000)));
        }
        var outputs = new ArrayList<TxOut>();
        long left = value;
        for (int i = random.nextInt(3); i > 0; i--) {
            long part = random.nextLong(left + 1);
            outputs.add(new TxOut(part, Bytes.parse("76a914" + "00".repeat(20) + "88ac")));
            left -= part;
        }
        outputs.add(new TxOut(left, Bytes.parse("51")));
        outputs.add(new TxOut(0, Bytes.parse("6a01")));
        return Transaction.of(2, inputs, outputs, List.of(), 0);
    }

    /// Notes what a transaction spends and creates; its fee.
    private static long spend(Map<OutPoint, Coin> coins, Transaction tx, int height) {
        long fee = 0;
        for (TxIn input : tx.inputs()) {
            fee += value(coins, input.prevout());
            coins.remove(input.prevout());
        }
        for (int i = 0; i < tx.outputs().size() - 1; i++) {
            fee -= tx.outputs().get(i).value();
            coins.put(new OutPoint(tx.txid(), i), new Coin(tx.outputs().get(i), height, false));
        }
        return fee;
    }

    /// Breaks a rule, if there is something to break it with.
    ///
    /// @return what the coinbase takes on top
    private long sin(List<Transaction> txs, Map<OutPoint, Coin> coins, int height) {
        Transaction tx = fresh(coins, height);
        switch (random.nextInt(7)) {
            case 0 -> {
                return 1;
            }
            case 1 -> {
                if (tx != null) {
                    List<OutPoint> spent = tx.inputs().stream().map(TxIn::prevout).toList();
                    txs.add(spending(spent, 0, ToyRules.BAD_SCRIPT));
                }
            }
            case 2 -> {
                // The same coins twice in a block.
                if (tx != null) {
                    List<OutPoint> spent = tx.inputs().stream().map(TxIn::prevout).toList();
                    txs.add(tx);
                    txs.add(spending(spent, 0, Bytes.EMPTY));
                }
            }
            case 3 -> {
                if (tx != null) {
                    List<OutPoint> spent = tx.inputs().stream().map(TxIn::prevout).toList();
                    long sum = spent.stream().mapToLong(each -> value(coins, each)).sum();
                    txs.add(spending(spent, sum + 1, Bytes.EMPTY));
                }
            }
            case 4 -> {
                // A coin that another branch has, or that is spent.
                if (!pool.isEmpty()) {
                    txs.add(pool.get(random.nextInt(pool.size())));
                }
            }
            case 5 -> {
                // A child before its parent.
                if (tx != null) {
                    txs.add(spending(List.of(new OutPoint(tx.txid(), 0)), 0, Bytes.EMPTY));
                    txs.add(tx);
                }
            }
            default ->
                    coins.entrySet().stream()
                            .filter(each -> !isRipe(each.getValue(), height))
                            .map(Map.Entry::getKey)
                            .min(Comparator.naturalOrder())
                            .ifPresent(each -> txs.add(spending(List.of(each), 0, Bytes.EMPTY)));
        }
        return 0;
    }
}
