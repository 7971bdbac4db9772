package weft.p2p.peers;

import java.time.Duration;

/// How a silent connection is probed and given up.
///
/// @param interval a ping this long after the last one, or after the last message sent if `onlyIfIdle`
/// @param pongTimeout without an answer for longer, the connection is closed
/// @param silenceMax without anything sent, or anything heard, for longer, the connection is closed
/// @param onlyIfIdle ping only where nothing else was sent
public record Keepalive(
        Duration interval, Duration pongTimeout, Duration silenceMax, boolean onlyIfIdle) {
    /// As Bitcoin Core today.
    public static final Keepalive CORE =
            new Keepalive(
                    Duration.ofMinutes(2), Duration.ofMinutes(20), Duration.ofMinutes(20), false);

    /// As the first versions: something each 30 minutes, lost after 90 of silence.
    public static final Keepalive CLASSIC =
            new Keepalive(
                    Duration.ofMinutes(30), Duration.ofMinutes(90), Duration.ofMinutes(90), true);

    /// For lessons, where nobody wants to wait.
    public static final Keepalive LESSON10 =
            new Keepalive(
                    Duration.ofSeconds(90), Duration.ofSeconds(30), Duration.ofMinutes(20), false);

    /// A profile by its name: `core`, `classic`, `lesson10`.
    ///
    /// @throws IllegalArgumentException if there is no such profile
    public static Keepalive named(String name) {
        return switch (name) {
            case "core" -> CORE;
            case "classic" -> CLASSIC;
            case "lesson10" -> LESSON10;
            default -> throw new IllegalArgumentException("no such keepalive profile: " + name);
        };
    }
}
