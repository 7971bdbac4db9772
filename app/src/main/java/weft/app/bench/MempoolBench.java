package weft.app.bench;

import java.io.PrintStream;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Network;
import weft.mempool.Mempool;
import weft.mempool.MempoolAcceptor;
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

/// `weft bench mempool`: what a full mempool really takes of the heap, beside what its limit counts.
@Command(
        name = "mempool",
        description = {
            "Fill a mempool with small transactions, one input and two outputs of P2WPKH, up to its"
                    + " limit,",
            "and compare the heap that it takes with the memory that it counts."
        },
        mixinStandardHelpOptions = true)
public final class MempoolBench implements Callable<Integer> {
    private static final long MEGABYTE = 1_000_000;
    private static final long VALUE = 1_000_000;
    private static final int SIGNATURE_BYTES = 71;
    private static final int KEY_BYTES = 33;
    private static final int LOCK_BYTES = 22;
    private static final int HASH_BYTES = 32;
    private static final long MEGABYTES_MAX = 100_000;

    @Option(
            names = "--size",
            description = "Megabytes, as -maxmempool (default: ${DEFAULT-VALUE}).")
    private long megabytes = 300;

    @Option(
            names = "--most",
            description = "Exit code 1 if the heap is more than so many times the limit.")
    private double most = 1.3;

    private final SplittableRandom random = new SplittableRandom(1);
    private final PrintStream out;

    /// A command that prints to standard output.
    public MempoolBench() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        if (megabytes < 5 || megabytes > MEGABYTES_MAX) {
            System.err.println("Error: --size must be 5 to " + MEGABYTES_MAX);
            return 1;
        }
        long limit = megabytes * MEGABYTE;
        var pool =
                new Mempool(
                        MempoolOptions.DEFAULT.withBytesMax(2 * limit),
                        Log.NONE,
                        (gone, why) -> {});
        ChainParams params = ChainParams.of(Network.REGTEST);
        Bytes lock = lock();
        var coin = new Coin(new TxOut(VALUE, lock), 0, false);
        var acceptor = new MempoolAcceptor(pool, params, outPoint -> coin, checks -> null);
        HeaderNode tip = HeaderNode.genesis(params.genesis().header(), BigInteger.TWO);
        var at =
                new MempoolAcceptor.Moment(
                        tip, new Now(0, Instant.ofEpochSecond(params.genesis().header().time())));
        long before = heap();
        long begun = System.nanoTime();
        while (pool.memoryBytes() < limit) {
            // From its bytes, as a transaction comes from a peer.
            acceptor.accept(Transaction.parse(Bytes.wrap(next().toByteArray()).toHex()), at);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        long heap = heap() - before;
        double ratio = (double) heap / limit;
        out.printf(
                Locale.ROOT,
                "%,d transactions in %.1f s, %,d bytes counted, %,d bytes of heap: %.2f times the"
                        + " limit%n",
                pool.size(),
                seconds,
                pool.memoryBytes(),
                heap,
                ratio);
        return ratio <= most ? 0 : 1;
    }

    /// What is in use once nothing unused is left.
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private Bytes lock() {
        byte[] script = bytes(LOCK_BYTES);
        script[0] = 0;
        script[1] = LOCK_BYTES - 2;
        return Bytes.wrap(script);
    }

    private Transaction next() {
        var outputs = new ArrayList<TxOut>();
        outputs.add(new TxOut(VALUE / 2, lock()));
        outputs.add(new TxOut(VALUE / 2 - 1_000, lock()));
        var prevout = new OutPoint(Txid.of(bytes(HASH_BYTES)), 0);
        var input = new TxIn(prevout, Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        var witness = Witness.of(Bytes.wrap(bytes(SIGNATURE_BYTES)), Bytes.wrap(bytes(KEY_BYTES)));
        return Transaction.of(2, List.of(input), outputs, List.of(witness), 0);
    }
}
