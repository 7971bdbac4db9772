package weft.p2p.tx;

import java.util.Locale;
import java.util.Optional;

/// How transactions are announced (`-relaypolicy`).
public enum Spreading {
    /// At random moments, as Bitcoin Core does since 2015.
    DIFFUSION,
    /// At once, as in the first years: fastest, and whoever listens sees where a transaction came from.
    FLOOD,
    /// From node to node on a stem first, then at random moments; for laboratories. See BIP-0156.
    DANDELION;

    /// By the name that the option has for it: `diffusion`, `flood`, `dandelion`.
    public static Optional<Spreading> named(String name) {
        for (Spreading each : values()) {
            if (each.label().equals(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /// Its name in options.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
