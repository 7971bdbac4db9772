package weft.consensus.script;

import java.util.ArrayList;
import java.util.List;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// Spends of one output, made as an attacker would, under the rules of blocks.
final class Spends {
    /// The rules of the youngest blocks.
    static final int FLAGS = ScriptFlags.MANDATORY | ScriptFlags.P2SH | ScriptFlags.WITNESS;

    private static final Bytes INTERNAL = Bytes.wrap(key(7)).slice(1, 32);

    private Spends() {}

    /// A public key.
    static byte[] key(int secret) {
        return Secp256k1.get().publicKey(secret(secret), true);
    }

    static byte[] secret(int number) {
        byte[] secret = new byte[32];
        secret[31] = (byte) number;
        return secret;
    }

    static Transaction tx(Bytes scriptSig, Witness witness) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(5, 6, 7, 8), 3), scriptSig, 0)),
                List.of(new TxOut(1, Bytes.parse("51"))),
                List.of(witness),
                0);
    }

    /// Runs the two scripts of an output of old.
    static ScriptError bare(Bytes scriptSig, Bytes scriptPubKey, int flags) {
        return run(tx(scriptSig, Witness.EMPTY), scriptPubKey, flags);
    }

    static ScriptError bare(String scriptSig, String scriptPubKey) {
        return bare(ScriptText.parse(scriptSig), ScriptText.parse(scriptPubKey), FLAGS);
    }

    static ScriptError run(Transaction tx, Bytes scriptPubKey, int flags) {
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(5, scriptPubKey)));
        return Interpreter.verifyInput(shared, 0, flags);
    }

    /// Runs a script behind its hash in witness version 0.
    static ScriptError version0(Bytes script, List<Bytes> arguments) {
        Bytes program = Bytes.wrap(Sha256.hash(script.toByteArray()));
        Bytes output = new ScriptBuilder().op(Opcode.OP_0).push(program).build();
        var items = new ArrayList<>(arguments);
        items.add(script);
        return run(tx(Bytes.EMPTY, new Witness(items)), output, FLAGS);
    }

    /// Runs the only leaf of a taproot output.
    static ScriptError tapscript(Bytes script, List<Bytes> arguments, int flags) {
        byte[] root = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
        byte[] internal = INTERNAL.toByteArray();
        Bytes tweaked =
                Bytes.wrap(
                        Secp256k1.get()
                                .xOnlyTweakAdd(internal, Taproot.tweak(internal, root))
                                .orElseThrow());
        Bytes output = new ScriptBuilder().op(Opcode.OP_1).push(tweaked.from(1)).build();
        int parity = tweaked.at(0) & 1;
        var items = new ArrayList<>(arguments);
        items.add(script);
        byte[] first = {(byte) (Taproot.LEAF_TAPSCRIPT | parity)};
        items.add(Bytes.wrap(first).plus(INTERNAL));
        return run(tx(Bytes.EMPTY, new Witness(items)), output, flags);
    }
}
