package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.crypto.Sha256;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.record.Replay;
import weft.p2p.record.SeededRandom;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.wire.Ping;
import weft.wire.Subnet;
import weft.wire.VersionMessage;

/// Random runs of whole nodes, recorded and played again.
class ReplayTest {
    private static final int SIZE = 4;
    private static final int SEEDS = 20;
    private static final int STEPS = 16;
    private static final Bytes TRUE = Bytes.parse("51");
    private static final Bytes SCRIPT =
            Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(TRUE.toByteArray())));

    /// A network to which many things happen, by a seed.
    private static final class Story {
        final RecordedNodes recorded = new RecordedNodes(SIZE);
        final World world;
        final SplittableRandom random;
        final List<Block> mature = new ArrayList<>();
        int spent;

        Story(long seed) {
            world = new World(seed, LinkModel.WIDE_AREA);
            random = new SplittableRandom(seed);
            for (int i = 0; i < SIZE; i++) {
                world.add(recorded);
            }
            world.nodes().forEach(SimNode::start);
            world.run(Duration.ofSeconds(30));
            mine(0, 110);
            world.run(Duration.ofMinutes(1));
            remember();
            for (int i = 0; i < STEPS; i++) {
                step();
                world.run(Duration.ofMillis(random.nextLong(30_000)));
            }
        }

        private void mine(int node, int blocks) {
            world.nodes()
                    .get(node)
                    .act(
                            (engine, now, events) -> {
                                engine.during(now, events);
                                engine.mine(blocks, SCRIPT, 1_000_000);
                            });
        }

        private void remember() {
            var chain = world.nodes().getFirst().node().chain().chain();
            for (int height = 1; height <= 10; height++) {
                var node = chain.chain().tip().ancestor(height);
                chain.block(java.util.Objects.requireNonNull(node)).ifPresent(mature::add);
            }
        }

        private SimNode any() {
            return world.nodes().get(random.nextInt(SIZE));
        }

        private void step() {
            switch (random.nextInt(9)) {
                case 0 -> mine(random.nextInt(SIZE), 1 + random.nextInt(2));
                case 1, 2 -> spend();
                case 3 -> tell(new PeerCommand.PingAll());
                case 4 -> tell(new PeerCommand.SampleAddresses(3, Optional.empty()));
                case 5 -> disconnect();
                case 6 -> {
                    Subnet subnet = Subnet.of(World.address(random.nextInt(SIZE)));
                    tell(new PeerCommand.Ban(subnet, 60, false));
                }
                case 7 -> tell(new PeerCommand.AddNode(any().address().toString(), false));
                default -> {
                    world.split(each -> each.index() < 1);
                    world.run(Duration.ofSeconds(90));
                    world.rejoin();
                }
            }
        }

        private void tell(PeerCommand command) {
            any().input(new PeerInput.Command(command));
        }

        private void disconnect() {
            SimNode node = any();
            for (PeerId each : List.copyOf(node.connections())) {
                node.input(new PeerInput.Command(new PeerCommand.DisconnectPeer(each)));
                return;
            }
        }

        private void spend() {
            if (spent == mature.size()) {
                return;
            }
            Transaction coinbase = mature.get(spent++).transactions().getFirst();
            Transaction tx =
                    Transaction.of(
                            2,
                            List.of(
                                    new TxIn(
                                            new OutPoint(coinbase.txid(), 0),
                                            Bytes.EMPTY,
                                            TxIn.SEQUENCE_FINAL)),
                            List.of(
                                    new TxOut(
                                            coinbase.outputs().getFirst().value() - 10_000,
                                            SCRIPT)),
                            List.of(new Witness(List.of(TRUE))),
                            0);
            any().act(
                            (engine, now, events) ->
                                    engine.handle(
                                            new ChainCommand.SubmitTx(Origin.SELF, tx),
                                            now,
                                            events));
        }
    }

    /// The first input after which two runs differ; empty if none.
    private static Optional<Replay.Step> firstDifference(Replay replay, List<Bytes> inputs) {
        for (Bytes each : inputs) {
            Replay.Step step = replay.next(each);
            if (step.difference().isPresent()) {
                return Optional.of(step);
            }
        }
        return Optional.empty();
    }

    private static List<Bytes> inputs(List<Bytes> pieces) {
        return pieces.subList(1, pieces.size());
    }

    @Test
    @DisplayName("N1 a recorded engine decides the same again, input by input, for 20 seeds")
    void shouldDecideTheSameAgain() {
        long inputs = 0;
        long decisions = 0;
        long bytes = 0;
        long blocks = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            var story = new Story(seed);
            for (int i = 0; i < SIZE; i++) {
                List<Bytes> pieces = story.recorded.of(i);
                var replay = new Replay(pieces.getFirst(), Log.NONE);
                for (Bytes each : inputs(pieces)) {
                    Replay.Step step = replay.next(each);
                    assertThat(step.found())
                            .as("seed %d node %d input %d", seed, i, step.number())
                            .isEqualTo(step.recorded());
                    inputs++;
                    decisions += step.found().size();
                    bytes += each.length();
                    blocks += step.input().toString().contains("BlockConnected") ? 1 : 0;
                }
                var real = story.world.nodes().get(i).node().peers();
                var now = story.world.scheduler().now();
                assertThat(replay.engine().peersSnapshot(now)).isEqualTo(real.peersSnapshot(now));
                assertThat(replay.engine().netTotals()).isEqualTo(real.netTotals());
            }
        }
        System.out.printf(
                "%d inputs, %d decisions, %d blocks connected, %d bytes%n",
                inputs, decisions, blocks, bytes);
        assertThat(inputs).isGreaterThan(20_000);
        assertThat(decisions).isGreaterThan(5_000);
    }

    @Test
    @DisplayName("N1 one changed byte of a message is found at its input")
    void shouldFindAChangedByte() {
        List<Bytes> pieces = new Story(1).recorded.of(0);
        int tried = 0;
        var whole = new Replay(pieces.getFirst(), Log.NONE);
        for (int i = 1; i < pieces.size(); i++) {
            Replay.Step step = whole.next(pieces.get(i));
            if (step.input() instanceof PeerInput.Received(var _, Ping(var nonce), int _, int _)
                    && !step.found().isEmpty()
                    && tried < 10) {
                tried++;
                byte[] wanted = new ByteWriter(8).i64(nonce.orElseThrow()).toByteArray();
                byte[] changed = pieces.get(i).toByteArray();
                changed[indexOf(changed, wanted) + tried % 8] ^= 0x10;
                var others = new ArrayList<>(pieces);
                others.set(i, Bytes.wrap(changed));
                Replay.Step found = first(others);
                assertThat(found.number()).isEqualTo(i);
                assertThat(found.recorded()).hasSameSizeAs(found.found());
                assertThat(found.found().getFirst().text()).startsWith("send pong");
            }
        }
        assertThat(tried).isGreaterThanOrEqualTo(3);
    }

    private static Replay.Step first(List<Bytes> pieces) {
        return firstDifference(new Replay(pieces.getFirst(), Log.NONE), inputs(pieces))
                .orElseThrow(() -> new AssertionError("no difference was found"));
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int at = 0; at + part.length <= all.length; at++) {
            if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("the part is not there");
    }

    @Test
    @DisplayName("N1 two inputs that changed places are found at the first of them")
    void shouldFindSwappedInputs() {
        List<Bytes> pieces = new Story(2).recorded.of(0);
        var whole = new Replay(pieces.getFirst(), Log.NONE);
        int accepted = 0;
        for (int i = 1; i < pieces.size() && accepted == 0; i++) {
            if (whole.next(pieces.get(i)).input() instanceof PeerInput.Accepted) {
                accepted = i;
            }
        }
        // The message comes before the connection on which it came.
        var later = new Replay(pieces.getFirst(), Log.NONE);
        int version = 0;
        for (int i = 1; i < pieces.size() && version == 0; i++) {
            PeerInput input = later.next(pieces.get(i)).input();
            if (i > accepted
                    && input instanceof PeerInput.Received(var _, VersionMessage _, int _, int _)) {
                version = i;
            }
        }
        var others = new ArrayList<>(pieces);
        Collections.swap(others, accepted, version);
        Replay.Step found = first(others);
        assertThat(found.number()).isEqualTo(accepted);
        assertThat(found.recorded()).isNotEmpty();
        assertThat(found.found()).isEmpty();
    }

    @Test
    @DisplayName("N1 another seed is found at the first decision that chance had a part in")
    void shouldFindAnotherSeed() {
        List<Bytes> pieces = new Story(3).recorded.of(0);
        byte[] other = new byte[SeededRandom.SEED_BYTES];
        var replay =
                new Replay(
                        Replay.readStart(pieces.getFirst()).withSeed(Bytes.wrap(other)), Log.NONE);
        Replay.Step found = firstDifference(replay, inputs(pieces)).orElseThrow();
        assertThat(found.recorded().toString() + found.found()).containsAnyOf("dial", "version");
        assertThat(found.number()).isLessThan(100);
    }

    @Test
    @DisplayName("N1 whatever bytes a recording has, it is read or refused")
    void shouldRefuseDamage() {
        List<Bytes> pieces = new Story(4).recorded.of(0);
        var random = new SplittableRandom(4);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            int hit = random.nextInt(Math.min(pieces.size(), 400));
            byte[] bytes = pieces.get(hit).toByteArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            var others = new ArrayList<>(pieces.subList(0, Math.min(pieces.size(), 400)));
            others.set(hit, Bytes.wrap(bytes));
            try {
                firstDifference(new Replay(others.getFirst(), Log.NONE), inputs(others));
            } catch (MalformedBytes _) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 299);
    }
}
