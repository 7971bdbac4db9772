package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts by class of transactions, and what judges said differently.
final class Tally {
    /// Counts of a class.
    static final class Counts {
        int transactions;
        int accepted;
        int refused;
        int questions;
        int differing;
        final TreeMap<String, Integer> reasons = new TreeMap<>();
    }

    /// Two answers to a question.
    ///
    /// @param reason why it is accepted; empty if it is not
    record Difference(
            String kind,
            Question question,
            String judge,
            String answer,
            String reference,
            String reason) {}

    private final Map<String, Counts> counts = new TreeMap<>();
    private final List<Difference> differences = new ArrayList<>();

    Tally() {}

    Counts of(String kind) {
        return counts.computeIfAbsent(kind, name -> new Counts());
    }

    Map<String, Counts> all() {
        return counts;
    }

    int transactions() {
        return counts.values().stream().mapToInt(each -> each.transactions).sum();
    }

    /// All reasons that the reference gave, with how often.
    Map<String, Integer> reasons() {
        var all = new TreeMap<String, Integer>();
        for (Counts each : counts.values()) {
            each.reasons.forEach((reason, count) -> all.merge(reason, count, Integer::sum));
        }
        return all;
    }

    void add(Difference difference) {
        differences.add(difference);
        if (difference.reason.isEmpty()) {
            of(difference.kind).differing++;
        }
    }

    List<Difference> differences() {
        return differences;
    }

    /// Differences that nobody accepted.
    long open() {
        return differences.stream().filter(each -> each.reason.isEmpty()).count();
    }
}
