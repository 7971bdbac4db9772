package weft.app.bench.sync;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/// How often each kind of coin is made.
///
/// @param shares weights; a kind that is not named is never made
record CoinMix(Map<CoinKind, Integer> shares) {
    private static final int SHARE_MAX = 1_000_000;

    CoinMix {
        shares = Map.copyOf(shares);
        if (shares.values().stream().mapToLong(Integer::intValue).sum() < 1) {
            throw new IllegalArgumentException("a mix needs at least one kind of coin");
        }
    }

    /// The shares of [CoinKind].
    static CoinMix usual() {
        var shares = new EnumMap<CoinKind, Integer>(CoinKind.class);
        for (CoinKind kind : CoinKind.values()) {
            shares.put(kind, kind.percent);
        }
        return new CoinMix(shares);
    }

    /// Reads `p2wpkh=60,p2tr_key=40`.
    ///
    /// @throws IllegalArgumentException if the text says something else
    static CoinMix parse(String text) {
        var shares = new EnumMap<CoinKind, Integer>(CoinKind.class);
        for (String part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + part + "' is not KIND=SHARE");
            }
            CoinKind kind = kind(part.substring(0, equals).strip());
            shares.put(kind, share(part.substring(equals + 1).strip()));
        }
        return new CoinMix(shares);
    }

    private static CoinKind kind(String name) {
        for (CoinKind kind : CoinKind.values()) {
            if (kind.name().equals(name.toUpperCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "'" + name + "' is none of " + java.util.Arrays.toString(CoinKind.values()));
    }

    private static int share(String text) {
        try {
            int share = Integer.parseInt(text);
            if (share >= 0 && share <= SHARE_MAX) {
                return share;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a share", e);
        }
        throw new IllegalArgumentException("a share is 0 to " + SHARE_MAX + ", not " + text);
    }

    CoinKind pick(RandomGenerator random) {
        int total = shares.values().stream().mapToInt(Integer::intValue).sum();
        int at = random.nextInt(total);
        for (CoinKind kind : CoinKind.values()) {
            at -= shares.getOrDefault(kind, 0);
            if (at < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("shares add up to their sum");
    }

    /// The mix in the form that [#parse] reads, in the order of the kinds.
    String text() {
        var text = new StringBuilder();
        for (CoinKind kind : CoinKind.values()) {
            int share = shares.getOrDefault(kind, 0);
            if (share > 0) {
                text.append(text.isEmpty() ? "" : ",")
                        .append(kind.name().toLowerCase(Locale.ROOT))
                        .append('=')
                        .append(share);
            }
        }
        return text.toString();
    }
}
