package weft.app.attack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Transactions before segwit, of the largest weight that is relayed, whose signatures hash as much of them
/// as relay allows: fifteen checks an input, of two signatures in turn that cover different parts, so that no
/// digest is that of the check before. The last input breaks a rule of relay, not of blocks.
final class ManyChecks {
    /// Where checks times bytes are most: with more inputs there are fewer outputs to hash.
    static final int INPUTS = 200;

    private static final int OUTPUTS = 1_300;

    /// The secret key 1, and its public key.
    private static final byte[] SECRET = secret();

    private static final Bytes KEY =
            Bytes.parse("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

    /// 2DUP CHECKSIGVERIFY ROT SWAP: the signature on top, then the other comes to the top.
    private static final Bytes CHECKS =
            new ScriptBuilder()
                    .push(KEY)
                    .raw(Bytes.parse("6ead7b7c".repeat(14) + "6ead6d"))
                    .build();

    /// Has a NOP10 in the end.
    private static final Bytes LAST = CHECKS.plus(Bytes.parse("b9"));

    private ManyChecks() {}

    private static byte[] secret() {
        byte[] one = new byte[32];
        one[31] = 1;
        return one;
    }

    private static Bytes redeem(int input) {
        return input < INPUTS - 1 ? CHECKS : LAST;
    }

    static Bytes payTo(Bytes redeem) {
        return Bytes.parse("a914")
                .plus(Bytes.wrap(Hash160.hash(redeem.toByteArray())))
                .plus(Bytes.parse("87"));
    }

    /// Outputs that it spends.
    static List<TxOut> outputs(long valueEach) {
        var outputs = new ArrayList<TxOut>();
        for (int i = 0; i < INPUTS; i++) {
            outputs.add(new TxOut(valueEach, payTo(redeem(i))));
        }
        return outputs;
    }

    /// Spends them.
    ///
    /// @param coins whose outputs they are
    /// @param from number of the first
    static Transaction spend(Transaction coins, int from, long valueEach) {
        var outputs = Collections.nCopies(OUTPUTS, new TxOut(valueEach, payTo(CHECKS)));
        var inputs = new ArrayList<TxIn>();
        for (int i = 0; i < INPUTS; i++) {
            inputs.add(new TxIn(new OutPoint(coins.txid(), from + i), Bytes.EMPTY, 0));
        }
        Transaction draft = Transaction.of(2, inputs, outputs, List.of(), 0);
        var signed = new ArrayList<TxIn>();
        for (int i = 0; i < INPUTS; i++) {
            Bytes script =
                    new ScriptBuilder()
                            .push(sign(draft, i, SigHash.ALL | SigHash.ANYONECANPAY))
                            .push(sign(draft, i, SigHash.ALL))
                            .push(redeem(i))
                            .build();
            signed.add(new TxIn(inputs.get(i).prevout(), script, 0));
        }
        return Transaction.of(2, signed, outputs, List.of(), 0);
    }

    private static Bytes sign(Transaction draft, int input, int type) {
        byte[] digest = SigHash.legacy(draft, input, redeem(input).toByteArray(), type);
        Bytes signature = Bytes.wrap(Secp256k1.get().ecdsaSign(digest, SECRET));
        return signature.plus(Bytes.wrap(new byte[] {(byte) type}));
    }
}
