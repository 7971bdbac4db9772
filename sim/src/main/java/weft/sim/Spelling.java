package weft.sim;

import weft.primitives.Bytes;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.transport.Frame;
import weft.wire.transport.Magic;
import weft.wire.transport.TransportEvent;
import weft.wire.transport.V1Transport;

/// Whether what leaves a node is what its peer reads: all messages go through bytes and back; of a few it is
/// asked too whether what was read, written again, gives the same bytes, and whether a plain connection
/// carries them.
final class Spelling {
    private Spelling() {}

    /// Looks at one message.
    ///
    /// @param payload what was sent
    /// @param read what its peer reads in it
    static void check(SimNode node, String command, Bytes payload, Message read) {
        Invariants.hold(
                read.command().equals(command) && MessageCodec.encode(read).equals(payload),
                node,
                "a message is read as another: ",
                command);
        var line = new V1Transport(node.index(), Magic.REGTEST);
        byte[] bytes = V1Transport.frame(Magic.REGTEST, command, payload).toByteArray();
        int half = bytes.length / 2;
        line.push(bytes, 0, half);
        line.push(bytes, half, bytes.length - half);
        boolean arrives =
                line.next().orElse(null) instanceof TransportEvent.Received(Frame frame)
                        && frame.command().equals(command)
                        && frame.payload().equals(payload);
        Invariants.hold(arrives, node, "a message does not go over a line: ", command);
    }
}
