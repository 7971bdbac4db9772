package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Ping;
import weft.wire.Pong;

/// [PingManager] with one peer against a model that keeps a diary.
class PingModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000;

    private enum What {
        READY,
        PING,
        ANSWER,
        WRONG_ANSWER,
        OTHER_SENT
    }

    private record Note(What what, long nanos) {}

    /// Reads everything out of the diary, from its end.
    private static final class Model {
        final Keepalive keepalive;
        final long graceNanos;
        final List<Note> diary = new ArrayList<>();

        Model(Keepalive keepalive, long graceNanos) {
            this.keepalive = keepalive;
            this.graceNanos = graceNanos;
        }

        @Nullable Note last(What... any) {
            return diary.reversed().stream()
                    .filter(note -> List.of(any).contains(note.what))
                    .findFirst()
                    .orElse(null);
        }

        /// When the ping was sent that was not answered yet, not even by what ends the waiting.
        @Nullable Note waiting() {
            Note last = last(What.PING, What.ANSWER, What.WRONG_ANSWER);
            return last != null && last.what == What.PING ? last : null;
        }

        boolean timesOut(long nanos) {
            Note ping = waiting();
            return ping != null
                    && nanos - ping.nanos > keepalive.pongTimeout().toNanos()
                    && nanos > graceNanos;
        }

        boolean mustPing(long nanos) {
            Note ping = last(What.PING);
            Note any = last(What.PING, What.OTHER_SENT);
            Note before = keepalive.onlyIfIdle() ? any : ping;
            boolean isDue =
                    ping == null
                            || before == null
                            || nanos - before.nanos > keepalive.interval().toNanos();
            return waiting() == null && isDue;
        }

        PingStats stats(long nanos) {
            long lastTrip = -1;
            long least = Long.MAX_VALUE;
            long sent = 0;
            for (Note note : diary) {
                if (note.what == What.PING) {
                    sent = note.nanos;
                } else if (note.what == What.ANSWER) {
                    lastTrip = note.nanos - sent;
                    least = Math.min(least, lastTrip);
                }
            }
            Note ping = waiting();
            return new PingStats(lastTrip, least, ping == null ? -1 : nanos - ping.nanos);
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final TestPeers table = new TestPeers();
        final Peer peer = table.add(1, TestPeers.Spec.of(ConnectionType.INBOUND));
        final PingManager machine;
        final Model model;
        final Outbox out = new Outbox();
        long nanos;
        long nonce;

        World(SplittableRandom random) {
            this.random = random;
            Keepalive keepalive =
                    List.of(Keepalive.CORE, Keepalive.CLASSIC, Keepalive.LESSON10)
                            .get(random.nextInt(3));
            Duration grace = Duration.ofSeconds(random.nextInt(3_000));
            machine = new PingManager(keepalive, grace, table, random.split(), Log.NONE);
            model = new Model(keepalive, grace.toNanos());
            nanos = random.nextLong(100 * SECOND);
            machine.onReady(peer, now(), out);
            model.diary.add(new Note(What.READY, nanos));
            expect(true, false);
        }

        Now now() {
            return new Now(nanos, Instant.EPOCH);
        }

        boolean step() {
            int seconds = random.nextInt(15) == 0 ? 6_000 : random.nextInt(3) == 0 ? 300 : 40;
            nanos += random.nextLong(seconds * SECOND);
            boolean dropped = false;
            switch (random.nextInt(8)) {
                case 0 -> {
                    machine.onSent(peer.id(), now());
                    model.diary.add(new Note(What.OTHER_SENT, nanos));
                }
                case 1, 2, 3 -> pong();
                case 4 -> {
                    dropped = model.timesOut(nanos);
                    machine.pingAll(now(), out);
                    expect(!dropped, dropped);
                }
                default -> {
                    dropped = model.timesOut(nanos);
                    boolean pings = !dropped && model.mustPing(nanos);
                    machine.onTick(now(), out);
                    expect(pings, dropped);
                }
            }
            assertThat(machine.stats(peer.id(), now())).isEqualTo(model.stats(nanos));
            if (!dropped) {
                boolean due = model.timesOut(nanos) || model.mustPing(nanos);
                assertThat(machine.deadlineOf(peer.id()) <= nanos).isEqualTo(due);
            }
            return dropped;
        }

        private void pong() {
            boolean waits = model.waiting() != null;
            switch (random.nextInt(8)) {
                case 0 -> {
                    hear(new Pong(OptionalLong.empty()));
                    model.diary.add(new Note(What.WRONG_ANSWER, nanos));
                }
                case 1 -> {
                    hear(Pong.of(0));
                    if (waits) {
                        model.diary.add(new Note(What.WRONG_ANSWER, nanos));
                    }
                }
                case 2 -> hear(Pong.of((nonce ^ 1) | 2));
                default -> {
                    hear(Pong.of(nonce));
                    if (waits) {
                        model.diary.add(new Note(What.ANSWER, nanos));
                    }
                }
            }
        }

        private void hear(Pong pong) {
            machine.onPong(peer, pong, 8, now());
        }

        /// At most one ping left, or the peer was dropped.
        private void expect(boolean ping, boolean dropped) {
            if (ping) {
                var sent = (PeerOutput.Send) Check.present(out.poll(), "a ping");
                nonce = ((Ping) sent.message()).nonce().orElseThrow();
                model.diary.add(new Note(What.PING, nanos));
            }
            assertThat(out.isEmpty()).isTrue();
            assertThat(table.actions)
                    .isEqualTo(dropped ? List.of("disconnect 1: ping timeout") : List.of());
        }
    }

    @Test
    @DisplayName("When a peer is pinged and when it is dropped is as a diary of all pings says")
    @Sabotage(
            type = "weft.p2p.peers.PingManager",
            method = "timeoutNanos",
            call = "max",
            returns = "0")
    @Sabotage(type = "weft.p2p.peers.PingManager", method = "onSent", returns = "void")
    @Sabotage(
            type = "weft.p2p.peers.PingManager",
            method = "problemOf",
            call = "isEmpty",
            returns = "false")
    void shouldPingAsTheModel() {
        Property.holds(
                80,
                random -> {
                    var world = new World(random);
                    int steps = 0;
                    while (steps++ < 100 && !world.step()) {
                        assertThat(world.table.actions).isEmpty();
                    }
                });
    }
}
