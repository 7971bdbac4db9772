package weft.bench;

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
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.mempool.BarePool;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// What the mempool does when it is full. Transactions as in Core's benchmarks, but that no two spend one
/// coin, which Core's unchecked entry lets pass and ours does not.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MempoolBench {
    private static final long COIN = 100_000_000L;
    private static final int BASE = 100;
    private static final int CHILDREN = 800;

    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Transaction> few = new ArrayList<>();
    private final List<Transaction> many = new ArrayList<>();
    private final BarePool small = new BarePool();
    private final BarePool large = new BarePool();
    private long unique;

    /// A state.
    public MempoolBench() {
        makeFew();
        makeMany();
    }

    private OutPoint fresh() {
        byte[] id = new byte[32];
        id[31] = 1;
        return new OutPoint(Txid.of(id), ++unique);
    }

    private static Transaction tx(List<OutPoint> spent, int number, int outputs) {
        var inputs = new ArrayList<TxIn>();
        var witnesses = new ArrayList<Witness>();
        Bytes script = new ScriptBuilder().number(number).build();
        for (OutPoint each : spent) {
            inputs.add(new TxIn(each, script, TxIn.SEQUENCE_FINAL));
            witnesses.add(Witness.of(Bytes.wrap(new byte[] {(byte) number})));
        }
        Bytes lock = new ScriptBuilder().number(number).op(Opcode.OP_EQUAL).build();
        var outs = new ArrayList<TxOut>();
        for (int i = 0; i < outputs; i++) {
            outs.add(new TxOut(10 * COIN, lock));
        }
        return Transaction.of(2, inputs, outs, witnesses, 0);
    }

    private static OutPoint of(Transaction tx, int index) {
        return new OutPoint(tx.txid(), index);
    }

    private void makeFew() {
        Transaction one = tx(List.of(fresh()), 1, 1);
        Transaction two = tx(List.of(fresh()), 2, 1);
        Transaction three = tx(List.of(of(two, 0)), 3, 1);
        Transaction four = tx(List.of(fresh(), fresh()), 4, 2);
        Transaction five = tx(List.of(of(four, 0), fresh()), 5, 2);
        Transaction six = tx(List.of(of(four, 1), fresh()), 6, 2);
        Transaction seven = tx(List.of(of(five, 0), of(six, 0)), 7, 2);
        few.addAll(List.of(one, two, three, four, five, six, seven));
    }

    /// A hundred transactions, and children of up to ten of those that are still open, each of which gives
    /// one coin or several. As in Core's, a parent stays open, and the youngest of all closes instead when
    /// as many coins were taken as the parent has inputs: few families, which grow large.
    private void makeMany() {
        var open = new ArrayList<Transaction>();
        for (int i = 0; i < BASE; i++) {
            keep(tx(List.of(fresh()), many.size() + 1, random.nextInt(10) + 2), open);
        }
        for (int i = 0; i < CHILDREN && !open.isEmpty(); i++) {
            var spent = new ArrayList<OutPoint>();
            int outputs = 0;
            for (int parents = random.nextInt(10) + 1; parents > 0 && !open.isEmpty(); parents--) {
                Transaction parent = open.get(random.nextInt(open.size()));
                int more = random.nextBoolean() ? 0 : random.nextInt(parent.outputs().size());
                for (int k = 0; k <= more; k++) {
                    // Never the same coin twice, and for that one that need not be there.
                    spent.add(new OutPoint(parent.txid(), ++unique));
                }
                if (1 + more == parent.inputs().size()) {
                    open.removeLast();
                }
                outputs = random.nextInt(10) + 2;
            }
            keep(tx(spent, many.size() + 1, outputs), open);
        }
    }

    private void keep(Transaction tx, List<Transaction> open) {
        many.add(tx);
        open.add(tx);
    }

    /// Core's MempoolEviction: seven transactions come, and leave in two steps.
    @Benchmark
    public int eviction() {
        long[] fees = {10_000, 5_000, 20_000, 7_000, 1_000, 1_100, 9_000};
        for (int i = 0; i < fees.length; i++) {
            small.add(few.get(i), fees[i]);
        }
        small.trim(small.mempool().memoryBytes() * 3 / 4);
        small.trim(few.getFirst().vsize());
        return small.mempool().size();
    }

    /// Core's ComplexMemPool: 900 transactions come, and leave in two steps.
    @Benchmark
    public int complex() {
        for (Transaction tx : many) {
            large.add(tx, 1_000);
        }
        large.trim(large.mempool().memoryBytes() * 3 / 4);
        large.trim(many.getFirst().vsize());
        return large.mempool().size();
    }
}
