package weft.mempool;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.api.TxFailure;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.mempool.MempoolAcceptor.Moment;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.log.Log;

/// A mempool over a chain of blocks that need no work and scripts that always pass.
final class PoolWorld {
    static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final long COIN_VALUE = 10_000_000;

    /// A block, with what it spent and the tip before.
    private record Layer(Block block, Map<OutPoint, Coin> spent, HeaderNode before) {}

    final Map<OutPoint, Coin> coins = new TreeMap<>();
    final MempoolOptions options;
    private final Deque<Layer> layers = new ArrayDeque<>();
    Mempool pool;
    MempoolAcceptor acceptor;
    MempoolUpdater updater;
    HeaderNode tip = HeaderNode.genesis(REGTEST.genesis().header(), BigInteger.TWO);
    long seconds = 1_700_000_000L;
    private long unique;

    PoolWorld(MempoolOptions options) {
        this.options = options;
        pool = new Mempool(options, Log.NONE, (entry, reason) -> {});
        acceptor = acceptor();
        updater = updater();
    }

    static MempoolOptions small(long bytesMax) {
        MempoolOptions standard = MempoolOptions.DEFAULT;
        return new MempoolOptions(
                bytesMax,
                Duration.ofHours(1),
                new MempoolOptions.Limits(6, 3_000, 6, 3_000),
                new FeeRate(1_000),
                new FeeRate(1_000),
                standard.form().withStandardOnly(false),
                true,
                true,
                false);
    }

    private MempoolAcceptor acceptor() {
        return new MempoolAcceptor(pool, REGTEST, coins::get, checks -> null);
    }

    private MempoolUpdater updater() {
        return new MempoolUpdater(pool, acceptor, coins::get, back -> {});
    }

    Moment moment() {
        return new Moment(tip, now());
    }

    Now now() {
        return new Now(0, Instant.ofEpochSecond(seconds));
    }

    /// A coin of the chain out of nothing.
    OutPoint mint() {
        Transaction tx = tx(List.of(), 1, COIN_VALUE, 0);
        var coin = new OutPoint(tx.txid(), 0);
        coins.put(coin, new Coin(tx.outputs().getFirst(), 0, false));
        return coin;
    }

    /// A transaction that pays what is left of some value in equal parts.
    Transaction tx(List<OutPoint> spent, int outputs, long value, int padding) {
        return tx(2, spent, outputs, value, padding);
    }

    Transaction tx(int version, List<OutPoint> spent, int outputs, long value, int padding) {
        var inputs = new ArrayList<TxIn>();
        for (OutPoint coin : spent) {
            inputs.add(new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL));
        }
        var outs = new ArrayList<TxOut>();
        for (int i = 0; i < outputs; i++) {
            byte[] script = new byte[24 + (i == 0 ? padding : 0)];
            long mark = ++unique;
            for (int k = 0; k < 8; k++) {
                script[1 + k] = (byte) (mark >>> (8 * k));
            }
            script[0] = 8;
            outs.add(new TxOut(value / outputs, Bytes.wrap(script)));
        }
        return Transaction.of(version, inputs, outs, List.of(), 0);
    }

    @Nullable Coin coin(OutPoint outPoint) {
        Coin coin = coins.get(outPoint);
        MempoolEntry entry = pool.find(outPoint.txid());
        return coin != null || entry == null
                ? coin
                : new Coin(entry.tx().outputs().get((int) outPoint.index()), 0, false);
    }

    /// Makes a block of transactions part of the chain.
    Block connect(List<Transaction> txs) {
        var spent = new HashMap<OutPoint, Coin>();
        int height = tip.height() + 1;
        var all = new ArrayList<Transaction>();
        var coinbase = new TxIn(OutPoint.NULL, Bytes.wrap(new byte[] {(byte) height, 1}), 0);
        all.add(
                Transaction.of(
                        1,
                        List.of(coinbase),
                        tx(List.of(), 1, COIN_VALUE, 0).outputs(),
                        List.of(),
                        0));
        all.addAll(txs);
        for (Transaction tx : all) {
            for (TxIn input : tx.inputs()) {
                Coin gone = coins.remove(input.prevout());
                if (gone != null) {
                    spent.put(input.prevout(), gone);
                }
            }
            for (int i = 0; i < tx.outputs().size(); i++) {
                var coin = new Coin(tx.outputs().get(i), height, tx.isCoinbase());
                coins.put(new OutPoint(tx.txid(), i), coin);
            }
        }
        var header = new BlockHeader(4, tip.hash(), Digest256.ZERO, seconds, 0x207fffffL, ++unique);
        Block block = Block.of(header, all);
        layers.push(new Layer(block, spent, tip));
        tip = HeaderNode.of(header, header.hash(), tip, BigInteger.TWO);
        updater.onBlockConnected(block, now());
        return block;
    }

    int layers() {
        return layers.size();
    }

    /// Takes the last block back; [#settle] must follow.
    Block disconnect() {
        return disconnect(false);
    }

    Block disconnect(boolean isGivenUp) {
        Layer layer = layers.pop();
        for (Transaction tx : layer.block.transactions().reversed()) {
            for (int i = 0; i < tx.outputs().size(); i++) {
                coins.remove(new OutPoint(tx.txid(), i));
            }
            for (TxIn input : tx.inputs()) {
                Coin back = layer.spent.get(input.prevout());
                if (back != null) {
                    coins.put(input.prevout(), back);
                }
            }
        }
        tip = layer.before;
        updater.onBlockDisconnected(layer.block, isGivenUp);
        return layer.block;
    }

    void settle() {
        updater.onTip(tip, now());
    }

    /// Stops and starts: the mempool comes out of its file.
    void restart(SplittableRandom random) {
        byte[] key = new byte[MempoolFile.KEY_BYTES];
        random.nextBytes(key);
        MempoolFile kept = MempoolFile.of(pool);
        byte[] bytes = random.nextBoolean() ? kept.toByteArray(key) : kept.toPlainByteArray();
        MempoolFile read = MempoolFile.read(bytes);
        if (!read.equals(kept)) {
            throw new AssertionError("the file does not say what was written");
        }
        pool = new Mempool(options, Log.NONE, (entry, reason) -> {});
        acceptor = acceptor();
        updater = updater();
        var load = new MempoolImport(read, MempoolImport.Use.OWN);
        while (!load.isDone()) {
            load.work(pool, acceptor, moment(), 7, entered -> {});
        }
    }

    static String reason(AcceptResult result) {
        return result instanceof AcceptResult.Rejected(TxFailure failure, var _)
                ? failure.reason()
                : "accepted";
    }
}
