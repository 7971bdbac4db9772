package weft.p2p.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.p2p.PeerEngine;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.sync.FilterSource;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// Builds the engine of a recording again and gives it the same inputs at the same times: it must decide the
/// same. Needs no network, chain or clock.
public final class Replay {
    private final FormReader in = new FormReader();
    private final EngineStart start;
    private final PeerEngine engine;
    private final Outbox outbox = new Outbox();
    private final ArrayDeque<FilterAnswer> answers = new ArrayDeque<>();
    private long inputs;

    /// One input, and what two engines made of it.
    ///
    /// @param number from 1
    /// @param recorded what the engine decided that was recorded
    /// @param found what this one decided
    public record Step(
            long number, Now now, PeerInput input, List<Decision> recorded, List<Decision> found) {
        /// The place of the first decision that differs; empty if all are the same.
        public Optional<Integer> difference() {
            return Decision.firstDifference(recorded, found);
        }
    }

    /// An engine at the beginning of a recording.
    ///
    /// @param first the first piece
    /// @param log of the engine
    /// @throws MalformedBytes if it is none
    public Replay(Bytes first, Log log) {
        this(readStart(first), log);
    }

    /// An engine at a beginning.
    public Replay(EngineStart start, Log log) {
        this.start = start;
        this.engine = start.build(log);
        if (start.servesFilters()) {
            engine.blocks().serveFilters(new Answers());
        }
    }

    /// The first piece of a recording.
    ///
    /// @throws MalformedBytes if it is none
    public static EngineStart readStart(Bytes first) {
        FormReader reader = new FormReader().open(first);
        EngineStart found = EngineStart.read(reader);
        reader.expectEnd();
        return found;
    }

    /// With what it began.
    public EngineStart start() {
        return start;
    }

    /// The engine as it is now.
    public PeerEngine engine() {
        return engine;
    }

    /// Handles the next input.
    ///
    /// @param piece of the recording, each in its turn
    /// @throws MalformedBytes if it is none
    public Step next(Bytes piece) {
        in.open(piece);
        Now now = in.now();
        boolean asked = in.bool();
        PeerInput input = InputForm.read(in);
        answers.clear();
        answers.addAll(in.list(() -> AnswerForm.read(in)));
        List<Decision> recorded = in.list(() -> Decision.read(in));
        in.expectEnd();
        if (asked) {
            // It changes nothing but which parts the next tick wakes, and what those look at.
            engine.nextDeadlineNanos();
        }
        return new Step(++inputs, now, input, recorded, handle(input, now));
    }

    private List<Decision> handle(PeerInput input, Now now) {
        var outputs = new ArrayList<PeerOutput>();
        try {
            engine.handle(input, now, outbox);
        } catch (RuntimeException | Error e) {
            return List.of(Decision.fault(e));
        }
        for (PeerOutput each = outbox.poll(); each != null; each = outbox.poll()) {
            outputs.add(each);
        }
        return Decision.of(outputs);
    }

    /// Answers as the index did; an engine that asks for more than the other did decides differently anyway.
    private final class Answers implements FilterSource {
        @Override
        public Optional<Bytes> filter(HeaderNode node) {
            return answers.poll() instanceof FilterAnswer.Filter(var filter)
                    ? filter
                    : Optional.empty();
        }

        @Override
        public Optional<Hashes> hashes(HeaderNode node) {
            return answers.poll() instanceof FilterAnswer.Hashes(var hashes)
                    ? hashes
                    : Optional.empty();
        }
    }
}
