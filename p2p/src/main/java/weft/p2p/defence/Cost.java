package weft.p2p.defence;

/// What messages cost us.
///
/// @param messages how many
/// @param bytes on the wire
/// @param cpuNanos time of the processor that handling them took; 0 where nobody measures it
/// @param throttled how many of them were not heard
public record Cost(long messages, long bytes, long cpuNanos, long throttled) {
    /// Nothing.
    public static final Cost NONE = new Cost(0, 0, 0, 0);

    /// Both together.
    public Cost plus(Cost other) {
        return new Cost(
                messages + other.messages,
                bytes + other.bytes,
                cpuNanos + other.cpuNanos,
                throttled + other.throttled);
    }
}
