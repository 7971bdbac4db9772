package weft.app.compare;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.Opcode;
import weft.mining.Solver;
import weft.mining.TemplateBuilder;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// What the nodes must have by now: a regtest chain, the coins that we can open, the mempool.
///
/// The mempool is what the reference said that it took; [#adopt] puts that right where more left than
/// conflicts explain.
final class World {
    /// The name of locks of coinbases.
    static final String COINBASE = "coinbase";

    private static final long FIRST_TIME = 1_700_000_000L;
    private static final int SECONDS_APART = 600;
    private static final int MATURITY = 100;
    private static final long BLOCK_WEIGHT = 3_600_000;
    private static final long BLOCK_SIGOPS_COST = 50_000;

    private record Layer(
            Block block, HeaderNode before, Map<OutPoint, KnownCoin> spent, List<OutPoint> made) {}

    private final ChainParams params = ChainParams.of(Network.REGTEST);
    private final TemplateBuilder builder = new TemplateBuilder(params);
    private final SplittableRandom random;
    private final Map<OutPoint, KnownCoin> unspent = new LinkedHashMap<>();
    private final Map<Txid, List<KnownCoin>> outputs = new HashMap<>();
    private final Map<Txid, Transaction> transactions = new HashMap<>();
    private final Map<Txid, Transaction> pool = new LinkedHashMap<>();
    private final Map<OutPoint, Txid> spenders = new HashMap<>();
    private final Deque<Layer> layers = new ArrayDeque<>();
    private HeaderNode tip;
    private long made;

    World(SplittableRandom random) {
        this.random = random;
        Block genesis = params.genesis();
        this.tip = HeaderNode.genesis(genesis.header(), params.work(genesis.header().bits()));
    }

    HeaderNode tip() {
        return tip;
    }

    /// What clocks should show.
    long seconds() {
        return FIRST_TIME + (long) SECONDS_APART * tip.height() + SECONDS_APART / 2;
    }

    static long startSeconds() {
        return FIRST_TIME;
    }

    /// A transaction exists, whatever becomes of it.
    void register(Transaction tx, List<KnownCoin> coins) {
        transactions.putIfAbsent(tx.txid(), tx);
        outputs.putIfAbsent(tx.txid(), List.copyOf(coins));
    }

    @Nullable Transaction transaction(Txid txid) {
        return transactions.get(txid);
    }

    List<KnownCoin> coinsOf(Txid txid) {
        return outputs.getOrDefault(txid, List.of());
    }

    Collection<Transaction> pool() {
        return List.copyOf(pool.values());
    }

    boolean isInPool(Txid txid) {
        return pool.containsKey(txid);
    }

    /// The transaction of the mempool whose output comes first among what another spends; null if it spends
    /// none of these.
    @Nullable Transaction parentInPool(Transaction tx) {
        for (TxIn input : tx.inputs()) {
            Transaction parent = pool.get(input.prevout().txid());
            if (parent != null) {
                return parent;
            }
        }
        return null;
    }

    /// The mempool took a transaction in: what it conflicts with left.
    void accepted(Transaction tx) {
        for (TxIn input : tx.inputs()) {
            Txid other = spenders.get(input.prevout());
            if (other != null && !other.equals(tx.txid())) {
                dropWithDescendants(other);
            }
        }
        Transaction known = transactions.get(tx.txid());
        pool.put(tx.txid(), known == null ? tx : known);
        tx.inputs().forEach(input -> spenders.put(input.prevout(), tx.txid()));
    }

    private void dropWithDescendants(Txid txid) {
        Transaction gone = pool.remove(txid);
        if (gone == null) {
            return;
        }
        gone.inputs().forEach(input -> spenders.remove(input.prevout()));
        for (int i = 0; i < gone.outputs().size(); i++) {
            Txid child = spenders.get(new OutPoint(txid, i));
            if (child != null) {
                dropWithDescendants(child);
            }
        }
    }

    /// The mempool has just these.
    void adopt(List<Txid> ids) {
        pool.clear();
        spenders.clear();
        for (Txid id : ids) {
            Transaction tx = transactions.get(id);
            if (tx != null) {
                pool.put(id, tx);
                tx.inputs().forEach(input -> spenders.put(input.prevout(), id));
            }
        }
    }

    private @Nullable KnownCoin pick(List<KnownCoin> from) {
        return from.isEmpty() ? null : from.get(random.nextInt(from.size()));
    }

    private boolean isMature(KnownCoin coin) {
        return !coin.lock().name().equals(COINBASE) || tip.height() + 1 - coin.height() >= MATURITY;
    }

    /// Any of our coins of the chain that the mempool does not spend.
    @Nullable KnownCoin coin(Predicate<KnownCoin> wanted) {
        return pick(
                unspent.values().stream()
                        .filter(coin -> !spenders.containsKey(coin.outPoint()))
                        .filter(this::isMature)
                        .filter(wanted)
                        .toList());
    }

    /// A coinbase whose coin was made so many blocks before the next one.
    @Nullable KnownCoin coinbase(int depth) {
        return pick(
                unspent.values().stream()
                        .filter(coin -> coin.lock().name().equals(COINBASE))
                        .filter(coin -> tip.height() + 1 - coin.height() == depth)
                        .filter(coin -> !spenders.containsKey(coin.outPoint()))
                        .toList());
    }

    /// A coin that a transaction of the mempool spends.
    @Nullable KnownCoin spentCoin() {
        return pick(
                unspent.values().stream()
                        .filter(coin -> spenders.containsKey(coin.outPoint()))
                        .toList());
    }

    /// An output of the mempool that nobody spends.
    @Nullable KnownCoin poolCoin(Predicate<KnownCoin> wanted) {
        return pick(
                pool.keySet().stream()
                        .flatMap(txid -> coinsOf(txid).stream())
                        .filter(coin -> !spenders.containsKey(coin.outPoint()))
                        .filter(wanted)
                        .toList());
    }

    @Nullable Transaction poolTransaction() {
        var all = new ArrayList<>(pool.values());
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    /// A transaction of the last blocks.
    @Nullable Transaction confirmed() {
        var all = new ArrayList<Transaction>();
        layers.stream()
                .limit(3)
                .forEach(layer -> all.addAll(layer.block.transactions().stream().skip(1).toList()));
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    /// Transactions of the mempool whose parents are confirmed or chosen too, parents first.
    List<Transaction> choose(int percent) {
        var chosen = new ArrayList<Transaction>();
        Set<Txid> ids = new HashSet<>();
        long weight = 0;
        long cost = 0;
        for (Transaction tx : pool.values()) {
            boolean isReady =
                    tx.inputs().stream()
                            .map(input -> input.prevout().txid())
                            .allMatch(parent -> !pool.containsKey(parent) || ids.contains(parent));
            long sigops = tx.outputs().stream().filter(World::countsMuch).count() * 80;
            boolean fits =
                    weight + tx.weight() <= BLOCK_WEIGHT && cost + sigops <= BLOCK_SIGOPS_COST;
            if (isReady && fits && random.nextInt(100) < percent) {
                chosen.add(tx);
                ids.add(tx.txid());
                weight += tx.weight();
                cost += sigops;
            }
        }
        return chosen;
    }

    private static boolean countsMuch(TxOut output) {
        Bytes script = output.scriptPubKey();
        return !script.isEmpty() && script.at(script.length() - 1) == Opcode.OP_CHECKMULTISIG;
    }

    /// A block with proof of work on the tip; its coinbase takes no fees, so that nobody has to count them.
    Block block(List<Transaction> txs, Lock payTo, Keys keys) {
        // Each block is another, also where one of the same height became invalid.
        long time = FIRST_TIME + SECONDS_APART * (tip.height() + 1L) + ++made % (SECONDS_APART / 3);
        var now = new Now(0, Instant.ofEpochSecond(time));
        Block block =
                Solver.solve(
                                builder.assemble(tip, txs, payTo.scriptPubKey(keys), 0, now),
                                Integer.MAX_VALUE,
                                params)
                        .orElseThrow();
        Transaction coinbase = block.transactions().getFirst();
        var coin =
                new KnownCoin(
                        new OutPoint(coinbase.txid(), 0),
                        coinbase.outputs().getFirst(),
                        payTo,
                        tip.height() + 1);
        register(coinbase, List.of(coin));
        return block;
    }

    /// A block became part of the chain.
    void connect(Block block) {
        var spent = new LinkedHashMap<OutPoint, KnownCoin>();
        var made = new ArrayList<OutPoint>();
        HeaderNode before = tip;
        tip = HeaderNode.of(block.header(), block.hash(), tip, params.work(block.header().bits()));
        for (Transaction tx : block.transactions()) {
            for (TxIn input : tx.inputs()) {
                KnownCoin coin = unspent.remove(input.prevout());
                if (coin != null) {
                    spent.put(input.prevout(), coin);
                }
            }
            for (KnownCoin coin : coinsOf(tx.txid())) {
                unspent.put(
                        coin.outPoint(),
                        new KnownCoin(coin.outPoint(), coin.output(), coin.lock(), tip.height()));
                made.add(coin.outPoint());
            }
        }
        layers.push(new Layer(block, before, spent, made));
    }

    int height() {
        return tip.height();
    }

    /// The last block is no longer part of the chain.
    Block disconnect() {
        Layer layer = layers.pop();
        layer.made.forEach(unspent::remove);
        layer.spent.forEach(unspent::putIfAbsent);
        // What the block itself made and spent is in both.
        layer.made.forEach(unspent::remove);
        tip = layer.before;
        return layer.block;
    }
}
