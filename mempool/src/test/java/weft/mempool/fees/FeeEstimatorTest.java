package weft.mempool.fees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Txid;
import weft.primitives.codec.MalformedBytes;

/// Follows 132 blocks that Bitcoin Core 28.1 mined from 3,704 transactions, 347 of them replaced, in a run
/// made
/// for this test: the file tells what entered (`N id rate height hasNoParents`), left (`R id`), was mined
/// (`B height ids`), and what Core then answered (`S` for `estimatesmartfee`, `W` for `estimaterawfee`).
class FeeEstimatorTest {
    private final FeeEstimator estimator = new FeeEstimator();
    private final List<long[]> entered = new ArrayList<>();

    private static byte[] resource(String name) {
        try (var in =
                new GZIPInputStream(
                        Objects.requireNonNull(FeeEstimatorTest.class.getResourceAsStream(name)))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Txid id(long number) {
        return Txid.parse(String.format(Locale.ROOT, "%064x", number));
    }

    private int replay() {
        int answers = 0;
        for (String line :
                new String(resource("estimator.txt.gz"), StandardCharsets.UTF_8).lines().toList()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "N" -> enter(words);
                case "R" -> estimator.leave(id(Long.parseLong(words[1])));
                case "B" -> connect(words);
                case "S" -> {
                    assertThat(smart(words)).as(line).isEqualTo(line);
                    answers++;
                }
                case "W" -> {
                    assertThat(raw(words)).as(line).isEqualTo(line);
                    answers++;
                }
                default -> throw new AssertionError(line);
            }
        }
        return answers;
    }

    private void enter(String[] words) {
        long[] tx = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        entered.add(tx);
        estimator.enter(id(tx[0]), tx[1], (int) tx[2], tx[3] == 1);
    }

    private void connect(String[] words) {
        var confirmed = new ArrayList<FeeEstimator.Confirmed>();
        List<String> numbers = words.length < 3 ? List.of() : List.of(words[2].split(",", -1));
        entered.stream()
                .filter(tx -> numbers.contains(Long.toString(tx[0])))
                .map(tx -> new FeeEstimator.Confirmed(id(tx[0]), tx[1], (int) tx[2]))
                .forEach(confirmed::add);
        estimator.connect(Integer.parseInt(words[1]), confirmed);
    }

    private String smart(String[] words) {
        SmartEstimate estimate =
                estimator.smartEstimate(Integer.parseInt(words[1]), words[2].equals("1"));
        // The answers were those of a node, which says no less than what it relays for.
        long rate = estimate.rate() == 0 ? 0 : Math.max(estimate.rate(), 1_000);
        return String.join(
                " ",
                "S",
                words[1],
                words[2],
                Long.toString(rate),
                Integer.toString(estimate.target()));
    }

    private String raw(String[] words) {
        FeeHorizon horizon = FeeHorizon.valueOf(words[3].toUpperCase(Locale.ROOT));
        RawEstimate estimate =
                estimator.rawEstimate(
                        Integer.parseInt(words[1]), Double.parseDouble(words[2]), horizon);
        boolean isFound = estimate.rate() != 0;
        String pass = isFound ? range(estimate.pass()) : "-";
        String fail = isFound && !estimate.fail().exists() ? "-" : range(estimate.fail());
        return String.join(
                " ", "W", words[1], words[2], words[3], Long.toString(estimate.rate()), pass, fail);
    }

    private static String range(RateRange range) {
        return String.join(
                ",",
                Long.toString(Math.round(range.start())),
                range.end() > 1e18 ? "1e+99" : Long.toString(Math.round(range.end())),
                hundredths(range.withinTarget()),
                hundredths(range.totalConfirmed()),
                hundredths(range.inMempool()),
                hundredths(range.leftMempool()));
    }

    private static String hundredths(double value) {
        var text = new java.math.BigDecimal(Math.round(value * 100)).movePointLeft(2);
        return text.signum() == 0 ? "0" : text.stripTrailingZeros().toPlainString();
    }

    @Test
    void shouldAnswerAsBitcoinCoreDid() {
        assertThat(replay()).isEqualTo(1_160);
        estimator.forgetWaiting();
        assertThat(estimator.waitingCount()).isZero();
        byte[] written = estimator.toBytes().toByteArray();
        byte[] wanted = resource("fee_estimates.dat.gz");
        assertThat(written).isEqualTo(wanted);
    }

    @Test
    void shouldGoOnFromAFile() {
        replay();
        FeeEstimator again = FeeEstimator.read(Bytes.wrap(resource("fee_estimates.dat.gz")));
        estimator.forgetWaiting();
        for (int target = 1; target <= FeeEstimator.TARGET_MAX; target += 7) {
            for (FeeHorizon horizon : FeeHorizon.values()) {
                if (target <= again.confirmsMax(horizon)) {
                    assertThat(again.rawEstimate(target, 0.85, horizon))
                            .isEqualTo(estimator.rawEstimate(target, 0.85, horizon));
                }
            }
            assertThat(again.smartEstimate(target, true))
                    .isEqualTo(estimator.smartEstimate(target, true));
        }
        assertThat(again.toBytes()).isEqualTo(estimator.toBytes());
    }

    @Test
    void shouldRefuseDamagedFiles() {
        byte[] whole = resource("fee_estimates.dat.gz");
        for (int end : new int[] {0, 3, 19, 24, 2_000, whole.length - 1}) {
            assertThatThrownBy(() -> FeeEstimator.read(Bytes.wrap(Arrays.copyOf(whole, end))))
                    .isInstanceOf(MalformedBytes.class);
        }
        // Format, first height beyond the last, too many buckets, a decay of more than 1.
        int decay = 20 + 1 + 8 * (whole[20] & 0xff);
        for (int[] change : new int[][] {{2, 9}, {15, 1}, {20, 0}, {20, 1}, {decay + 7, 0x7f}}) {
            byte[] other = whole.clone();
            other[change[0]] = (byte) change[1];
            assertThatThrownBy(() -> FeeEstimator.read(Bytes.wrap(other)))
                    .as("byte %d", change[0])
                    .isInstanceOf(MalformedBytes.class);
        }
    }

    @Test
    void shouldSayNothingWithoutData() {
        assertThat(estimator.smartEstimate(6, true)).isEqualTo(new SmartEstimate(0, 0));
        RawEstimate raw = estimator.rawEstimate(2, 0.95, FeeHorizon.SHORT);
        assertThat(raw.rate()).isZero();
        assertThat(raw.pass().exists()).isFalse();
        assertThat(raw.fail()).isEqualTo(new RateRange(0, 1e99, 0, 0, 0, 0));
    }
}
