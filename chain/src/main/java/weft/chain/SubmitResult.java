package weft.chain;

import java.util.Optional;
import weft.chain.api.BlockFailure;

/// What became of a block that was handed in, for the RPC that did it; peers hear the same in events.
///
/// @param isNew its bytes were stored now
/// @param failure why it was not accepted, or did not connect; empty also where it was not looked at, or
///     where its scripts still run
public record SubmitResult(boolean isNew, Optional<BlockFailure> failure) {
    static SubmitResult failed(BlockFailure failure) {
        return new SubmitResult(false, Optional.of(failure));
    }

    static SubmitResult ignored() {
        return new SubmitResult(false, Optional.empty());
    }
}
