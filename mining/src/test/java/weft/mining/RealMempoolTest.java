package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Vectors;

/// A real mempool of 19,873 transactions, and the block that Bitcoin Core would have made of it.
final class RealMempoolTest {
    private static final int ROUNDS = 40;

    private record Row(long fee, int weight, int sigops, List<String> parents) {}

    private static Map<String, Row> rows() {
        var rows = new HashMap<String, Row>();
        List<String> lines = Vectors.lines("mempool/gbt_mempool.csv.gz");
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            List<String> parents =
                    cells[4].isBlank() ? List.of() : List.of(cells[4].trim().split(" ", -1));
            rows.put(
                    cells[0],
                    new Row(
                            Long.parseLong(cells[1]),
                            Integer.parseInt(cells[2]),
                            Integer.parseInt(cells[3]),
                            parents));
        }
        return rows;
    }

    @Test
    @DisplayName("Of a real mempool our block takes fees no lower than Core's, within 50 ms")
    void shouldTakeNoLessFeesThanCore() {
        Map<String, Row> rows = rows();
        List<String> theirs = Vectors.lines("mempool/gbt_expected_template.txt.gz");
        long coreFees =
                theirs.stream().mapToLong(id -> Objects.requireNonNull(rows.get(id)).fee()).sum();
        var pool = new RowPool();
        rows.values().forEach(row -> row.parents().forEach(pool::expectChild));
        for (String id : inOrder(rows)) {
            Row row = Objects.requireNonNull(rows.get(id));
            pool.add(id, row.fee(), row.weight(), row.sigops(), row.parents());
        }
        assertThat(pool.size()).isEqualTo(rows.size());
        assertThat(pool.inexact()).isZero();

        long best = Long.MAX_VALUE;
        List<String> ours = List.of();
        for (int i = 0; i < ROUNDS; i++) {
            long begin = System.nanoTime();
            ours = pool.fill();
            best = Math.min(best, System.nanoTime() - begin);
        }
        long fees = ours.stream().mapToLong(id -> Objects.requireNonNull(rows.get(id)).fee()).sum();
        long weight =
                ours.stream().mapToLong(id -> Objects.requireNonNull(rows.get(id)).weight()).sum();
        long sigops =
                ours.stream().mapToLong(id -> Objects.requireNonNull(rows.get(id)).sigops()).sum();
        System.out.printf(
                "template of %,d transactions: %,d transactions, fees %,d (Core %,d), weight %,d,"
                        + " sigops %,d, %.1f ms%n",
                rows.size(), ours.size(), fees, coreFees, weight, sigops, best / 1e6);
        assertThat(fees).isGreaterThanOrEqualTo(coreFees);
        assertThat(weight + TemplateOptions.RESERVED_WEIGHT).isLessThan(4_000_000);
        assertThat(sigops + 400).isLessThan(80_000);
        Set<String> seen = new HashSet<>();
        for (String id : ours) {
            assertThat(seen).containsAll(Objects.requireNonNull(rows.get(id)).parents());
            assertThat(seen.add(id)).isTrue();
        }
        assertThat(best).isLessThan(50_000_000L);
    }

    private static List<String> inOrder(Map<String, Row> rows) {
        var order = new ArrayList<String>();
        Set<String> done = new HashSet<>();
        rows.keySet().stream().sorted().forEach(id -> visit(id, rows, done, order));
        return order;
    }

    private static void visit(
            String id, Map<String, Row> rows, Set<String> done, List<String> order) {
        if (done.add(id)) {
            Objects.requireNonNull(rows.get(id))
                    .parents()
                    .forEach(parent -> visit(parent, rows, done, order));
            order.add(id);
        }
    }
}
