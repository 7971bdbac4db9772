package weft.consensus;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// What a header must be, alone and on its branch.
public final class HeaderCheck {
    /// How far a header's time may be ahead of ours, in seconds.
    public static final long FUTURE_SECONDS_MAX = 2 * 60 * 60;

    /// How far the first header of a period may be behind the one before, in seconds. See BIP-0094.
    private static final long TIMEWARP_SECONDS_MAX = 600;

    private HeaderCheck() {}

    /// Proof of work; null if it is there.
    public static @Nullable RuleFailure checkWork(
            BlockHeader header, BlockHash hash, ChainParams params) {
        return PowRules.hasValidWork(hash, header.bits(), params.pow())
                ? null
                : RuleFailure.header("high-hash", "proof of work failed");
    }

    /// Difficulty, time and version of a header on top of `parent`; null if all are right.
    ///
    /// @param now our clock
    public static @Nullable RuleFailure checkInContext(
            BlockHeader header, HeaderView parent, Instant now, ChainParams params) {
        if (header.bits() != PowRules.nextBits(parent, header.time(), params.pow())) {
            return RuleFailure.header("bad-diffbits", "incorrect proof of work");
        }
        if (header.time() <= parent.medianTimePast()) {
            return RuleFailure.header("time-too-old", "block's timestamp is too early");
        }
        boolean periodBegins = (parent.height() + 1) % params.pow().interval() == 0;
        if (params.pow().enforceBip94()
                && periodBegins
                && header.time() < parent.header().time() - TIMEWARP_SECONDS_MAX) {
            return RuleFailure.header(
                    "time-timewarp-attack",
                    "block's timestamp is too early on diff adjustment block");
        }
        if (header.time() > now.getEpochSecond() + FUTURE_SECONDS_MAX) {
            return new RuleFailure(
                    RuleFailure.Kind.TIME_FUTURE,
                    "time-too-new",
                    "block timestamp too far in the future");
        }
        return checkVersion(header.version(), parent.height() + 1, params.heights());
    }

    private static @Nullable RuleFailure checkVersion(
            int version, int height, ChainParams.Heights heights) {
        boolean outdated =
                (version < 2 && height >= heights.bip34())
                        || (version < 3 && height >= heights.bip66())
                        || (version < 4 && height >= heights.bip65());
        return outdated
                ? RuleFailure.header(
                        String.format(Locale.ROOT, "bad-version(0x%08x)", version),
                        String.format(Locale.ROOT, "rejected nVersion=0x%08x block", version))
                : null;
    }
}
