package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.NetAddress;
import weft.wire.TxMessage;

class TargetPeersTest {
    private static final int SEEDS = 20;
    private static final int BEST = 3;
    private static final int STEPS = 60;
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration HALF_A_STEP = Duration.ofSeconds(5);

    private static final HeaderNode GENESIS =
            HeaderNode.genesis(
                    new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                    BigInteger.TWO);

    private int transactions;

    private static EngineWorld world(SplittableRandom random, int best) {
        P2pOptions options = EngineWorld.standard();
        var world =
                new EngineWorld(random.nextLong(), options.with(options.limits().withBest(best)));
        var trips = new HashMap<NetAddress, Duration>();
        world.roundTrips =
                address ->
                        trips.computeIfAbsent(
                                address, any -> Duration.ofMillis(5 + random.nextInt(300)));
        // They have the chain that we have.
        world.answers =
                message ->
                        message instanceof GetHeaders
                                ? List.of(new Headers(List.of(GENESIS.header())))
                                : List.of();
        var loaded = new ChainEvent.Loaded(List.of(GENESIS), List.of(GENESIS), GENESIS, false);
        world.input(new PeerInput.Chain(loaded));
        world.fillBook(60);
        return world;
    }

    /// Lets time pass in which the tip does not go stale: else one more peer would be tried for that.
    private static void pass(EngineWorld world, int minutes) {
        for (int i = 0; i < minutes; i += 5) {
            world.advance(Duration.ofMinutes(Math.min(5, minutes - i)));
            var tip = new ChainEvent.BlockConnected(GENESIS, null);
            world.input(new PeerInput.Chain(tip));
        }
    }

    private static List<PeerSnapshot> fullRelay(EngineWorld world) {
        return world.engine.peersSnapshot(world.now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .toList();
    }

    private void give(EngineWorld world, PeerId peer) {
        var coin = new OutPoint(new Txid(1, 2, 3, ++transactions), 0);
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                        List.of(new TxOut(1, Bytes.EMPTY)),
                        List.of(),
                        0);
        Check.present(world.peer(peer), "it is there").sends(TxMessage.of(tx));
        var accepted = new ChainEvent.TxAccepted(new Origin(peer.value()), tx, 1_000);
        world.input(new PeerInput.Chain(accepted));
    }

    /// Usefulness by latency, from all that was given and when.
    ///
    /// @param gave whether it gave anything, step by step
    private static double score(List<Boolean> gave, long pingNanos) {
        double useful = 0;
        double steps = 0;
        for (int i = 0; i < gave.size(); i++) {
            double weight = Math.pow(2, -(gave.size() - 1 - i) / 360.0);
            steps += weight;
            useful += gave.get(i) ? weight : 0;
        }
        return (1 / 360.0 + useful / Math.max(30, steps)) / (0.01 + pingNanos / 1e9);
    }

    /// Ten minutes, in which each of the eight gives as often as it happens to.
    private Map<PeerId, List<Boolean>> trial(EngineWorld world, SplittableRandom random) {
        var gave = new TreeMap<PeerId, List<Boolean>>();
        var zeal = new TreeMap<PeerId, Integer>();
        world.advance(HALF_A_STEP);
        for (int step = 1; step <= STEPS; step++) {
            for (PeerSnapshot each : fullRelay(world)) {
                int percent = zeal.computeIfAbsent(each.id(), any -> random.nextInt(60));
                boolean gives = random.nextInt(100) < percent;
                gave.computeIfAbsent(each.id(), any -> new ArrayList<>()).add(gives);
                if (gives) {
                    give(world, each.id());
                }
            }
            assertThat(gave).hasSize(8);
            if (step < STEPS) {
                world.advance(STEP);
            }
        }
        return gave;
    }

    @Test
    @DisplayName(
            "S-63 -targetpeers=3: after ten minutes the three of eight with the best score are left")
    void shouldKeepTheBest() {
        Property.holds(
                SEEDS,
                random -> {
                    var chance = new SplittableRandom(random.nextLong());
                    EngineWorld world = world(chance, BEST);
                    Map<PeerId, List<Boolean>> gave = trial(world, chance);
                    Comparator<PeerSnapshot> byScore =
                            Comparator.comparingDouble(
                                    each ->
                                            score(
                                                    gave.getOrDefault(each.id(), List.of()),
                                                    each.ping().minNanos()));
                    List<PeerId> expected =
                            fullRelay(world).stream()
                                    .sorted(byScore.reversed())
                                    .limit(BEST)
                                    .map(PeerSnapshot::id)
                                    .toList();
                    assertThat(fullRelay(world)).as("a moment before").hasSize(8);
                    world.advance(STEP);
                    assertThat(fullRelay(world).stream().map(PeerSnapshot::id).toList())
                            .containsExactlyInAnyOrderElementsOf(expected);
                    assertThat(world.open(ConnectionType.BLOCK_RELAY_ONLY))
                            .isGreaterThanOrEqualTo(2);
                });
    }

    @Test
    @DisplayName("S-63 without -targetpeers all eight stay")
    void shouldKeepEightByDefault() {
        Property.holds(
                SEEDS,
                random -> {
                    var chance = new SplittableRandom(random.nextLong());
                    EngineWorld world = world(chance, 0);
                    trial(world, chance);
                    pass(world, 60);
                    assertThat(fullRelay(world)).hasSize(8);
                });
    }

    private static long slowest(EngineWorld world) {
        return fullRelay(world).stream().mapToLong(each -> each.ping().minNanos()).max().orElse(0);
    }

    @Test
    @DisplayName("S-63 one more is tried each half hour, and the worst of four goes")
    void shouldTryOthers() {
        var faster = new AtomicInteger();
        Property.holds(
                SEEDS,
                random -> {
                    EngineWorld world = world(new SplittableRandom(random.nextLong()), BEST);
                    pass(world, 11);
                    assertThat(fullRelay(world)).hasSize(BEST);
                    long first = slowest(world);
                    long last = first;
                    for (int round = 0; round < 12; round++) {
                        pass(world, 30);
                        assertThat(fullRelay(world)).hasSize(BEST + 1);
                        pass(world, 10);
                        assertThat(fullRelay(world)).hasSize(BEST);
                        assertThat(slowest(world)).isLessThanOrEqualTo(last);
                        last = slowest(world);
                    }
                    faster.addAndGet(last < first ? 1 : 0);
                });
        assertThat(faster.get()).isGreaterThan(SEEDS / 2);
    }

    @Test
    @DisplayName("S-63 one of three that hangs up is replaced by one, within seconds")
    void shouldReplaceWhoLeaves() {
        EngineWorld world = world(new SplittableRandom(1), BEST);
        pass(world, 11);
        PeerId one = fullRelay(world).getFirst().id();
        Check.present(world.peer(one), "it is there").hangUp();
        world.advance(Duration.ofSeconds(5));
        assertThat(fullRelay(world)).hasSize(BEST);
    }

    @Test
    @DisplayName("S-63 what the operator says later takes the place of -targetpeers")
    void shouldObeyTheOperator() {
        EngineWorld world = world(new SplittableRandom(1), BEST);
        pass(world, 11);
        world.command(new PeerCommand.SetLimits(6, 2, 100));
        pass(world, 120);
        assertThat(fullRelay(world)).hasSize(6);
    }
}
