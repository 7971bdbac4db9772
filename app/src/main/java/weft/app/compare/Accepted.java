package weft.app.compare;

import java.util.List;
import java.util.regex.Pattern;

/// Differences between weft and Bitcoin Core 28.1 that stay, with the reason.
final class Accepted {
    /// @param method of the question
    /// @param answer of weft
    /// @param reference what the other said
    private record Entry(String method, Pattern answer, Pattern reference, String reason) {}

    private static final List<Entry> ENTRIES = List.of();

    private Accepted() {}

    /// Why a difference is accepted; empty if it is not.
    static String reason(Question question, String answer, String reference) {
        return ENTRIES.stream()
                .filter(each -> each.method.equals(question.method()))
                .filter(each -> each.answer.matcher(answer).find())
                .filter(each -> each.reference.matcher(reference).find())
                .map(Entry::reason)
                .findFirst()
                .orElse("");
    }
}
