package weft.p2p.defence;

import java.util.Locale;

/// What may be an attack, as our own counting shows it.
///
/// @param kind which
/// @param network of the peers that it is about; empty for all
/// @param text for the operator
public record Warning(Kind kind, String network, String text) {
    /// Kinds of warnings.
    public enum Kind {
        /// Our outbound peers are of few groups: someone may be about to be all of them.
        ECLIPSE,
        /// Many more messages come than usual.
        FLOOD,
        /// Nearly all peers say that they run the same program: they may be one person's.
        ONE_VERSION,

        /// Our clock is far from those of peers that we dialled: ours is wrong, or most of them lie.
        CLOCK,

        /// No block came for long: somebody may keep them from us.
        STALE_TIP;

        /// As answers say it.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
