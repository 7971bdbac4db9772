package weft.mining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.consensus.BlockCheck;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteWriter;

/// The coinbase of a block to be mined, with a gap for the extra nonce. Its script is the height, the extra
/// nonce and a text.
///
/// @param height of the block
/// @param value what the first output gets, in satoshis
/// @param payTo script of the first output
/// @param commitment script of the second output; empty if the block commits to no witnesses
/// @param text bytes at the end of the script
/// @param gap length of the extra nonce in bytes
public record CoinbasePlan(
        int height, long value, Bytes payTo, Optional<Bytes> commitment, Bytes text, int gap) {
    /// Longest text: what height, extra nonce and their pushes leave of the 100 bytes that the rules allow.
    public static final int TEXT_BYTES_MAX = 75;

    /// Longest extra nonce.
    public static final int GAP_BYTES_MAX = 16;

    /// Checks the lengths.
    public CoinbasePlan {
        Check.argument(text.length() <= TEXT_BYTES_MAX, "the text is too long");
        Check.argument(gap >= 1 && gap <= GAP_BYTES_MAX, "1 to 16 bytes of extra nonce");
    }

    /// The transaction.
    ///
    /// @param extraNonce as long as the gap
    public Transaction with(Bytes extraNonce) {
        Check.argument(extraNonce.length() == gap, "the extra nonce fills the gap");
        var input = new TxIn(OutPoint.NULL, script(extraNonce), TxIn.SEQUENCE_FINAL);
        var outputs = new ArrayList<TxOut>();
        outputs.add(new TxOut(value, payTo));
        commitment.ifPresent(script -> outputs.add(new TxOut(0, script)));
        List<Witness> witnesses =
                commitment.isPresent()
                        ? List.of(Witness.of(Bytes.wrap(new byte[Digest256.BYTES])))
                        : List.of();
        return Transaction.of(2, List.of(input), outputs, witnesses, 0);
    }

    private Bytes script(Bytes extraNonce) {
        // One push of extra nonce and text together, after the height that BIP-0034 asks for.
        return BlockCheck.heightPush(height)
                .plus(new ScriptBuilder().push(extraNonce.plus(text)).build());
    }

    /// The bytes before the extra nonce, of the transaction without its witness: what its id is the hash of.
    public Bytes head() {
        Bytes whole = stripped();
        return whole.slice(0, gapAt());
    }

    /// The bytes after the extra nonce.
    public Bytes tail() {
        return stripped().from(gapAt() + gap);
    }

    private Bytes stripped() {
        var out = new ByteWriter();
        with(Bytes.wrap(new byte[gap])).write(out, Transaction.Encoding.LEGACY);
        return out.toBytes();
    }

    /// Version, count of inputs, outpoint, length of the script; then the height and how the push begins.
    private int gapAt() {
        int beforeScript = 4 + 1 + 36 + 1;
        int pushOf = gap + text.length();
        int opcodes = pushOf > 75 ? 2 : 1;
        return beforeScript + BlockCheck.heightPush(height).length() + opcodes;
    }
}
