package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.app.WholeNode;
import weft.app.rpc.RpcClient;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.testkit.Saboteur;

/// What must hold while a whole node on real sockets is attacked, and afterwards.
///
/// - **Alive:** no thread died of an exception, nothing in the log speaks of an error, RPC answers in time.
/// - **Consensus:** the chain is what it was, and one honest block more; the transaction in it was taken.
/// - **Memory:** what is in use after a collection grew no more than attackers account for, and comes back
///   when they are gone.
/// - **Service:** during all of it two honest peers, which were there first, are answered, their block is
///   taken and relayed, and a newcomer gets in.
/// - **Fate:** no honest peer was hung up on or banned. What becomes of attackers each script says.
/// - **Disk:** neither log nor data folder grew beyond what is worth keeping.
/// - **Inside:** the node checks its mempool and address table after every change, and would have died.
/// - **Again:** stopped and started it has the same tip and the same coins.
///
/// Bounds on time allow for a machine with two busy cores, and for a product whose code was loaded just now;
/// they are far below what the attacks took from who fell for them. Bounds on bytes are tight.
final class Seal {
    /// To take and relay a block, to answer RPC, to let somebody in: at once, where not all is at a stand.
    static final Duration SERVICE = Duration.ofSeconds(30);

    /// A ping goes through the same thread as all that attackers send, so it is what suffers first. Peers
    /// give up after twenty minutes, users sooner.
    private static final Duration PING = Duration.ofSeconds(15);

    /// For what the node remembers of an attack: filters, an orphanage, what is in flight. Its own limits,
    /// the mempool's apart, are far below.
    private static final long HEAP_GROWTH = 64L << 20;

    /// A connection may hold a message half received (4 MB), as much as is read ahead, and its filters.
    private static final long HEAP_GROWTH_PER_ATTACKER = 6_000_000;

    /// When attackers are gone only what is remembered on purpose stays.
    private static final long HEAP_LEFT = 32L << 20;

    /// The quota of one place in the code for an hour, which is what an attacker may fill.
    private static final long LOG_GROWTH = 1L << 20;

    /// Files of the databases are reserved and merged in steps; beyond that only accepted blocks come in.
    private static final long DISK_GROWTH = 16L << 20;

    /// What the log never says of the work of others.
    private static final List<String> ALARMS =
            List.of("[error]", "Error:", "Exception", "Throwable", "\tat ", "fatal");

    /// What is said of an invalid block as Bitcoin Core does, as of an error, though not of ours.
    private static final List<String> VERDICTS =
            List.of(
                    "[error] ProcessNewBlock: AcceptBlock FAILED",
                    "[error] AcceptBlock: ",
                    "[error] ConnectTip: ConnectBlock ",
                    "[error] ConnectBlock: Consensus::");

    /// Whether the product was loaded anew to be broken: what comes after the attack is seen without that.
    private static final boolean IS_COPY =
            !Objects.equals(Seal.class.getClassLoader(), Saboteur.class.getClassLoader());

    /// The coin that honest peers spend.
    private static final int HONEST_COIN = 30;

    private final List<WirePeer> attackers = new ArrayList<>();
    private final Path folder;
    private final WholeNode node;
    private final Ledger ledger;
    private final HonestPeer first;
    private final HonestPeer second;
    private final List<String> honestIds;
    private final long heapBefore;
    private final long logBefore;
    private final long diskBefore;
    private String tip;
    private int height;
    private long acceptedBytes;
    private @Nullable Transaction honestTx;
    private volatile boolean isProbing = true;
    private volatile Duration slowestPing = Duration.ZERO;
    private final Thread probe;

    /// What attackers do.
    interface Script {
        void attack(Seal seal) throws Exception;
    }

    private Seal(Path folder, WholeNode node, HonestPeer first, HonestPeer second)
            throws IOException {
        this.folder = folder;
        this.node = node;
        this.first = first;
        this.second = second;
        ledger = new Ledger(node);
        tip = ledger.tip();
        height = ledger.height();
        honestIds = honestIds();
        assertThat(honestIds).hasSize(2);
        heapBefore = memory();
        logBefore = node.log().length();
        diskBefore = PreparedChain.bytes(folder);
        probe = Thread.ofVirtual().name("probe").start(this::probe);
    }

    /// Runs an attack inside of the seal.
    ///
    /// @param options of the node; with `-acceptnonstdtxn=0` see [#honestWillSend]
    static void around(Script script, String... options) throws Exception {
        var all = new ArrayList<String>();
        all.add("-acceptnonstdtxn=1");
        all.addAll(List.of(options));
        var uncaught = new CopyOnWriteArrayList<Throwable>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
        Path folder = Files.createTempDirectory("weft-seal");
        try {
            PreparedChain.copyTo(folder);
            around(script, folder, all);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
            PreparedChain.delete(folder);
        }
        assertThat(uncaught).as("exceptions that nobody caught").isEmpty();
    }

    private static void around(Script script, Path folder, List<String> options) throws Exception {
        try (var node = WholeNode.start(folder, options);
                var first = new HonestPeer(node.port());
                var second = new HonestPeer(node.port())) {
            var seal = new Seal(folder, node, first, second);
            try {
                script.attack(seal);
                seal.holds();
            } catch (SocketException e) {
                throw new AssertionError("the node hung up", e);
            } finally {
                seal.end();
            }
            if (!IS_COPY) {
                seal.comesAgain(options);
            }
        }
    }

    // ---- for scripts

    WholeNode node() {
        return node;
    }

    Ledger ledger() {
        return ledger;
    }

    /// One of the honest peers.
    HonestPeer honest() {
        return first;
    }

    /// An attacker that has shaken hands over the plain transport.
    WirePeer attacker() throws IOException {
        return stranger().handshake();
    }

    /// An attacker that has not said anything yet.
    WirePeer stranger() throws IOException {
        return attacker(WirePeer.plain(node.port()));
    }

    /// Takes part in the attack from now on, and leaves when it is over.
    <T extends WirePeer> T attacker(T each) {
        attackers.add(each);
        return each;
    }

    /// What an honest peer sends when the attack is over; else it spends a coin of a form that only a node
    /// relays that takes all forms.
    void honestWillSend(Transaction tx) {
        honestTx = tx;
    }

    /// A block is part of the chain from now on; waits for it.
    void expect(Block block) throws InterruptedException {
        tip = block.hash().toString();
        height++;
        acceptedBytes += block.totalSize();
        await("the block is the tip", SERVICE, () -> ledger.tip().equals(tip));
    }

    /// Waits until something holds.
    static void await(String what, Duration patience, BooleanSupplier holds)
            throws InterruptedException {
        long deadline = System.nanoTime() + Saboteur.patience(patience).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience.toSeconds() + " s: " + what);
            }
            Thread.sleep(5);
        }
    }

    /// Who comes now is answered, and so is who was there.
    void serves() throws IOException, InterruptedException {
        assertThat(first.ping(Saboteur.patience(SERVICE))).as("honest peer is served").isPresent();
        try (var newcomer = WirePeer.plain(node.port())) {
            assertThat(newcomer.handshake().fate()).isEqualTo(WirePeer.Fate.KEPT);
        }
    }

    /// Bytes in use after a collection, on the heap and in direct buffers.
    private static long memory() {
        System.gc();
        long direct =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + direct;
    }

    // ---- the assertions

    private void probe() {
        try {
            while (isProbing) {
                Duration took = first.ping(PING.multipliedBy(2)).orElse(PING.multipliedBy(2));
                slowestPing = took.compareTo(slowestPing) > 0 ? took : slowestPing;
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ids of the honest connections, as the node counts them: another connection has another id.
    private List<String> honestIds() {
        var ids = new ArrayList<String>();
        for (JsonNode each : node.call("getpeerinfo")) {
            for (HonestPeer peer : List.of(first, second)) {
                if (each.get("addr").asString().endsWith(":" + peer.localPort())) {
                    ids.add(each.get("id").asString() + " " + each.get("addr").asString());
                }
            }
        }
        return ids;
    }

    private void holds() throws IOException, InterruptedException {
        honestWorkGoesOn();
        long allowed = HEAP_GROWTH + HEAP_GROWTH_PER_ATTACKER * attackers.size();
        assertThat(memory() - heapBefore).as("bytes while attackers are there").isLessThan(allowed);
        isProbing = false;
        probe.join();
        assertThat(slowestPing).as("slowest ping").isLessThan(PING);
        attackersLeave();
        nobodyIsPunished();
        assertThat(memory() - heapBefore).as("bytes that stay").isLessThan(HEAP_LEFT);
        isQuiet();
        assertThat(PreparedChain.bytes(folder) - diskBefore - acceptedBytes)
                .as("bytes on disk")
                .isLessThan(DISK_GROWTH);
    }

    /// A transaction and a block of one honest peer reach the node, and the block the other peer.
    private void honestWorkGoesOn() throws IOException, InterruptedException {
        assertThat(ledger.tip()).as("tip").isEqualTo(tip);
        Transaction tx = honestTx;
        if (tx == null) {
            tx = Ledger.spend(ledger.coin(HONEST_COIN), Ledger.COIN - 100_000);
        }
        Transaction sent = tx;
        first.send(sent);
        await("an honest transaction is in", SERVICE, () -> isInPool(sent));
        Block block = ledger.next(List.of(sent));
        first.announce(block);
        expect(block);
        await("an honest block is relayed", SERVICE, () -> second.hasGot(block.hash()));
        serves();
        assertThat(ledger.height()).isEqualTo(height);
    }

    /// Whether a transaction is in the mempool.
    boolean isInPool(Transaction tx) {
        try {
            node.call("getmempoolentry", tx.txid().toString());
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    private void attackersLeave() throws IOException, InterruptedException {
        for (WirePeer each : attackers) {
            each.close();
        }
        await("only the honest remain", SERVICE, () -> connections() == 2);
        attackers.clear();
    }

    private int connections() {
        return node.call("getconnectioncount").asInt();
    }

    private void nobodyIsPunished() throws InterruptedException {
        for (HonestPeer each : List.of(first, second)) {
            assertThat(each.isGone()).as("honest peer was hung up on").isFalse();
            assertThat(each.ping(SERVICE)).as("honest peer is answered").isPresent();
        }
        assertThat(honestIds()).as("the same connections").isEqualTo(honestIds);
        assertThat(node.call("listbanned")).as("bans").isEmpty();
    }

    private void isQuiet() throws IOException {
        String log = node.log();
        assertThat(log.length() - logBefore).as("log").isLessThan(LOG_GROWTH);
        for (String line : log.split("\n", -1)) {
            boolean isVerdict = VERDICTS.stream().anyMatch(line::contains);
            assertThat(isVerdict || ALARMS.stream().noneMatch(line::contains)).as(line).isTrue();
        }
    }

    private static String coins(WholeNode node) {
        return node.call("gettxoutsetinfo").get("hash_serialized_3").asString();
    }

    private void comesAgain(List<String> options) throws IOException {
        String before = coins(node);
        first.close();
        second.close();
        node.close();
        try (var again = WholeNode.start(folder, options)) {
            assertThat(again.call("getbestblockhash").asString()).as("tip").isEqualTo(tip);
            assertThat(coins(again)).as("coins").isEqualTo(before);
            assertThat(again.log()).doesNotContain("eindex");
        }
    }

    private void end() throws IOException {
        isProbing = false;
        probe.interrupt();
        for (WirePeer each : attackers) {
            each.close();
        }
    }
}
