package weft.wire;

import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteWriter;

/// A message of a command that we do not know: ignored by rule, kept for tests and tools. Also the way to
/// send bytes that are encoded already, under any command.
///
/// @param command name on the wire, at most 12 characters
/// @param payload the bytes as they came
public record Unknown(String command, Bytes payload) implements Message {
    /// Checks the length of the command.
    public Unknown {
        Check.argument(
                command.length() <= Message.COMMAND_BYTES, "command longer than 12 characters");
    }

    @Override
    public void write(ByteWriter out) {
        out.bytes(payload);
    }
}
