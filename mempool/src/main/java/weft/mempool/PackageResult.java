package weft.mempool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import weft.primitives.Wtxid;

/// What became of several transactions that were offered together.
///
/// @param failure what is wrong with the package; null if all its transactions are in the mempool now, or
///     would be
/// @param results of those transactions that were judged, in order
public record PackageResult(
        @Nullable PackageFailure failure, SequencedMap<Wtxid, AcceptResult> results) {
    /// Copies the map.
    public PackageResult {
        results = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(results));
    }

    static PackageResult failed(PackageFailure failure) {
        return new PackageResult(failure, new LinkedHashMap<>());
    }

    static PackageResult failed(PackageFailure failure, Map<Wtxid, AcceptResult> results) {
        return new PackageResult(failure, new LinkedHashMap<>(results));
    }

    /// Why a package is not accepted.
    ///
    /// @param kind whether the package or one of its transactions is at fault
    /// @param reason Bitcoin Core's words, for instance `package-not-sorted`
    /// @param detail more for the log; may be empty
    public record PackageFailure(Kind kind, String reason, String detail) {
        /// Names as Core's `PackageValidationResult`.
        public enum Kind {
            /// The package itself is not allowed.
            POLICY,
            /// A transaction failed; its result says why.
            TRANSACTION
        }

        static final PackageFailure OF_TRANSACTION =
                new PackageFailure(Kind.TRANSACTION, "transaction failed", "");

        static PackageFailure policy(String reason, String detail) {
            return new PackageFailure(Kind.POLICY, reason, detail);
        }

        /// Reason and detail as Core's RPC prints them.
        @Override
        public String toString() {
            return detail.isEmpty() ? reason : reason + ", " + detail;
        }
    }
}
