package weft.consensus.script;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;

/// Builds a script front to back. Not safe for use by two threads.
public final class ScriptBuilder {
    private static final int LARGEST_DIRECT = 0x4b;

    private final ByteWriter out = new ByteWriter(64);

    /// An empty script.
    public ScriptBuilder() {}

    /// Appends an operation.
    public ScriptBuilder op(int opcode) {
        out.u8(opcode);
        return this;
    }

    /// Appends a push of bytes with the shortest length, never as a number.
    public ScriptBuilder push(byte[] data) {
        return push(Bytes.wrap(data));
    }

    /// Appends a push of bytes with the shortest length, never as a number.
    public ScriptBuilder push(Bytes data) {
        int length = data.length();
        if (length <= LARGEST_DIRECT) {
            out.u8(length);
        } else if (length <= 0xff) {
            out.u8(Opcode.OP_PUSHDATA1).u8(length);
        } else if (length <= 0xffff) {
            out.u8(Opcode.OP_PUSHDATA2).u16(length);
        } else {
            out.u8(Opcode.OP_PUSHDATA4).i32(length);
        }
        out.bytes(data);
        return this;
    }

    /// Appends a number in the shortest way.
    public ScriptBuilder number(long value) {
        if (value == 0) {
            return op(Opcode.OP_0);
        }
        if (value == -1 || (value >= 1 && value <= 16)) {
            return op(Opcode.OP_RESERVED + (int) value);
        }
        return push(ScriptNum.encode(value));
    }

    /// Appends bytes as they are.
    public ScriptBuilder raw(Bytes bytes) {
        out.bytes(bytes);
        return this;
    }

    /// The script so far.
    public Bytes build() {
        return Bytes.wrap(out.toByteArray());
    }
}
