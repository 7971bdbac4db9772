package weft.p2p.record;

import java.util.List;
import java.util.Optional;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.primitives.Now;

/// One input and what came of it, as the engine's thread saw it; turned into bytes elsewhere. Immutable.
///
/// @param asked the engine was asked for its deadline since the input before
/// @param answers of the index of filters meanwhile
/// @param fault what broke the engine, if anything did
public record Handled(
        PeerInput input,
        Now now,
        boolean asked,
        List<PeerOutput> outputs,
        List<FilterAnswer> answers,
        Optional<Throwable> fault) {}
