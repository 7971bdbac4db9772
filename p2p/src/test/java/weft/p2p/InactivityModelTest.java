package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.peers.Keepalive;
import weft.p2p.sync.SyncRules;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;

/// [Inactivity] against a model that keeps a diary of each connection.
class InactivityModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000;

    private enum What {
        OPENED,
        SENT,
        HEARD,
        SHOOK_HANDS,
        FRAMES_KNOWN
    }

    private record Note(What what, long nanos) {}

    /// One connection's diary.
    private static final class Diary {
        final Connection connection;
        final Duration grace;
        final Duration silence;
        final List<Note> notes = new ArrayList<>();

        Diary(Connection connection, Duration grace, Duration silence) {
            this.connection = connection;
            this.grace = grace;
            this.silence = silence;
        }

        private boolean had(What what) {
            return notes.stream().anyMatch(each -> each.what == what);
        }

        /// Nanoseconds since the last of these; it was there.
        private long since(What what, long nanos) {
            long last =
                    notes.stream()
                            .filter(each -> each.what == what)
                            .mapToLong(each -> each.nanos)
                            .max()
                            .orElseThrow();
            return nanos - last;
        }

        private boolean isSince(What what, long seconds, long nanos) {
            return since(what, nanos) > seconds * SECOND;
        }

        private int one(What what) {
            return had(what) ? 1 : 0;
        }

        /// Why it is closed at a time; empty if it stays.
        String verdict(long nanos) {
            String peer = "peer=" + connection.id();
            ConnectionType type = connection.peer.type();
            if (type == ConnectionType.ADDR_FETCH
                    && had(What.SHOOK_HANDS)
                    && isSince(What.OPENED, 300, nanos)) {
                return "addrfetch connection timeout; disconnecting " + peer;
            }
            if (type == ConnectionType.PRIVATE_BROADCAST && isSince(What.OPENED, 180, nanos)) {
                return "Disconnecting: did not complete the transaction send within 180 seconds, "
                        + peer;
            }
            if (!isSince(What.OPENED, grace.toSeconds(), nanos)) {
                return "";
            }
            if (!had(What.SENT) || !had(What.HEARD)) {
                String both = one(What.HEARD) + " " + one(What.SENT);
                return "socket no message in first "
                        + grace.toSeconds()
                        + " seconds, "
                        + both
                        + " "
                        + peer;
            }
            if (isSince(What.SENT, silence.toSeconds(), nanos)) {
                return "socket sending timeout: " + since(What.SENT, nanos) / SECOND + "s " + peer;
            }
            if (isSince(What.HEARD, silence.toSeconds(), nanos)) {
                return "socket receive timeout: " + since(What.HEARD, nanos) / SECOND + "s " + peer;
            }
            if (!had(What.SHOOK_HANDS)) {
                String what = had(What.FRAMES_KNOWN) ? "version" : "V2";
                return what + " handshake timeout " + peer;
            }
            return "";
        }

        /// Each moment at which a limit is just passed.
        private LongStream moments() {
            return notes.stream()
                    .flatMapToLong(
                            each ->
                                    Stream.of(
                                                    grace,
                                                    silence,
                                                    Duration.ofMinutes(5),
                                                    Duration.ofMinutes(3))
                                            .mapToLong(limit -> each.nanos + limit.toNanos() + 1));
        }

        /// The first moment at which it is closed, if nothing more happens.
        long end() {
            return moments()
                    .sorted()
                    .filter(each -> !verdict(each).isEmpty())
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final Duration grace;
        final Keepalive keepalive;
        final EngineParts parts;
        final Inactivity machine;
        final List<Diary> model = new ArrayList<>();
        final Outbox out = new Outbox();
        long nanos;
        long nextPeer;

        World(SplittableRandom random) {
            this.random = random;
            grace = Duration.ofSeconds(any(List.of(1, 60, 200, 1_000, 1_200, 5_400, 9_999_999)));
            keepalive = any(List.of(Keepalive.CORE, Keepalive.CLASSIC, Keepalive.LESSON10));
            P2pOptions quiet = EngineWorld.quiet();
            P2pOptions options = quiet.with(quiet.limits().withTimes(grace, keepalive));
            parts =
                    new EngineParts(
                            options,
                            PeerEngine.Memory.empty(options, random.split(), Log.NONE),
                            SyncRules.of(ChainParams.of(Network.REGTEST)),
                            random.split(),
                            Log.NONE);
            machine = new Inactivity(parts);
            nanos = random.nextLong(10_000 * SECOND) - 5_000 * SECOND;
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        /// What the clock on the wall shows has no meaning.
        private Now now() {
            return new Now(nanos, Instant.ofEpochSecond(random.nextLong(1, 1L << 31)));
        }

        private void open() {
            var peer =
                    new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    any(List.of(ConnectionType.values())),
                                    NetAddress.UNSPECIFIED,
                                    NetAddress.UNSPECIFIED,
                                    false,
                                    new PeerPermissions(random.nextInt(1 << 8)),
                                    nanos)
                            .build();
            var connection =
                    new Connection(peer, new Connection.Opening(Dial.NONE, 0, 0, false, 1));
            connection.shadowed = random.nextInt(5) == 0;
            parts.connections.add(connection);
            model.add(new Diary(connection, grace, keepalive.silenceMax()));
            note(model.getLast(), What.OPENED);
            if (random.nextInt(3) > 0) {
                happens(model.getLast(), What.HEARD);
                happens(model.getLast(), What.SENT);
            }
        }

        private void note(Diary diary, What what) {
            diary.notes.add(new Note(what, nanos));
        }

        private void happens(Diary diary, What what) {
            Connection connection = diary.connection;
            note(diary, what);
            Now now = now();
            switch (what) {
                case OPENED -> throw new IllegalArgumentException("once only");
                case HEARD -> connection.heard(now);
                case SENT -> {
                    connection.lastSentNanos = now.monotonicNanos();
                    connection.lastSentSeconds = now.unixSeconds();
                }
                case SHOOK_HANDS -> connection.peer.becomeReady();
                case FRAMES_KNOWN ->
                        connection.transport =
                                any(List.of(TransportVersion.V1, TransportVersion.V2));
            }
        }

        /// It ends for another reason: at once, or it is given up first.
        private void close(Diary diary) {
            if (random.nextBoolean()) {
                parts.connections.disconnect(diary.connection.id(), "any", out);
                out.poll();
            } else {
                parts.connections.remove(diary.connection.id());
            }
            model.remove(diary);
        }

        /// Often to the nanosecond of a limit.
        private void pass() {
            boolean isEnd = random.nextBoolean();
            List<Long> moments =
                    model.stream()
                            .flatMapToLong(
                                    each -> isEnd ? LongStream.of(each.end()) : each.moments())
                            .flatMap(each -> LongStream.of(each - 2, each - 1, each))
                            .filter(each -> each > nanos)
                            .sorted()
                            .boxed()
                            .toList();
            if (random.nextInt(3) > 0 && !moments.isEmpty()) {
                nanos = any(moments.subList(0, Math.min(6, moments.size())));
            } else {
                int seconds = random.nextInt(12) == 0 ? 6_000 : random.nextBoolean() ? 300 : 20;
                nanos += random.nextLong(seconds * SECOND);
            }
        }

        void step() {
            if (model.isEmpty() || (random.nextInt(4) == 0 && model.size() < 6)) {
                open();
            } else if (random.nextInt(25) == 0) {
                close(any(model));
            } else {
                happens(
                        any(model),
                        any(List.of(What.HEARD, What.SENT, What.SHOOK_HANDS, What.FRAMES_KNOWN)));
            }
            pass();
            var deadline = model.stream().mapToLong(Diary::end).min();
            assertThat(machine.nextDeadlineNanos()).isEqualTo(deadline);
            if (random.nextInt(3) > 0) {
                tick();
            }
        }

        private void tick() {
            machine.onTick(now(), out);
            var expected = new ArrayList<PeerOutput>();
            for (Diary each : List.copyOf(model)) {
                String verdict = each.verdict(nanos);
                if (!verdict.isEmpty()) {
                    expected.add(new PeerOutput.Disconnect(each.connection.id(), verdict));
                    model.remove(each);
                }
            }
            var done = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                done.add(each);
            }
            assertThat(done).isEqualTo(expected);
            OptionalLong next = machine.nextDeadlineNanos();
            assertThat(next.isEmpty() || next.getAsLong() > nanos).isTrue();
        }
    }

    @Test
    @DisplayName("Which silent connection is closed, when and why, is as a diary of each says")
    @Sabotage(
            type = "weft.p2p.Inactivity",
            method = "describe",
            constant = "300000000000>300000000001")
    @Sabotage(
            type = "weft.p2p.Inactivity",
            method = "describe",
            constant = "180000000000>180000000001")
    @Sabotage(type = "weft.p2p.Inactivity", method = "describe", call = "isReady", returns = "true")
    @Sabotage(type = "weft.p2p.Inactivity", method = "describe", flips = 16)
    @Sabotage(
            type = "weft.p2p.Inactivity",
            method = "dueNanos",
            constant = "300000000000>299999999999")
    @Sabotage(
            type = "weft.p2p.Inactivity",
            method = "dueNanos",
            constant = "180000000000>180000000001")
    @Sabotage(type = "weft.p2p.Inactivity", method = "dueNanos", call = "max", returns = "0")
    @Sabotage(type = "weft.p2p.Inactivity", method = "dueNanos", call = "isReady", returns = "true")
    void shouldCloseAsTheModel() {
        Property.holds(
                100,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 100; i++) {
                        world.step();
                    }
                });
    }
}
