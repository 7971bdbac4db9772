package weft.p2p.record;

import java.util.List;
import weft.primitives.Bytes;

/// Turns a start and the inputs after it into bytes: one piece each, in order. A piece can be read only after
/// all before it. Owned by one thread, which need not be the engine's.
public final class RecordWriter {
    private final FormWriter out = new FormWriter();

    /// Nothing is written yet.
    public RecordWriter() {}

    /// The first piece.
    public Bytes start(EngineStart start) {
        start.write(out);
        return out.take();
    }

    /// The piece of the next input.
    public Bytes input(Handled handled) {
        out.now(handled.now()).bool(handled.asked());
        InputForm.write(handled.input(), out);
        out.list(handled.answers(), each -> AnswerForm.write(each, out));
        List<Decision> decisions =
                handled.fault()
                        .map(fault -> List.of(Decision.fault(fault)))
                        .orElseGet(() -> Decision.of(handled.outputs()));
        out.list(decisions, each -> Decision.write(each, out));
        return out.take();
    }
}
