package weft.server.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The metrics of one answer, while it is made. All names begin with `weft_`; each is given once, and each of
/// its values has labels of its own.
final class Families {
    private static final String PREFIX = "weft_";

    private final List<MetricSnapshot> all = new ArrayList<>();

    /// Values of one metric.
    interface Points {
        /// Adds a value.
        ///
        /// @param labels names and values in turn; no two points of a metric have the same
        /// @return this
        Points add(double value, String... labels);

        /// As the other, of a whole number.
        default Points add(long value, String... labels) {
            return add((double) value, labels);
        }
    }

    private interface Adder {
        void add(double value, Labels labels);
    }

    /// Something that only grows until the program ends.
    ///
    /// @param name without prefix and without `_total`, which is added
    /// @param points gives the values; a metric without any is left out
    void counter(String name, String help, Consumer<Points> points) {
        var builder = CounterSnapshot.builder().name(PREFIX + name).help(help);
        int count =
                fill(
                        points,
                        (value, labels) ->
                                builder.dataPoint(
                                        CounterDataPointSnapshot.builder()
                                                .value(value)
                                                .labels(labels)
                                                .build()));
        if (count > 0) {
            all.add(builder.build());
        }
    }

    /// Something that goes up and down.
    ///
    /// @param name without prefix
    /// @param points gives the values; a metric without any is left out
    void gauge(String name, String help, Consumer<Points> points) {
        var builder = GaugeSnapshot.builder().name(PREFIX + name).help(help);
        int count =
                fill(
                        points,
                        (value, labels) ->
                                builder.dataPoint(
                                        GaugeDataPointSnapshot.builder()
                                                .value(value)
                                                .labels(labels)
                                                .build()));
        if (count > 0) {
            all.add(builder.build());
        }
    }

    /// A gauge with one value.
    void gauge(String name, String help, double value) {
        gauge(name, help, points -> points.add(value));
    }

    /// A gauge with one value, a whole number.
    void gauge(String name, String help, long value) {
        gauge(name, help, (double) value);
    }

    /// A text, as the label of a value that is always one.
    ///
    /// @param name without prefix and without `_info`, which is added
    void info(String name, String help, String label, String text) {
        all.add(
                InfoSnapshot.builder()
                        .name(PREFIX + name)
                        .help(help)
                        .dataPoint(
                                InfoSnapshot.InfoDataPointSnapshot.builder()
                                        .labels(Labels.of(label, text))
                                        .build())
                        .build());
    }

    private static int fill(Consumer<Points> points, Adder adder) {
        int[] count = {0};
        points.accept(
                new Points() {
                    @Override
                    public Points add(double value, String... labels) {
                        adder.add(value, Labels.of(labels));
                        count[0]++;
                        return this;
                    }
                });
        return count[0];
    }

    /// All of them, sorted by name.
    MetricSnapshots build() {
        return new MetricSnapshots(all);
    }
}
