package weft.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.mempool.BarePool;
import weft.mempool.MempoolCheck;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.server.rpc.BareRpc;

/// What is read out of a mempool: checks, block templates, answers of RPC; and a block as JSON.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PoolViewBench {
    private static final Bytes LOCK = Bytes.parse("0020" + "4a".repeat(32));
    private static final int LISTED = 1_000;
    private static final int CHECKED = 400;
    private static final int COINBASES = 100;
    private static final long VALUE = 5_000_000_000L;
    private static final long DUST = 3_000;
    private static final Txid CHAIN = new Txid(0, 0, 0, 1);

    private final SplittableRandom random = new SplittableRandom(1);
    private final BarePool listed = new BarePool();
    private final BarePool checked = new BarePool();
    private final RealBlock real = RealBlock.of(RealBlock.OF_CORE);
    private final Block block = real.decode();
    private final JsonNode blockJson = BareRpc.block(block, ChainParams.of(real.network()));
    private int unique;

    /// A coin that no transaction of the mempool spends yet.
    private record Unspent(OutPoint where, long value) {}

    /// A state.
    public PoolViewBench() {
        for (int i = 0; i < LISTED; i++) {
            listed.add(tx(List.of(fresh()), 1, i), i);
        }
        populate();
        Check.state(checked.mempool().size() == CHECKED, "the coins last");
    }

    /// As Core's PopulateMempool: up to 24 coins in, the oldest first, up to 24 out, some of which change
    /// places with older ones; what is worth too little is not spent again.
    private void populate() {
        var open = new ArrayList<Unspent>();
        for (int i = 0; i < COINBASES; i++) {
            open.add(new Unspent(fresh(), VALUE));
        }
        int first = 0;
        for (int left = CHECKED; left > 0 && first < open.size(); left--) {
            var spent = new ArrayList<OutPoint>();
            long in = 0;
            for (int k = random.nextInt(24) + 1; k > 0 && first < open.size(); k--) {
                Unspent coin = open.get(first++);
                spent.add(coin.where());
                in += coin.value();
            }
            int outputs = random.nextInt(24) + 1;
            long each = (in - 100L * random.nextInt(30)) / outputs;
            Transaction tx = tx(spent, outputs, each);
            checked.add(tx, in - outputs * each);
            for (int k = 0; k < outputs && each > DUST; k++) {
                open.add(new Unspent(new OutPoint(tx.txid(), k), each));
                Collections.swap(
                        open, open.size() - 1, first + random.nextInt(open.size() - first));
            }
        }
    }

    private OutPoint fresh() {
        return new OutPoint(CHAIN, ++unique);
    }

    private static Transaction tx(List<OutPoint> spent, int outputs, long value) {
        List<TxIn> inputs = spent.stream().map(each -> new TxIn(each, Bytes.EMPTY, 0)).toList();
        Witness witness = Witness.of(Bytes.wrap(new byte[] {0x51}));
        return Transaction.of(
                1,
                inputs,
                Collections.nCopies(outputs, new TxOut(value, LOCK)),
                Collections.nCopies(inputs.size(), witness),
                0);
    }

    /// Core's MempoolCheck: 400 transactions with up to 24 inputs and outputs.
    @Benchmark
    public int check() {
        MempoolCheck.run(
                checked.mempool(),
                outPoint ->
                        outPoint.txid().equals(CHAIN)
                                ? new Coin(new TxOut(VALUE, LOCK), 1, false)
                                : null,
                300);
        return checked.mempool().size();
    }

    /// Core's RpcMempool: a thousand transactions.
    @Benchmark
    public JsonNode rpcMempool() {
        return BareRpc.mempool(listed.mempool());
    }

    /// Core's BlockToJsonVerbose.
    @Benchmark
    public JsonNode blockToJson() {
        return BareRpc.block(block, ChainParams.of(real.network()));
    }

    /// Core's BlockToJsonVerboseWrite.
    @Benchmark
    public String writeBlock() {
        return BareRpc.text(blockJson);
    }
}
