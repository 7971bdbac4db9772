package weft.p2p.addr;

import weft.wire.NetAddress;

/// What we saw of a node ourselves when we dialled it: which program it says that it runs, and at what times
/// of the day it was there. Changed by [Acquaintances] only.
public final class Acquaintance {
    /// Parts of a day (UTC) that are told apart: six hours each.
    public static final int WINDOWS = 4;

    static final long WINDOW_SECONDS = 6 * 3600;

    /// *Rationale:* what was a month ago, as in the address book, says little of today.
    static final long HORIZON_SECONDS = 30 * 86_400;

    static final int PROGRAM_CHARS_MAX = 64;

    final NetAddress address;
    final long[] seenSeconds = new long[WINDOWS];
    String program = "";

    Acquaintance(NetAddress address) {
        this.address = address;
    }

    /// Where it is.
    public NetAddress address() {
        return address;
    }

    /// What it runs, by its own word at the last handshake; empty if it did not say.
    public String program() {
        return program;
    }

    /// The parts of the day in which it was there at least once in the last 30 days: bit 0 is midnight to
    /// six, UTC.
    public int windows(long nowSeconds) {
        int found = 0;
        for (int i = 0; i < WINDOWS; i++) {
            long age = nowSeconds - seenSeconds[i];
            found |= seenSeconds[i] > 0 && age <= HORIZON_SECONDS ? 1 << i : 0;
        }
        return found;
    }

    void seen(long nowSeconds) {
        seenSeconds[windowOf(nowSeconds)] = nowSeconds;
    }

    /// The part of the day that a time is in, 0 to 3.
    public static int windowOf(long seconds) {
        return (int) Math.floorMod(Math.floorDiv(seconds, WINDOW_SECONDS), (long) WINDOWS);
    }

    /// A program by its `version`: without what its operator added in parentheses (BIP-0014), and no longer
    /// than 64 characters.
    public static String programOf(String userAgent) {
        var found = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < userAgent.length() && found.length() < PROGRAM_CHARS_MAX; i++) {
            char c = userAgent.charAt(i);
            depth += c == '(' ? 1 : 0;
            if (depth == 0) {
                found.append(c);
            }
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }
        return found.toString();
    }
}
