package weft.consensus.script;

import java.util.Arrays;
import weft.primitives.Bytes;

/// Walks over a script, operation by operation. Not safe for use by two threads.
public final class ScriptReader {
    private final byte[] script;
    private final int limit;
    private final int begin;
    private int position;
    private int opcode = Opcode.OP_0;
    private int pushAt;
    private int pushLength;

    private ScriptReader(byte[] script, int begin, int limit) {
        this.script = script;
        this.begin = begin;
        this.position = begin;
        this.limit = limit;
    }

    /// Walks over a script from its first byte.
    public static ScriptReader of(Bytes script) {
        int from = script.backingOffset();
        return new ScriptReader(script.backingArray(), from, from + script.length());
    }

    static ScriptReader of(byte[] script, int from) {
        return new ScriptReader(script, from, script.length);
    }

    /// Steps to the next operation.
    ///
    /// @return false at the end, and where a push goes beyond the end: [#isWellFormedEnd] tells which
    public boolean next() {
        pushLength = 0;
        if (position >= limit) {
            return false;
        }
        opcode = script[position++] & 0xff;
        if (opcode > Opcode.OP_PUSHDATA4) {
            return true;
        }
        long length = opcode;
        if (opcode >= Opcode.OP_PUSHDATA1) {
            int lengthBytes = 1 << (opcode - Opcode.OP_PUSHDATA1);
            if (limit - position < lengthBytes) {
                opcode = -1;
                return false;
            }
            length = 0;
            for (int i = 0; i < lengthBytes; i++) {
                length |= (script[position++] & 0xffL) << (8 * i);
            }
        }
        if (length > limit - position) {
            opcode = -1;
            return false;
        }
        pushAt = position;
        pushLength = (int) length;
        position += pushLength;
        return true;
    }

    /// Steps over bytes that are there, whatever operations they are.
    void skip(int count) {
        position += count;
    }

    /// Whether [#next] came to the end without meeting a push that is cut off.
    public boolean isWellFormedEnd() {
        return position == limit && opcode >= 0;
    }

    /// Whether every byte was read.
    public boolean isAtEnd() {
        return position == limit;
    }

    /// The operation stepped to, 0 to 255.
    public int opcode() {
        return opcode;
    }

    /// What the operation pushes; empty if it is no push of bytes.
    public Bytes push() {
        return Bytes.wrap(script, pushAt, pushLength);
    }

    /// Length of [#push].
    public int pushLength() {
        return pushLength;
    }

    byte[] pushArray() {
        return Arrays.copyOfRange(script, pushAt, pushAt + pushLength);
    }

    /// Index of the next byte in the script.
    public int position() {
        return position - begin;
    }
}
