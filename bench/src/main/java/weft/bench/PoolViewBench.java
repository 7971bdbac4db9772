package weft.bench;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
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
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.mempool.BarePool;
import weft.mempool.MempoolCheck;
import weft.mining.BlockTemplate;
import weft.mining.TemplateBuilder;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
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
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final Bytes LOCK = Bytes.parse("0020" + "4a".repeat(32));
    private static final int LISTED = 1_000;
    private static final int CHECKED = 400;
    private static final int MINED = 101;
    private static final long VALUE = 100_000_000L;
    private static final Txid CHAIN = new Txid(0, 0, 0, 1);

    private final SplittableRandom random = new SplittableRandom(1);
    private final BarePool listed = new BarePool();
    private final BarePool checked = new BarePool();
    private final BarePool mined = new BarePool();
    private final TemplateBuilder builder = new TemplateBuilder(REGTEST);
    private final HeaderNode tip = HeaderNode.genesis(REGTEST.genesis().header(), BigInteger.TWO);
    private final RealBlock real = RealBlock.of(RealBlock.OF_CORE);
    private final Block block = real.decode();
    private final JsonNode blockJson = BareRpc.block(block, ChainParams.of(real.network()));
    private int unique;

    /// A state.
    public PoolViewBench() {
        for (int i = 0; i < LISTED; i++) {
            listed.add(tx(List.of(fresh()), 1, i), i);
        }
        for (int i = 0; i < MINED; i++) {
            mined.add(tx(List.of(fresh()), 1, 1_337), 10_000);
        }
        var open = new ArrayList<OutPoint>();
        for (int i = 0; i < 100; i++) {
            open.add(fresh());
        }
        // As Core's PopulateMempool: up to 24 coins in, up to 24 out, of all that are there.
        for (int i = 0; i < CHECKED && !open.isEmpty(); i++) {
            var spent = new ArrayList<OutPoint>();
            for (int k = random.nextInt(24) + 1; k > 0 && !open.isEmpty(); k--) {
                spent.add(open.remove(random.nextInt(open.size())));
            }
            Transaction tx = tx(spent, random.nextInt(24) + 1, 0);
            // What the mempool makes is worth nothing, so that all value of the chain is fee.
            long fee = spent.stream().filter(each -> each.txid().equals(CHAIN)).count() * VALUE;
            checked.add(tx, fee);
            for (int k = 0; k < tx.outputs().size(); k++) {
                open.add(new OutPoint(tx.txid(), k));
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
                java.util.Collections.nCopies(outputs, new TxOut(value, LOCK)),
                java.util.Collections.nCopies(inputs.size(), witness),
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

    /// Core's AssembleBlock: 101 loose transactions. Core also checks the block against its chain state,
    /// which ours does where a caller asks for a template.
    @Benchmark
    public BlockTemplate assemble() {
        return builder.build(
                tip, mined.mempool(), LOCK, new Now(0, Instant.ofEpochSecond(1_700_000_000L)));
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
