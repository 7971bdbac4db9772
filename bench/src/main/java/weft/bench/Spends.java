package weft.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.consensus.script.SigVersion;
import weft.consensus.script.Taproot;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// A transaction of one input and the output that it spends.
record Spends(Transaction tx, List<TxOut> spent) {
    private static final Secp256k1 CURVE = Secp256k1.get();
    private static final byte[] AUX = new byte[32];
    private static final byte[] NO_SCRIPTS = {};

    /// A secret key that is a small number.
    static byte[] secret(int number) {
        byte[] secret = new byte[Secp256k1.SECRET_KEY_BYTES];
        secret[30] = (byte) (number >>> 8);
        secret[31] = (byte) number;
        return secret;
    }

    static Spends unsigned(Bytes scriptPubKey) {
        var in = new TxIn(new OutPoint(new Txid(1, 2, 3, 4), 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        var spent = new TxOut(10_000, scriptPubKey);
        var out = new TxOut(9_000, Bytes.EMPTY);
        Transaction tx = Transaction.of(1, List.of(in), List.of(out), List.of(), 0);
        return new Spends(tx, List.of(spent));
    }

    PrecomputedTxHashes hashes() {
        return PrecomputedTxHashes.of(tx, spent);
    }

    private Spends with(byte[]... items) {
        var witness = new Witness(Arrays.stream(items).map(Bytes::wrap).toList());
        Transaction signed =
                Transaction.of(1, tx.inputs(), tx.outputs(), List.of(witness), tx.lockTime());
        return new Spends(signed, spent);
    }

    private static byte[] withType(byte[] signature) {
        byte[] typed = Arrays.copyOf(signature, signature.length + 1);
        typed[signature.length] = SigHash.ALL;
        return typed;
    }

    static Bytes witnessKeyHash(byte[] publicKey) {
        return new ScriptBuilder()
                .op(Opcode.OP_0)
                .push(Bytes.wrap(Hash160.hash(publicKey)))
                .build();
    }

    /// Signs an output that pays to the hash of a key.
    Spends signedByKeyHash(byte[] secret, byte[] publicKey) {
        byte[] code =
                new ScriptBuilder()
                        .op(Opcode.OP_DUP)
                        .op(Opcode.OP_HASH160)
                        .push(Bytes.wrap(Hash160.hash(publicKey)))
                        .op(Opcode.OP_EQUALVERIFY)
                        .op(Opcode.OP_CHECKSIG)
                        .build()
                        .toByteArray();
        var shared = PrecomputedTxHashes.forSigning(tx, spent);
        long amount = spent.getFirst().value();
        byte[] digest = SigHash.witnessV0(shared, 0, code, amount, SigHash.ALL);
        return with(withType(CURVE.ecdsaSign(digest, secret)), publicKey);
    }

    private static Bytes taproot(byte[] compressed) {
        return new ScriptBuilder()
                .op(Opcode.OP_1)
                .push(Bytes.wrap(Arrays.copyOfRange(compressed, 1, 33)))
                .build();
    }

    static Bytes taprootOutput(byte[] internalX, byte[] merkleRoot) {
        byte[] tweak = Taproot.tweak(internalX, merkleRoot);
        return taproot(CURVE.xOnlyTweakAdd(internalX, tweak).orElseThrow());
    }

    /// Signs an output without scripts by its key.
    Spends signedByTaprootKey(byte[] secret, byte[] internalX) {
        byte[] tweak = Taproot.tweak(internalX, NO_SCRIPTS);
        byte[] tweaked = CURVE.xOnlySecretTweakAdd(secret, tweak).orElseThrow();
        var shared = PrecomputedTxHashes.forSigning(tx, spent);
        var context = new ExecutionContext(null);
        byte[] digest = SigHash.taproot(shared, 0, SigHash.DEFAULT, SigVersion.TAPROOT, context);
        if (digest == null) {
            throw new IllegalStateException("no digest");
        }
        return with(CURVE.schnorrSign(digest, tweaked, AUX));
    }

    /// A spend of a P2WPKH output.
    static Spends keyHash(int key) {
        byte[] publicKey = CURVE.publicKey(secret(key), true);
        return unsigned(witnessKeyHash(publicKey)).signedByKeyHash(secret(key), publicKey);
    }

    /// A spend of a P2TR output by its key.
    static Spends taprootKey(int key) {
        byte[] internalX = CURVE.xOnlyPublicKey(secret(key));
        return unsigned(taprootOutput(internalX, NO_SCRIPTS))
                .signedByTaprootKey(secret(key), internalX);
    }

    /// A spend of a P2TR output by a script `<key> CHECKSIG` that has one neighbour in the tree.
    static Spends taprootScript(int key) {
        byte[] internalX = CURVE.xOnlyPublicKey(secret(key));
        Bytes script =
                new ScriptBuilder().push(Bytes.wrap(internalX)).op(Opcode.OP_CHECKSIG).build();
        byte[] leaf = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
        byte[] neighbour = new byte[32];
        byte[] root = Taproot.branchHash(leaf, neighbour);
        byte[] tweak = Taproot.tweak(internalX, root);
        byte[] output = CURVE.xOnlyTweakAdd(internalX, tweak).orElseThrow();
        byte[] control = new byte[65];
        control[0] = (byte) (Taproot.LEAF_TAPSCRIPT | (output[0] & 1));
        System.arraycopy(internalX, 0, control, 1, 32);
        System.arraycopy(neighbour, 0, control, 33, 32);
        Spends unsigned = unsigned(taproot(output));
        var shared = PrecomputedTxHashes.forSigning(unsigned.tx, unsigned.spent);
        byte[] digest =
                SigHash.taproot(
                        shared,
                        0,
                        SigHash.DEFAULT,
                        SigVersion.TAPSCRIPT,
                        new ExecutionContext(null, leaf));
        if (digest == null) {
            throw new IllegalStateException("no digest");
        }
        byte[] signature = CURVE.schnorrSign(digest, secret(key), AUX);
        return unsigned.with(signature, script.toByteArray(), control);
    }

    /// A transaction of many inputs, each from before segwit.
    static Transaction many(int inputs) {
        List<TxIn> in = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            in.add(new TxIn(new OutPoint(new Txid(i, 2, 3, 4), 0), Bytes.EMPTY, 0));
        }
        return Transaction.of(1, in, List.of(new TxOut(1, Bytes.EMPTY)), List.of(), 0);
    }
}
