package weft.chain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// A random tree of blocks with spends that conflict between branches and a few blocks that break rules;
/// beside each block the coins that a naive ledger has after it, copied whole from its parent's.
final class RandomTree {
    /// A block and what the naive ledger says of it; no coins if it, or one below it, breaks a rule.
    record Leaf(Block block, int height, long work, @Nullable TreeMap<OutPoint, Coin> coins) {}

    private final SplittableRandom random;
    private final List<Leaf> leaves = new ArrayList<>();
    private final Map<BlockHash, Leaf> byHash = new HashMap<>();

    RandomTree(ToyRules rules, SplittableRandom random, int blocks) {
        this.random = random;
        add(new Leaf(rules.genesis(), 0, 1, new TreeMap<>()));
        while (leaves.size() <= blocks) {
            int back = random.nextInt(3) == 0 ? leaves.size() : Math.min(3, leaves.size());
            grow(leaves.get(leaves.size() - 1 - random.nextInt(back)));
        }
    }

    private void add(Leaf leaf) {
        leaves.add(leaf);
        byHash.put(leaf.block.hash(), leaf);
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

    List<BlockHeader> headers() {
        return blocks().stream().map(leaf -> leaf.block.header()).toList();
    }

    boolean hasAncestor(Leaf leaf, Leaf ancestor) {
        Leaf each = leaf;
        while (each.height > ancestor.height) {
            each = of(each.block.header().parent());
        }
        return each.block.hash().equals(ancestor.block.hash());
    }

    private void grow(Leaf parent) {
        int height = parent.height + 1;
        TreeMap<OutPoint, Coin> before = parent.coins == null ? new TreeMap<>() : parent.coins;
        var after = new TreeMap<>(before);
        var txs = new ArrayList<Transaction>();
        boolean valid = parent.coins != null;
        long fees = 0;
        for (int i = random.nextInt(4); i > 0; i--) {
            OutPoint outPoint = pick(after, height);
            Coin coin = outPoint == null ? null : after.get(outPoint);
            if (outPoint == null || coin == null) {
                break;
            }
            long fee = Math.min(coin.out().value(), random.nextInt(20));
            boolean badScript = random.nextInt(60) == 0;
            Transaction tx = spend(outPoint, coin.out().value() - fee, badScript);
            txs.add(tx);
            if (random.nextInt(60) == 0) {
                // The same coin twice.
                txs.add(spend(outPoint, coin.out().value() - fee, false));
                valid = false;
            }
            valid &= !badScript;
            fees += fee;
            after.remove(outPoint);
            addOutputs(tx, height, false, after);
        }
        boolean greedy = random.nextInt(30) == 0;
        valid &= !greedy;
        long reward = ToyRules.SUBSIDY + fees + (greedy ? 1L : 0L);
        Transaction coinbase = ToyRules.coinbase(height, leaves.size(), reward);
        txs.addFirst(coinbase);
        addOutputs(coinbase, height, true, after);
        long work = 1L + random.nextInt(3);
        Block block = ToyRules.block(parent.block.hash(), height, work, txs);
        add(new Leaf(block, height, parent.work + work, valid ? after : null));
    }

    private @Nullable OutPoint pick(Map<OutPoint, Coin> coins, int height) {
        List<OutPoint> ripe =
                coins.entrySet().stream()
                        .filter(
                                each ->
                                        !each.getValue().isCoinbase()
                                                || height - each.getValue().height()
                                                        >= ToyRules.MATURITY)
                        .map(Map.Entry::getKey)
                        .toList();
        return ripe.isEmpty() ? null : ripe.get(random.nextInt(ripe.size()));
    }

    private Transaction spend(OutPoint outPoint, long value, boolean badScript) {
        long first = value == 0 ? 0 : random.nextLong(value);
        var input =
                new TxIn(
                        outPoint,
                        badScript ? ToyRules.BAD_SCRIPT : Bytes.EMPTY,
                        random.nextInt(1000));
        var outputs =
                List.of(
                        new TxOut(first, Bytes.parse("51")),
                        new TxOut(value - first, Bytes.parse("76a914" + "00".repeat(20) + "88ac")),
                        new TxOut(0, Bytes.parse("6a01")));
        return Transaction.of(2, List.of(input), outputs, List.of(), 0);
    }

    private static void addOutputs(
            Transaction tx, int height, boolean coinbase, Map<OutPoint, Coin> coins) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            TxOut out = tx.outputs().get(i);
            if (!out.scriptPubKey().startsWith(Bytes.parse("6a"))) {
                coins.put(new OutPoint(tx.txid(), i), new Coin(out, height, coinbase));
            }
        }
    }
}
