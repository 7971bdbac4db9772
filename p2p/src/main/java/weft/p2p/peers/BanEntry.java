package weft.p2p.peers;

import java.util.Locale;
import weft.wire.Subnet;

/// A range of addresses that is banned; what `banlist.json` and `listbanned` hold.
///
/// @param createdSeconds since 1970
/// @param untilSeconds since 1970; [#WITHOUT_END] for a ban that does not end
public record BanEntry(Subnet subnet, long createdSeconds, long untilSeconds, Reason reason) {
    /// The end of a ban that has none.
    public static final long WITHOUT_END = Long.MAX_VALUE;

    /// Why, and how.
    public enum Reason {
        /// The operator wanted it.
        OPERATOR,
        /// It misbehaved until its score was full.
        SCORE,
        /// Likewise, but it is not told: let in, not heard, not served.
        SHADOW;

        /// As files and answers say it.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// The reason of a label; [#OPERATOR] for unknown ones, which is what Bitcoin Core's lists hold.
        public static Reason of(String label) {
            for (Reason each : values()) {
                if (each.label().equals(label)) {
                    return each;
                }
            }
            return OPERATOR;
        }
    }

    /// A ban of the operator's.
    public BanEntry(Subnet subnet, long createdSeconds, long untilSeconds) {
        this(subnet, createdSeconds, untilSeconds, Reason.OPERATOR);
    }
}
