package weft.consensus.script;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.crypto.TaggedHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;

/// What signatures sign: the transaction, with parts left out as the hash type says.
public final class SigHash {
    /// Taproot only: as [#ALL], and the signature has no byte for its type.
    public static final int DEFAULT = 0;

    /// All outputs.
    public static final int ALL = 1;

    /// No outputs.
    public static final int NONE = 2;

    /// The output at the input's own index.
    public static final int SINGLE = 3;

    /// No other inputs; added to one of the others.
    public static final int ANYONECANPAY = 0x80;

    private static final int OUTPUT_MASK = 0x1f;
    private static final int TAPROOT_OUTPUT_MASK = 3;
    private static final int INPUT_BYTES = 41;
    private static final int OUTPUT_BYTES_USUAL = 36;

    /// From so many inputs on it is worth to keep what their signatures share.
    private static final int SHARED_WORTH = 4;

    private static final byte[] ZEROS = new byte[Sha256.BYTES];
    private static final TaggedHash TAP_SIGHASH = TaggedHash.of("TapSighash");

    private SigHash() {}

    /// Whether a hash type before taproot is one of the six that mean something.
    static boolean isDefined(int type) {
        int output = type & 0xff & ~ANYONECANPAY;
        return output >= ALL && output <= SINGLE;
    }

    /// A hash type in words, as Bitcoin Core's RPC has it: `ALL|ANYONECANPAY`.
    ///
    /// @param type one of the six before taproot
    public static String name(int type) {
        String output =
                switch (type & ~ANYONECANPAY) {
                    case ALL -> "ALL";
                    case NONE -> "NONE";
                    case SINGLE -> "SINGLE";
                    default -> throw new IllegalArgumentException("no hash type: " + type);
                };
        return (type & ANYONECANPAY) == 0 ? output : output + "|ANYONECANPAY";
    }

    /// The digest of an input before segwit.
    ///
    /// @param scriptCode of which every OP_CODESEPARATOR is left out
    /// @param type all 32 bits are hashed, the lowest eight have a meaning
    /// @return 32 bytes; the number one if there is no output of the index that SINGLE asks for
    public static byte[] legacy(Transaction tx, int input, byte[] scriptCode, int type) {
        int output = type & OUTPUT_MASK;
        if (output == SINGLE && input >= tx.outputs().size()) {
            byte[] one = new byte[Sha256.BYTES];
            one[0] = 1;
            return one;
        }
        List<TxIn> inputs = tx.inputs();
        // The scripts of other inputs are left out: they are most of a transaction before segwit.
        int room = INPUT_BYTES * inputs.size() + OUTPUT_BYTES_USUAL * tx.outputs().size();
        var pieces = new Pieces(room + scriptCode.length + 32);
        boolean alone = (type & ANYONECANPAY) != 0;
        pieces.out().u32(tx.version()).compactSize(alone ? 1 : inputs.size());
        for (int i = alone ? input : 0; i < (alone ? input + 1 : inputs.size()); i++) {
            TxIn in = inputs.get(i);
            ByteWriter out = pieces.out();
            in.prevout().write(out);
            if (i == input) {
                writeWithoutSeparators(scriptCode, out);
                out.u32(in.sequence());
            } else {
                out.u8(0).u32(output == SINGLE || output == NONE ? 0 : in.sequence());
            }
        }
        writeOutputs(tx.outputs(), input, output, pieces);
        pieces.out().u32(tx.lockTime()).i32(type);
        return pieces.hashTwice();
    }

    /// The same, of a transaction that others of its inputs sign as well: what they all sign is written once.
    ///
    /// *Rationale:* writing a thousand outputs takes as long as hashing them.
    static byte[] legacy(PrecomputedTxHashes shared, int input, byte[] scriptCode, int type) {
        Transaction tx = shared.tx();
        int count = tx.inputs().size();
        int output = type & OUTPUT_MASK;
        if (output == SINGLE || output == NONE || count < SHARED_WORTH) {
            return legacy(tx, input, scriptCode, type);
        }
        boolean alone = (type & ANYONECANPAY) != 0;
        Bytes inputs = shared.inputsWithoutScripts();
        int own = INPUT_BYTES * input;
        var pieces = new Pieces(scriptCode.length + 2 * INPUT_BYTES);
        pieces.out().u32(tx.version()).compactSize(alone ? 1 : count);
        int first = alone ? own : 0;
        pieces.write(inputs.slice(first, own + OutPoint.BYTES - first));
        writeWithoutSeparators(scriptCode, pieces.out());
        // After the byte that says that there is no script.
        int sequence = own + OutPoint.BYTES + 1;
        pieces.write(inputs.slice(sequence, alone ? Integer.BYTES : inputs.length() - sequence));
        pieces.write(shared.outputsWritten());
        pieces.out().u32(tx.lockTime()).i32(type);
        return pieces.hashTwice();
    }

    private static void writeOutputs(List<TxOut> outputs, int input, int type, Pieces pieces) {
        int count =
                switch (type) {
                    case NONE -> 0;
                    case SINGLE -> input + 1;
                    default -> outputs.size();
                };
        pieces.out().compactSize(count);
        for (int i = 0; i < count; i++) {
            if (type == SINGLE && i != input) {
                // An output that says nothing: −1 and no script.
                pieces.out().i64(-1).u8(0);
            } else {
                pieces.write(outputs.get(i));
            }
        }
    }

    /// What is hashed, in pieces.
    ///
    /// *Rationale:* before segwit each signature hashes the transaction anew, and whoever fills a block with
    /// one that is all signatures would have it copied for each as well.
    private static final class Pieces {
        /// Fits the processor's nearest cache, and is long enough for the hash to be at full speed.
        private static final int BYTES = 8_192;

        private final ByteWriter out;
        private @Nullable Sha256 begun;

        /// @param room for all of it
        Pieces(int room) {
            out = new ByteWriter(Math.min(room, BYTES + BYTES / 8));
        }

        /// To write the next few bytes to.
        ByteWriter out() {
            if (out.size() >= BYTES) {
                hash();
            }
            return out;
        }

        void write(TxOut output) {
            Bytes script = output.scriptPubKey();
            if (script.length() < BYTES) {
                output.write(out());
            } else {
                out().i64(output.value()).compactSize(script.length());
                write(script);
            }
        }

        void write(Bytes bytes) {
            if (bytes.length() < BYTES) {
                out().bytes(bytes);
            } else {
                hash().update(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            }
        }

        private Sha256 hash() {
            Sha256 hash = begun == null ? new Sha256() : begun;
            begun = hash;
            Bytes bytes = out.toBytes();
            hash.update(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            out.reset();
            return hash;
        }

        byte[] hashTwice() {
            return begun == null ? twice(out) : hash().finishTwice();
        }
    }

    /// A push that is cut off ends the script where its length was read, but the length in front still counts
    /// all.
    private static void writeWithoutSeparators(byte[] script, ByteWriter out) {
        int separators = 0;
        for (var reader = ScriptReader.of(script, 0); reader.next(); ) {
            if (reader.opcode() == Opcode.OP_CODESEPARATOR) {
                separators++;
            }
        }
        out.compactSize(script.length - separators);
        int from = 0;
        var reader = ScriptReader.of(script, 0);
        while (reader.next()) {
            if (reader.opcode() == Opcode.OP_CODESEPARATOR) {
                out.bytes(script, from, reader.position() - 1 - from);
                from = reader.position();
            }
        }
        out.bytes(script, from, reader.position() - from);
    }

    /// The digest of an input of witness version 0. See BIP-0143.
    ///
    /// @param amount of the output spent, in satoshis
    /// @return 32 bytes
    public static byte[] witnessV0(
            PrecomputedTxHashes shared, int input, byte[] scriptCode, long amount, int type) {
        Transaction tx = shared.tx();
        int output = type & OUTPUT_MASK;
        boolean alone = (type & ANYONECANPAY) != 0;
        boolean some = output == SINGLE || output == NONE;
        var out = new ByteWriter(scriptCode.length + 200);
        out.u32(tx.version());
        out.bytes(alone ? ZEROS : shared.prevoutsTwice());
        out.bytes(alone || some ? ZEROS : shared.sequencesTwice());
        TxIn in = shared.input(input);
        in.prevout().write(out);
        out.compactSize(scriptCode.length).bytes(scriptCode);
        out.i64(amount).u32(in.sequence());
        if (!some) {
            out.bytes(shared.outputsTwice());
        } else if (output == SINGLE && input < tx.outputs().size()) {
            var single = new ByteWriter();
            tx.outputs().get(input).write(single);
            out.bytes(twice(single));
        } else {
            out.bytes(ZEROS);
        }
        out.u32(tx.lockTime()).i32(type);
        return twice(out);
    }

    /// The digest of a taproot input. See BIP-0341 and BIP-0342.
    ///
    /// @param type 0 to 255
    /// @return 32 bytes; null if the hash type is none, or no output has the index that SINGLE asks for
    public static byte @Nullable [] taproot(
            PrecomputedTxHashes shared,
            int input,
            int type,
            SigVersion version,
            ExecutionContext context) {
        int output = type == DEFAULT ? ALL : type & TAPROOT_OUTPUT_MASK;
        boolean alone = (type & ANYONECANPAY) != 0;
        Transaction tx = shared.tx();
        if (!isDefined(type) && type != DEFAULT) {
            return null;
        }
        if (output == SINGLE && input >= tx.outputs().size()) {
            return null;
        }
        Check.argument(shared.knowsSpent(), "taproot signs the outputs spent");
        var out = new ByteWriter(256);
        // The epoch, always 0.
        out.u8(0).u8(type).u32(tx.version()).u32(tx.lockTime());
        if (!alone) {
            out.bytes(shared.prevouts())
                    .bytes(shared.amounts())
                    .bytes(shared.scripts())
                    .bytes(shared.sequences());
        }
        if (output == ALL) {
            out.bytes(shared.outputs());
        }
        byte[] annexHash = context.annexHash();
        int extension = version == SigVersion.TAPSCRIPT ? 2 : 0;
        out.u8(extension + (annexHash == null ? 0 : 1));
        if (alone) {
            TxIn in = shared.input(input);
            in.prevout().write(out);
            shared.spent().get(input).write(out);
            out.u32(in.sequence());
        } else {
            out.i32(input);
        }
        if (annexHash != null) {
            out.bytes(annexHash);
        }
        if (output == SINGLE) {
            var single = new ByteWriter();
            tx.outputs().get(input).write(single);
            out.bytes(Sha256.hash(single.toByteArray()));
        }
        if (version == SigVersion.TAPSCRIPT) {
            byte[] leafHash = Check.present(context.leafHash(), "a tapscript has a leaf");
            // The key version, always 0.
            out.bytes(leafHash).u8(0).u32(context.codeSeparatorPosition());
        }
        Bytes bytes = out.toBytes();
        return TAP_SIGHASH
                .begin()
                .update(bytes.backingArray(), bytes.backingOffset(), bytes.length())
                .finish();
    }

    private static byte[] twice(ByteWriter out) {
        Bytes bytes = out.toBytes();
        return Sha256.hashTwice(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    }
}
