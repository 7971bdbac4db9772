package weft.p2p.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import weft.chain.api.HeaderNode;
import weft.p2p.EngineWatch;
import weft.p2p.PeerEngine;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.sync.FilterSource;
import weft.primitives.Bytes;
import weft.primitives.Now;

/// Watches an engine and hands on what it saw; the handing on is all that the engine's thread pays for. Owned
/// by the engine's thread.
public final class Recorder implements EngineWatch {
    private final Consumer<Handled> sink;
    private List<FilterAnswer> answers = new ArrayList<>();

    /// @param sink takes each input in order, on the engine's thread; must not block
    public Recorder(Consumer<Handled> sink) {
        this.sink = sink;
    }

    /// Begins to watch an engine, before its first input.
    public void watch(PeerEngine engine) {
        engine.watch(this);
    }

    @Override
    public void handled(PeerInput input, Now now, boolean asked, List<PeerOutput> outputs) {
        sink.accept(new Handled(input, now, asked, outputs, takeAnswers(), Optional.empty()));
    }

    @Override
    public void failed(PeerInput input, Now now, boolean asked, Throwable fault) {
        sink.accept(new Handled(input, now, asked, List.of(), takeAnswers(), Optional.of(fault)));
    }

    private List<FilterAnswer> takeAnswers() {
        if (answers.isEmpty()) {
            return List.of();
        }
        List<FilterAnswer> all = answers;
        answers = new ArrayList<>();
        return all;
    }

    /// The same filters, whose answers are recorded; for the engine that is watched.
    public FilterSource filters(FilterSource source) {
        return new FilterSource() {
            @Override
            public Optional<Bytes> filter(HeaderNode node) {
                Optional<Bytes> found = source.filter(node);
                answers.add(new FilterAnswer.Filter(found));
                return found;
            }

            @Override
            public Optional<Hashes> hashes(HeaderNode node) {
                Optional<Hashes> found = source.hashes(node);
                answers.add(new FilterAnswer.Hashes(found));
                return found;
            }
        };
    }
}
