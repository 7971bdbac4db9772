package weft.p2p.record;

import weft.p2p.sync.FilterSource;
import weft.primitives.Digest256;
import weft.primitives.codec.MalformedBytes;

/// Answers of the index of block filters, as bytes.
final class AnswerForm {
    private AnswerForm() {}

    static void write(FilterAnswer answer, FormWriter out) {
        switch (answer) {
            case FilterAnswer.Filter(var filter) -> out.u8(0).maybe(filter, out::bytes);
            case FilterAnswer.Hashes(var hashes) ->
                    out.u8(1)
                            .maybe(
                                    hashes,
                                    each ->
                                            out.self(each.filterHash()::write)
                                                    .self(each.header()::write));
        }
    }

    static FilterAnswer read(FormReader in) {
        return switch (in.u8()) {
            case 0 -> new FilterAnswer.Filter(in.maybe(in::bytes));
            case 1 ->
                    new FilterAnswer.Hashes(
                            in.maybe(
                                    () ->
                                            new FilterSource.Hashes(
                                                    Digest256.read(in.raw()),
                                                    Digest256.read(in.raw()))));
            default -> throw new MalformedBytes("no answer of the index has this form");
        };
    }
}
