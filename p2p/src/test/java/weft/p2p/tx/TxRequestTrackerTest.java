package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.primitives.Digest256;
import weft.testkit.Property;

class TxRequestTrackerTest {
    private static final int STEPS = 400;

    /// Obviously right: one list, searched from end to end.
    private static final class NaiveTracker {
        private enum State {
            CANDIDATE,
            REQUESTED,
            COMPLETED
        }

        private static final class Entry {
            PeerId peer = new PeerId(0);
            TxRequestTracker.Request request = new TxRequestTracker.Request(Digest256.ZERO, false);
            boolean preferred;
            long priority;
            long time;
            State state = State.CANDIDATE;
        }

        private final List<Entry> entries = new ArrayList<>();
        private final SplittableRandom random;

        NaiveTracker(SplittableRandom random) {
            this.random = random;
        }

        void announced(
                PeerId peer, TxRequestTracker.Request request, boolean preferred, long time) {
            for (Entry each : entries) {
                if (each.peer.equals(peer) && each.request.hash().equals(request.hash())) {
                    return;
                }
            }
            var entry = new Entry();
            entry.peer = peer;
            entry.request = request;
            entry.preferred = preferred;
            entry.priority = random.nextLong();
            entry.time = time;
            entries.add(entry);
        }

        private List<Entry> of(Digest256 hash) {
            return entries.stream().filter(each -> each.request.hash().equals(hash)).toList();
        }

        private void clean(Digest256 hash) {
            if (of(hash).stream().allMatch(each -> each.state == State.COMPLETED)) {
                forget(hash);
            }
        }

        void forget(Digest256 hash) {
            entries.removeIf(each -> each.request.hash().equals(hash));
        }

        List<TxRequestTracker.Request> requestable(PeerId peer, long now) {
            for (Entry each : List.copyOf(entries)) {
                if (each.state == State.REQUESTED && each.time <= now) {
                    each.state = State.COMPLETED;
                    clean(each.request.hash());
                }
            }
            var found = new ArrayList<TxRequestTracker.Request>();
            for (Entry each : entries) {
                List<Entry> rivals = of(each.request.hash());
                boolean busy = rivals.stream().anyMatch(rival -> rival.state == State.REQUESTED);
                Entry best =
                        rivals.stream()
                                .filter(
                                        rival ->
                                                rival.state == State.CANDIDATE && rival.time <= now)
                                .max(
                                        Comparator.comparing((Entry rival) -> rival.preferred)
                                                .thenComparing(
                                                        (a, b) ->
                                                                Long.compareUnsigned(
                                                                        a.priority, b.priority)))
                                .orElse(null);
                if (!busy && best == each && each.peer.equals(peer)) {
                    found.add(each.request);
                }
            }
            return found;
        }

        void requested(PeerId peer, Digest256 hash, long expiry) {
            for (Entry each : of(hash)) {
                if (each.peer.equals(peer)) {
                    each.state = State.REQUESTED;
                    each.time = expiry;
                }
            }
        }

        void responded(PeerId peer, Digest256 hash) {
            for (Entry each : of(hash)) {
                if (each.peer.equals(peer)) {
                    each.state = State.COMPLETED;
                }
            }
            clean(hash);
        }

        void removePeer(PeerId peer) {
            for (Entry each : List.copyOf(entries)) {
                if (each.peer.equals(peer)) {
                    each.state = State.COMPLETED;
                    clean(each.request.hash());
                }
            }
            entries.removeIf(each -> each.peer.equals(peer));
        }

        int count(PeerId peer, State state) {
            return (int)
                    entries.stream()
                            .filter(each -> each.peer.equals(peer) && each.state == state)
                            .count();
        }
    }

    @Test
    void shouldAgreeWithTheNaiveModel() {
        Property.holds(
                150,
                random -> {
                    long seed = random.nextLong();
                    var real = new TxRequestTracker(new SplittableRandom(seed));
                    var model = new NaiveTracker(new SplittableRandom(seed));
                    long now = 0;
                    for (int i = 0; i < STEPS; i++) {
                        now += random.nextInt(4);
                        step(real, model, random, now);
                        for (int id = 0; id < 4; id++) {
                            var peer = new PeerId(id);
                            assertThat(real.inFlight(peer))
                                    .isEqualTo(model.count(peer, NaiveTracker.State.REQUESTED));
                            assertThat(real.candidates(peer))
                                    .isEqualTo(model.count(peer, NaiveTracker.State.CANDIDATE));
                        }
                        assertThat(real.size()).isEqualTo(model.entries.size());
                    }
                });
    }

    private static void step(
            TxRequestTracker real, NaiveTracker model, SplittableRandom random, long now) {
        var peer = new PeerId(random.nextInt(4));
        var hash = new Digest256(random.nextInt(5), 0, 0, 0);
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                boolean preferred = random.nextBoolean();
                long time = now + random.nextInt(5);
                var request = new TxRequestTracker.Request(hash, random.nextBoolean());
                real.announced(peer, request, preferred, time);
                model.announced(peer, request, preferred, time);
            }
            case 3, 4, 5, 6 -> {
                List<TxRequestTracker.Request> wanted = real.requestable(peer, now, (_, _) -> {});
                assertThat(wanted).isEqualTo(model.requestable(peer, now));
                for (TxRequestTracker.Request each : wanted) {
                    if (random.nextInt(4) != 0) {
                        long expiry = now + 1 + random.nextInt(10);
                        real.requested(peer, each.hash(), expiry);
                        model.requested(peer, each.hash(), expiry);
                    }
                }
            }
            case 7 -> {
                real.responded(peer, hash);
                model.responded(peer, hash);
            }
            case 8 -> {
                real.forget(hash);
                model.forget(hash);
            }
            default -> {
                if (random.nextInt(5) == 0) {
                    real.removePeer(peer);
                    model.removePeer(peer);
                }
            }
        }
    }

    @Test
    void shouldPreferPreferredPeersAndAskOneAtATime() {
        var tracker = new TxRequestTracker(new SplittableRandom(1));
        var request = new TxRequestTracker.Request(new Digest256(1, 2, 3, 4), true);
        var inbound = new PeerId(1);
        var outbound = new PeerId(2);
        tracker.announced(inbound, request, false, 10);
        tracker.announced(outbound, request, true, 10);
        assertThat(tracker.deadlineNanos()).isEqualTo(10);
        assertThat(tracker.requestable(inbound, 9, (_, _) -> {})).isEmpty();
        assertThat(tracker.requestable(inbound, 10, (_, _) -> {})).isEmpty();
        assertThat(tracker.requestable(outbound, 10, (_, _) -> {})).containsExactly(request);
        tracker.requested(outbound, request.hash(), 70);

        var expired = new ArrayList<PeerId>();
        assertThat(tracker.requestable(inbound, 69, (peer, _) -> expired.add(peer))).isEmpty();
        assertThat(tracker.requestable(inbound, 70, (peer, _) -> expired.add(peer)))
                .containsExactly(request);
        assertThat(expired).containsExactly(outbound);
        tracker.responded(inbound, request.hash());
        assertThat(tracker.size()).isZero();
        assertThat(tracker.count(inbound)).isZero();
        assertThat(tracker.count(outbound)).isZero();
    }
}
