package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.Amount;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.FeeFilter;

/// [FeeFilters] against a model with the same luck.
class FeeFiltersModelTest implements SeenRed {
    private static final long MINUTE = 60_000_000_000L;

    /// The rule of BIP-0133 as Bitcoin Core keeps it.
    private static final class Model {
        final SplittableRandom luck;
        final long least;
        long told = -1;
        long next = -1;

        Model(SplittableRandom luck, long least) {
            this.luck = luck;
            this.least = least;
        }

        /// Zero, and from 500 in steps of a tenth up to ten million.
        private static List<Double> scale() {
            var steps = new ArrayList<Double>();
            steps.add(0.0);
            for (double step = 500; step <= 10_000_000; step *= 1.1) {
                steps.add(step);
            }
            return steps;
        }

        /// To the next step, or twice in three times to the one below it.
        private long rounded(long rate) {
            List<Double> below = scale().stream().filter(step -> step < rate).toList();
            List<Double> above = scale().stream().filter(step -> step >= rate).toList();
            double step =
                    below.isEmpty() || (!above.isEmpty() && luck.nextInt(3) == 0)
                            ? above.getFirst()
                            : below.getLast();
            return Math.max(least, (long) step);
        }

        /// @return what is sent
        List<Long> look(long nanos, long minFee, boolean initialDownload) {
            long rate = initialDownload ? Amount.MAX_SATOSHIS : minFee;
            boolean isOver = !initialDownload && told == scale().getLast().longValue();
            if (isOver || next < 0 || nanos > next) {
                long now = rounded(rate);
                boolean isNews = now != told;
                told = now;
                next = nanos + (long) (-Math.log1p(-luck.nextDouble()) * 10 * MINUTE);
                return isNews ? List.of(now) : List.of();
            }
            boolean isMuch = rate < told * 3 / 4 || rate > told * 4 / 3;
            if (isMuch && next - nanos > 5 * MINUTE) {
                next = nanos + luck.nextLong(5 * MINUTE);
            }
            return List.of();
        }
    }

    @Test
    @DisplayName("BIP-0133 what peers hear of our lowest rate, and when, is as a model says")
    @Sabotage(type = "weft.p2p.tx.FeeFilters", method = "isMuchDifferent", returns = "false")
    @Sabotage(type = "weft.p2p.tx.FeeFilters", method = "round", constant = "3>4")
    @Sabotage(
            type = "weft.p2p.tx.FeeFilters",
            method = "maybeSend",
            constant = "300000000000>200000000000")
    void shouldTellRatesAsTheModel() {
        Property.holds(
                60,
                random -> {
                    long seed = random.nextLong();
                    TxOptions options = TxOptions.of(TestPeers.FULL);
                    var table = new TestPeers();
                    var luck = new SplittableRandom(seed);
                    var context = new TxContext(options, table, luck, Log.NONE);
                    var model =
                            new Model(new SplittableRandom(seed), options.minRelaySatoshisPerKvB());
                    var machine = new FeeFilters(context);
                    var peer =
                            new TxPeer(
                                    table.add(1, TestPeers.Spec.of(ConnectionType.INBOUND)),
                                    options,
                                    random.split());
                    context.initialBlockDownload = random.nextBoolean();
                    long nanos = random.nextLong(MINUTE);
                    for (int i = 0; i < 150; i++) {
                        nanos += random.nextLong(2 * MINUTE);
                        if (random.nextInt(10) == 0) {
                            context.mempoolMinFee = random.nextLong(1L << random.nextInt(9, 26));
                        }
                        context.initialBlockDownload ^= random.nextInt(60) == 0;
                        var out = new Outbox();
                        machine.maybeSend(peer, new Now(nanos, Instant.EPOCH), out);
                        var sent = new ArrayList<PeerOutput>();
                        while (!out.isEmpty()) {
                            sent.add(out.poll());
                        }
                        List<PeerOutput> expected =
                                model
                                        .look(
                                                nanos,
                                                context.mempoolMinFee,
                                                context.initialBlockDownload)
                                        .stream()
                                        .<PeerOutput>map(
                                                rate ->
                                                        new PeerOutput.Send(
                                                                peer.id(), new FeeFilter(rate)))
                                        .toList();
                        assertThat(sent).isEqualTo(expected);
                        assertThat(FeeFilters.deadline(peer)).isEqualTo(model.next + 1);
                    }
                });
    }
}
