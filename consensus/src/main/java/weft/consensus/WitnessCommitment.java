package weft.consensus;

import java.util.List;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// The output of a coinbase that binds a block to its witnesses. See BIP-0141.
public final class WitnessCommitment {
    /// How a script that commits begins: OP_RETURN, a push of 36 bytes, four bytes of magic.
    public static final Bytes PREFIX = Bytes.parse("6a24aa21a9ed");

    private static final int SCRIPT_BYTES_MIN = 38;

    private WitnessCommitment() {}

    /// Index of the output that commits, the last one that looks like it; -1 if there is none.
    public static int indexIn(Transaction coinbase) {
        List<TxOut> outputs = coinbase.outputs();
        for (int i = outputs.size() - 1; i >= 0; i--) {
            Bytes script = outputs.get(i).scriptPubKey();
            if (script.length() >= SCRIPT_BYTES_MIN && script.startsWith(PREFIX)) {
                return i;
            }
        }
        return -1;
    }

    /// What a block must commit to.
    ///
    /// @param nonce 32 bytes from the coinbase's witness
    public static Digest256 of(Block block, Bytes nonce) {
        byte[] root = MerkleRoot.ofWitnesses(block).toByteArray();
        return of(root, nonce);
    }

    static Digest256 of(byte[] witnessRoot, Bytes nonce) {
        return Digest256.of(
                new Sha256().update(witnessRoot).update(nonce.toByteArray()).finishTwice());
    }

    /// The script of an output that commits.
    public static Bytes script(Digest256 commitment) {
        return PREFIX.plus(Bytes.wrap(commitment.toByteArray()));
    }
}
