package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.mempool.AcceptResult;
import weft.mempool.FeeRate;
import weft.mempool.Mempool;
import weft.mempool.MempoolAcceptor;
import weft.mempool.MempoolAcceptor.Moment;
import weft.mempool.MempoolEntry;
import weft.mempool.MempoolOptions;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.primitives.log.Log;

/// A mempool of transactions that are made up so that fee, weight, signature operations and parents are
/// those of a table. Any script passes; all else is judged as always.
final class RowPool {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final long VALUE = 1_000_000_000L;
    private static final int CHECKSIG = 0xac;
    private static final Bytes KEY_HASH = Bytes.parse("0014" + "00".repeat(20));

    private final Map<OutPoint, Coin> coins = new HashMap<>();
    private final Map<String, Transaction> txs = new HashMap<>();
    private final Map<Txid, String> names = new HashMap<>();
    private final Map<String, Integer> spentOutputs = new HashMap<>();
    private final Map<String, Integer> children = new HashMap<>();
    private final HeaderNode tip = HeaderNode.genesis(REGTEST.genesis().header(), BigInteger.TWO);
    private final Moment moment =
            new Moment(tip, new Now(0, Instant.ofEpochSecond(1_700_000_000L)));
    private final Mempool mempool = new Mempool(options(), Log.NONE, (entry, reason) -> {});
    private final MempoolAcceptor acceptor =
            new MempoolAcceptor(mempool, REGTEST, coins::get, checks -> null);
    private final TemplateBuilder builder = new TemplateBuilder(REGTEST);
    private long nextCoin;
    private int inexact;

    private static MempoolOptions options() {
        MempoolOptions standard = MempoolOptions.DEFAULT;
        return new MempoolOptions(
                10_000_000_000L,
                standard.expiry(),
                MempoolOptions.Limits.NONE,
                FeeRate.ZERO,
                FeeRate.ZERO,
                standard.form().withStandardOnly(false),
                true,
                false,
                false);
    }

    int size() {
        return mempool.size();
    }

    /// Transactions whose weight is not that of the table.
    int inexact() {
        return inexact;
    }

    Mempool mempool() {
        return mempool;
    }

    /// Says how many outputs a transaction must have.
    void expectChild(String parent) {
        children.merge(parent, 1, Integer::sum);
    }

    /// Adds a transaction; its parents came before.
    void add(String name, long fee, int weight, int sigops, List<String> parents) {
        var spent = new ArrayList<OutPoint>();
        long in = 0;
        for (String parent : parents) {
            Transaction tx = Objects.requireNonNull(txs.get(parent));
            int output = spentOutputs.merge(parent, 1, Integer::sum) - 1;
            spent.add(new OutPoint(tx.txid(), output));
            in += tx.outputs().get(output).value();
        }
        Transaction tx = make(name, spent, in - fee, weight, sigops);
        if (tx.weight() != weight) {
            // Too small for inputs of their own: a few signature operations less.
            tx = make(name, spent, in - fee, weight, sigops / 4 * 4);
        }
        inexact += tx.weight() == weight ? 0 : 1;
        AcceptResult result = acceptor.accept(tx, moment);
        assertThat(result).as(name).isInstanceOf(AcceptResult.Accepted.class);
        MempoolEntry entry = ((AcceptResult.Accepted) result).entry();
        assertThat(entry.fee()).isEqualTo(fee);
        assertThat(entry.sigopCost()).isBetween(sigops / 4 * 4, sigops);
        txs.put(name, tx);
        names.put(tx.txid(), name);
    }

    private Transaction make(String name, List<OutPoint> spent, long left, int weight, int sigops) {
        var inputs = new ArrayList<TxIn>();
        spent.forEach(coin -> inputs.add(input(coin, 0)));
        long value = left;
        int keyHashes = sigops % 4;
        for (int i = 0; i < Math.max(keyHashes, inputs.isEmpty() ? 1 : 0); i++) {
            inputs.add(input(coin(i < keyHashes), 0));
            value += VALUE;
        }
        List<TxOut> outputs = outputs(value, children.getOrDefault(name, 1), sigops / 4);
        return padded(inputs, outputs, weight);
    }

    private OutPoint coin(boolean isKeyHash) {
        var outPoint = new OutPoint(new Txid(++nextCoin, 0, 0, 1), 0);
        coins.put(
                outPoint, new Coin(new TxOut(VALUE, isKeyHash ? KEY_HASH : Bytes.EMPTY), 0, false));
        return outPoint;
    }

    private static TxIn input(OutPoint coin, int padding) {
        byte[] pushes = new byte[padding];
        return new TxIn(coin, Bytes.wrap(pushes), TxIn.SEQUENCE_FINAL);
    }

    private static List<TxOut> outputs(long value, int count, int checks) {
        var outputs = new ArrayList<TxOut>();
        for (int i = 0; i < count; i++) {
            long part = i == 0 ? value - value / count * (count - 1) : value / count;
            // 65 bytes at least, whatever else there is.
            byte[] script = new byte[i == 0 ? Math.max(checks, 5) : 0];
            Arrays.fill(script, 0, i == 0 ? checks : 0, (byte) CHECKSIG);
            outputs.add(new TxOut(part, Bytes.wrap(script)));
        }
        return outputs;
    }

    /// Fills scripts and witness up to a weight, exactly wherever the encoding allows it.
    private static Transaction padded(List<TxIn> inputs, List<TxOut> outputs, int weight) {
        Transaction tx = tx(inputs, outputs, 0);
        for (int pushes = 0; pushes < 4; pushes++) {
            var padded = new ArrayList<>(inputs);
            padded.set(0, input(inputs.getFirst().prevout(), pushes));
            tx = tx(padded, outputs, 0);
            if (tx.weight() >= weight) {
                return tx;
            }
            int empty = tx(padded, outputs, 1).weight() - 1;
            for (int extra = 0; extra <= 4; extra += 2) {
                int length = weight - empty - extra;
                if (length > 0 && tx(padded, outputs, length).weight() == weight) {
                    return tx(padded, outputs, length);
                }
            }
        }
        return tx;
    }

    private static Transaction tx(List<TxIn> inputs, List<TxOut> outputs, int witnessBytes) {
        var witnesses = new ArrayList<Witness>();
        if (witnessBytes > 0) {
            witnesses.add(Witness.of(Bytes.wrap(new byte[witnessBytes])));
            while (witnesses.size() < inputs.size()) {
                witnesses.add(Witness.EMPTY);
            }
        }
        return Transaction.of(2, inputs, outputs, witnesses, 0);
    }

    /// Names of the transactions that come into the next block, in order.
    List<String> fill() {
        return builder.choose(tip, mempool).stream().map(entry -> names.get(entry.txid())).toList();
    }
}
