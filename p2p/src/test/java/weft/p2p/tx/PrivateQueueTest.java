package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.primitives.Bug;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;

class PrivateQueueTest implements SeenRed {
    private static final NetAddress PLACE = NetAddress.parse("9.8.7.6:8333", 1);
    private static final long SECOND = 1_000_000_000L;
    private static final String QUEUE = "weft.p2p.tx.PrivateQueue";
    private static final String ENTRY = "weft.p2p.tx.PrivateQueue$Entry";
    private static final int STEPS = 300;

    private long nanos = 1_000 * SECOND;

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(1_700_000_000).plusNanos(nanos));
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 0, 0, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.wrap(new byte[number % 7]))),
                List.of(),
                0);
    }

    private static PeerId peer(long number) {
        return new PeerId(number);
    }

    /// Obviously right: a list of all that was ever tried, counted anew for every question.
    private static final class NaiveQueue {
        private enum State {
            TALKING,
            CONFIRMED,
            LOST
        }

        private static final class Try {
            final PeerId peer;
            final long at;
            final int life;
            State state = State.TALKING;
            long confirmedAt;

            Try(PeerId peer, long at, int life) {
                this.peer = peer;
                this.at = at;
                this.life = life;
            }
        }

        private static final class Entry {
            final Transaction tx;
            final List<Try> all = new ArrayList<>();
            int life;
            long added;
            long taken;
            int goal = 3;

            Entry(Transaction tx, long at) {
                this.tx = tx;
                this.added = at;
                this.taken = at;
            }

            List<Try> ofThisLife() {
                return all.stream().filter(each -> each.life == life).toList();
            }

            /// Those of an earlier life that are confirmed in this one count here.
            List<Try> confirmed() {
                return all.stream()
                        .filter(each -> each.state == State.CONFIRMED)
                        .filter(each -> each.life == life || each.confirmedAt > added)
                        .sorted(Comparator.comparingLong(each -> each.confirmedAt))
                        .toList();
            }

            int lacking(int triesMax) {
                long talking = all.stream().filter(each -> each.state == State.TALKING).count();
                long lacking = Math.max(0, goal - confirmed().size() - talking);
                return (int) Math.min(lacking, triesMax - ofThisLife().size());
            }

            List<Long> urgency() {
                long lastTry =
                        ofThisLife().stream()
                                .mapToLong(each -> each.at)
                                .max()
                                .orElse(Long.MIN_VALUE);
                List<Try> confirmed = confirmed();
                long lastConfirmed =
                        confirmed.isEmpty() ? Long.MIN_VALUE : confirmed.getLast().confirmedAt;
                return List.of(
                        (long) ofThisLife().size(),
                        (long) confirmed.size(),
                        lastTry,
                        lastConfirmed);
            }
        }

        private final List<Entry> entries = new ArrayList<>();
        private final int countMax;
        private final long bytesMax;
        private final int triesMax;

        NaiveQueue(int countMax, long bytesMax, int triesMax) {
            this.countMax = countMax;
            this.bytesMax = bytesMax;
            this.triesMax = triesMax;
        }

        private Optional<Entry> find(Transaction tx) {
            return entries.stream().filter(each -> each.tx.equals(tx)).findFirst();
        }

        private Optional<Entry> talkingTo(PeerId peer) {
            return entries.stream().filter(each -> openTry(each, peer).isPresent()).findFirst();
        }

        private static Optional<Try> openTry(Entry entry, PeerId peer) {
            return entry.all.stream()
                    .filter(each -> each.peer.equals(peer) && each.state == State.TALKING)
                    .findFirst();
        }

        PrivateQueue.Added add(Transaction tx, long at) {
            Optional<Entry> same = find(tx);
            if (same.isPresent()) {
                if (same.get().ofThisLife().size() < triesMax) {
                    return PrivateQueue.Added.KNOWN;
                }
                same.get().life++;
                same.get().added = at;
                same.get().taken = at;
                same.get().goal = 3;
                return PrivateQueue.Added.NEW;
            }
            long bytes = entries.stream().mapToLong(each -> each.tx.totalSize()).sum();
            if (entries.size() == countMax || bytes + tx.totalSize() > bytesMax) {
                return PrivateQueue.Added.FULL;
            }
            entries.add(new Entry(tx, at));
            return PrivateQueue.Added.NEW;
        }

        boolean remove(Transaction tx) {
            return entries.removeIf(each -> each.tx.equals(tx));
        }

        int lacking() {
            return entries.stream().mapToInt(each -> each.lacking(triesMax)).sum();
        }

        Optional<Transaction> pick(PeerId peer, long at) {
            Optional<Entry> best =
                    entries.stream()
                            .filter(each -> each.lacking(triesMax) > 0)
                            .min(
                                    (one, other) -> {
                                        for (int i = 0; i < 4; i++) {
                                            int sign =
                                                    one.urgency()
                                                            .get(i)
                                                            .compareTo(other.urgency().get(i));
                                            if (sign != 0) {
                                                return sign;
                                            }
                                        }
                                        return 0;
                                    });
            best.ifPresent(each -> each.all.add(new Try(peer, at, each.life)));
            return best.map(each -> each.tx);
        }

        void end(PeerId peer, boolean confirmed, long at) {
            for (Entry each : entries) {
                openTry(each, peer)
                        .ifPresent(
                                open -> {
                                    open.state = confirmed ? State.CONFIRMED : State.LOST;
                                    open.confirmedAt = at;
                                });
            }
        }

        List<Transaction> takeStale(int most, long at) {
            var found = new ArrayList<Transaction>();
            for (Entry each : entries) {
                List<Try> confirmed = each.confirmed();
                boolean late =
                        confirmed.isEmpty()
                                ? at - each.added > 300 * SECOND
                                : at - confirmed.getLast().confirmedAt > 60 * SECOND;
                if (late && at - each.taken > 60 * SECOND && found.size() < most) {
                    each.taken = at;
                    found.add(each.tx);
                }
            }
            return found;
        }

        boolean again(Transaction tx) {
            Optional<Entry> entry = find(tx).filter(each -> each.ofThisLife().size() < triesMax);
            entry.ifPresent(each -> each.goal = Math.max(each.goal, each.confirmed().size() + 1));
            return entry.isPresent();
        }
    }

    @Test
    @Sabotage(type = ENTRY, method = "isBefore", returns = "false")
    @Sabotage(type = ENTRY, method = "isStale", returns = "false")
    @Sabotage(type = ENTRY, method = "isGivenUp", returns = "false")
    @Sabotage(type = QUEUE, method = "onGone", returns = "void")
    @DisplayName("the queue of private broadcast does what a list of all attempts would")
    void shouldDoWhatANaiveOneDoes() {
        Property.holds(200, this::compare);
    }

    private void compare(SplittableRandom random) {
        int count = random.nextInt(1, 8);
        long bytes = random.nextInt(100, 700);
        int tries = random.nextInt(2, 9);
        var queue = new PrivateQueue(count, bytes, tries);
        var naive = new NaiveQueue(count, bytes, tries);
        long nextPeer = 0;
        for (int step = 0; step < STEPS; step++) {
            nanos += 1 + random.nextLong(random.nextInt(8) == 0 ? 200 * SECOND : SECOND);
            Transaction tx = tx(random.nextInt(10));
            PeerId somebody = peer(random.nextLong(nextPeer + 1));
            switch (random.nextInt(9)) {
                case 0, 1 -> assertThat(queue.add(tx, now())).isEqualTo(naive.add(tx, nanos));
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        assertThat(queue.remove(tx.wtxid())).isEqualTo(naive.remove(tx));
                    }
                }
                case 3, 4 -> {
                    PeerId fresh = peer(nextPeer++);
                    assertThat(queue.pick(fresh, PLACE, now())).isEqualTo(naive.pick(fresh, nanos));
                }
                case 5 -> {
                    queue.confirm(somebody, now());
                    naive.end(somebody, true, nanos);
                }
                case 6 -> {
                    queue.onGone(somebody);
                    naive.end(somebody, false, nanos);
                }
                case 7 -> {
                    int most = random.nextInt(4);
                    assertThat(queue.takeStale(most, now()))
                            .isEqualTo(naive.takeStale(most, nanos));
                }
                default -> assertThat(queue.again(tx.wtxid())).isEqualTo(naive.again(tx));
            }
            assertSame(queue, naive, somebody, tx);
        }
    }

    private static void assertSame(
            PrivateQueue queue, NaiveQueue naive, PeerId somebody, Transaction tx) {
        assertThat(queue.lacking()).isEqualTo(naive.lacking());
        assertThat(queue.isEmpty()).isEqualTo(naive.entries.isEmpty());
        assertThat(queue.contains(tx.wtxid())).isEqualTo(naive.find(tx).isPresent());
        assertThat(Optional.ofNullable(queue.givenTo(somebody)))
                .isEqualTo(naive.talkingTo(somebody).map(each -> each.tx));
        assertThat(queue.statuses().stream().map(PrivateQueue.Status::tx).toList())
                .isEqualTo(naive.entries.stream().map(each -> each.tx).toList());
        assertThat(queue.statuses().stream().map(PrivateQueue.Status::tries).toList())
                .isEqualTo(naive.entries.stream().map(each -> each.ofThisLife().size()).toList());
    }

    @Test
    @Sabotage(type = QUEUE, method = "remove", returns = "false")
    void shouldWantThreeReceiversAndOneMoreWhenItGoesStale() {
        var queue = new PrivateQueue();
        assertThat(queue.lacking()).isZero();
        assertThat(queue.add(tx(1), now())).isEqualTo(PrivateQueue.Added.NEW);
        assertThat(queue.add(tx(1), now())).isEqualTo(PrivateQueue.Added.KNOWN);
        assertThat(queue.lacking()).isEqualTo(3);
        for (long each = 0; each < 3; each++) {
            assertThat(queue.pick(peer(each), PLACE, now())).contains(tx(1));
            queue.confirm(peer(each), now());
            queue.onGone(peer(each));
        }
        assertThat(queue.lacking()).isZero();
        assertThat(queue.pick(peer(3), PLACE, now())).isEmpty();
        nanos += 60 * SECOND;
        assertThat(queue.takeStale(9, now())).isEmpty();
        nanos += 1;
        assertThat(queue.takeStale(9, now())).containsExactly(tx(1));
        assertThat(queue.again(tx(1).wtxid())).isTrue();
        assertThat(queue.again(tx(1).wtxid())).isTrue();
        assertThat(queue.lacking()).isOne();
        assertThat(queue.remove(tx(1).wtxid())).isTrue();
        assertThat(queue.lacking()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void shouldMakeUpForAConnectionThatFailed() {
        var queue = new PrivateQueue();
        queue.add(tx(1), now());
        queue.pick(peer(7), PLACE, now());
        assertThat(queue.lacking()).isEqualTo(2);
        queue.onGone(peer(7));
        assertThat(queue.lacking()).isEqualTo(3);
        queue.confirm(peer(7), now());
        assertThat(queue.lacking()).as("it was gone before").isEqualTo(3);
    }

    @Test
    @DisplayName("no peer is given two transactions")
    void shouldGiveAPeerOne() {
        var queue = new PrivateQueue();
        queue.add(tx(1), now());
        queue.add(tx(2), now());
        assertThat(queue.pick(peer(7), PLACE, now())).contains(tx(1));
        assertThat(queue.pick(peer(8), PLACE, now())).contains(tx(2));
        assertThatThrownBy(() -> queue.pick(peer(7), PLACE, now())).isInstanceOf(Bug.class);
    }

    @Test
    @DisplayName("attempts, and what is remembered of them, have bounds")
    void shouldStopAfterAThousandTries() {
        var queue = new PrivateQueue();
        queue.add(tx(1), now());
        for (long each = 0; each < PrivateQueue.TRIES_MAX; each++) {
            nanos += SECOND;
            assertThat(queue.pick(peer(each), PLACE, now())).contains(tx(1));
            queue.onGone(peer(each));
        }
        assertThat(queue.lacking()).isZero();
        assertThat(queue.again(tx(1).wtxid())).isFalse();
        PrivateQueue.Status status = queue.statuses().getFirst();
        assertThat(status.tries()).isEqualTo(1_000);
        assertThat(status.handovers()).hasSize(50);
        assertThat(status.handovers().getLast().sentSeconds()).isEqualTo(now().unixSeconds());
        assertThat(queue.add(tx(1), now())).isEqualTo(PrivateQueue.Added.NEW);
        assertThat(queue.lacking()).isEqualTo(3);
    }

    @Test
    void shouldRefuseWhatThereIsNoRoomFor() {
        var queue = new PrivateQueue();
        for (int each = 0; each < PrivateQueue.COUNT_MAX; each++) {
            queue.add(tx(each), now());
        }
        assertThat(queue.add(tx(99_999), now())).isEqualTo(PrivateQueue.Added.FULL);
        assertThat(queue.add(tx(5), now())).isEqualTo(PrivateQueue.Added.KNOWN);
        queue.remove(tx(5).wtxid());
        assertThat(queue.add(tx(99_999), now())).isEqualTo(PrivateQueue.Added.NEW);
    }
}
