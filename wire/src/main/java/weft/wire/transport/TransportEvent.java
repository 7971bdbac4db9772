package weft.wire.transport;

/// What a transport found in the bytes it was given, in order. Texts are lines for the log (category `net`).
public sealed interface TransportEvent {
    /// A message arrived.
    ///
    /// @param frame the message
    record Received(Frame frame) implements TransportEvent {}

    /// A message arrived that is not worth looking at; the connection lives on.
    ///
    /// @param reason why, as Bitcoin Core says it
    /// @param wireBytes how many bytes it took on the wire
    record Ignored(String reason, int wireBytes) implements TransportEvent {}

    /// A packet arrived that only hides how long messages are and when they are sent (BIP-0324).
    ///
    /// *Rationale:* it says nothing, but to decrypt it costs as much as any other, so it must be counted.
    ///
    /// @param wireBytes how many bytes it took on the wire
    record Decoy(int wireBytes) implements TransportEvent {}

    /// Nothing special, but worth a line in the log.
    ///
    /// @param text the line, as Bitcoin Core says it
    record Note(String text) implements TransportEvent {}

    /// The stream makes no sense any more: disconnect. Nothing follows.
    ///
    /// @param reason why, as Bitcoin Core says it
    record Fatal(String reason) implements TransportEvent {}
}
