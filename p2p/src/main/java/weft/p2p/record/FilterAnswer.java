package weft.p2p.record;

import java.util.Optional;
import weft.p2p.sync.FilterSource;
import weft.primitives.Bytes;

/// What the index of block filters answered while the engine handled an input: the only thing that the engine
/// asks for and does not wait to be told.
public sealed interface FilterAnswer {
    /// Of [FilterSource#filter].
    record Filter(Optional<Bytes> filter) implements FilterAnswer {}

    /// Of [FilterSource#hashes].
    record Hashes(Optional<FilterSource.Hashes> hashes) implements FilterAnswer {}
}
