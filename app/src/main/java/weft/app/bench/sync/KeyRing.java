package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.SigHash;
import weft.consensus.script.SigVersion;
import weft.consensus.script.Taproot;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.address.Address;

/// The keys of a synthetic chain, the scripts that lock coins to them, and the signatures that open those.
/// Safe for use by several threads.
final class KeyRing {
    private static final int SECRET_BYTES = 32;
    private static final byte[] NO_AUX = new byte[SECRET_BYTES];
    private static final Bytes ALL = Bytes.wrap(new byte[] {SigHash.ALL});

    /// What stands in an input to open a coin.
    record Unlock(Bytes scriptSig, Witness witness) {}

    private final List<byte[]> secrets = new ArrayList<>();
    private final List<byte[]> keys = new ArrayList<>();
    private final Map<CoinKind, Bytes[]> locks = new EnumMap<>(CoinKind.class);

    /// @param size number of keys, at least 3
    KeyRing(RandomGenerator random, int size) {
        while (secrets.size() < size) {
            byte[] secret = new byte[SECRET_BYTES];
            random.nextBytes(secret);
            if (Secp256k1.get().isValidSecretKey(secret)) {
                secrets.add(secret);
                keys.add(Secp256k1.get().publicKey(secret, true));
            }
        }
        for (CoinKind kind : CoinKind.values()) {
            var scripts = new Bytes[size];
            for (int owner = 0; owner < size; owner++) {
                scripts[owner] = makeLock(kind, owner);
            }
            locks.put(kind, scripts);
        }
    }

    int size() {
        return secrets.size();
    }

    /// The script of an output that belongs to an owner.
    Bytes lock(CoinKind kind, int owner) {
        return Check.present(locks.get(kind), "every kind has scripts")[owner];
    }

    private Bytes makeLock(CoinKind kind, int owner) {
        Bytes keyHash = Bytes.wrap(Hash160.hash(keys.get(owner)));
        return switch (kind) {
            case P2PKH -> new Address.P2pkh(keyHash).scriptPubKey();
            case P2SH_MULTISIG ->
                    new Address.P2sh(Bytes.wrap(Hash160.hash(multisig(owner).toByteArray())))
                            .scriptPubKey();
            case P2WPKH -> new Address.WitnessProgram(0, keyHash).scriptPubKey();
            case P2WSH_MULTISIG ->
                    new Address.WitnessProgram(
                                    0, Bytes.wrap(Sha256.hash(multisig(owner).toByteArray())))
                            .scriptPubKey();
            case P2TR_KEY, P2TR_SCRIPT ->
                    new Address.WitnessProgram(1, Bytes.wrap(outputKey(kind, owner)).slice(1, 32))
                            .scriptPubKey();
        };
    }

    private byte[] xOnly(int owner) {
        return Bytes.wrap(keys.get(owner)).slice(1, 32).toByteArray();
    }

    private Bytes leaf(int owner) {
        return new ScriptBuilder().push(xOnly(owner)).op(Opcode.OP_CHECKSIG).build();
    }

    private byte[] merkleRoot(CoinKind kind, int owner) {
        return kind == CoinKind.P2TR_SCRIPT
                ? Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, leaf(owner))
                : new byte[0];
    }

    private byte[] outputKey(CoinKind kind, int owner) {
        byte[] internal = xOnly(owner);
        return Secp256k1.get()
                .xOnlyTweakAdd(internal, Taproot.tweak(internal, merkleRoot(kind, owner)))
                .orElseThrow();
    }

    private int member(int owner, int index) {
        return (owner + index) % secrets.size();
    }

    private Bytes multisig(int owner) {
        var script = new ScriptBuilder().number(2);
        for (int i = 0; i < 3; i++) {
            script.push(keys.get(member(owner, i)));
        }
        return script.number(3).op(Opcode.OP_CHECKMULTISIG).build();
    }

    /// Which of the three does not sign; the same for a coin whenever it is asked.
    private static int absent(SyntheticCoin coin) {
        return (int) ((coin.outPoint().index() + coin.owner()) % 3);
    }

    /// ECDSA verifications that spending a coin takes. OP_CHECKMULTISIG tries the last key first, and one
    /// more verification fails where a key in front of a signer's does not sign.
    static int ecdsaChecks(SyntheticCoin coin) {
        if (coin.kind().isTaproot()) {
            return 0;
        }
        return !coin.kind().isMultisig() ? 1 : absent(coin) == 0 ? 2 : 3;
    }

    /// Signs one input of a transaction whose other parts are final.
    Unlock unlock(SyntheticCoin coin, PrecomputedTxHashes shared, int input) {
        return switch (coin.kind()) {
            case P2PKH -> {
                byte[] digest =
                        SigHash.legacy(
                                shared.tx(),
                                input,
                                coin.output().scriptPubKey().toByteArray(),
                                SigHash.ALL);
                Bytes script =
                        new ScriptBuilder()
                                .push(ecdsa(digest, coin.owner()))
                                .push(keys.get(coin.owner()))
                                .build();
                yield new Unlock(script, Witness.EMPTY);
            }
            case P2WPKH -> {
                byte[] code = lock(CoinKind.P2PKH, coin.owner()).toByteArray();
                byte[] digest = witnessDigest(shared, input, code, coin.output());
                yield new Unlock(
                        Bytes.EMPTY,
                        Witness.of(
                                ecdsa(digest, coin.owner()), Bytes.wrap(keys.get(coin.owner()))));
            }
            case P2SH_MULTISIG, P2WSH_MULTISIG -> unlockMultisig(coin, shared, input);
            case P2TR_KEY, P2TR_SCRIPT -> unlockTaproot(coin, shared, input);
        };
    }

    private Unlock unlockMultisig(SyntheticCoin coin, PrecomputedTxHashes shared, int input) {
        Bytes script = multisig(coin.owner());
        boolean isLegacy = coin.kind() == CoinKind.P2SH_MULTISIG;
        byte[] code = script.toByteArray();
        byte[] digest =
                isLegacy
                        ? SigHash.legacy(shared.tx(), input, code, SigHash.ALL)
                        : witnessDigest(shared, input, code, coin.output());
        var items = new ArrayList<Bytes>();
        items.add(Bytes.EMPTY);
        for (int i = 0; i < 3; i++) {
            if (i != absent(coin)) {
                items.add(ecdsa(digest, member(coin.owner(), i)));
            }
        }
        items.add(script);
        if (!isLegacy) {
            return new Unlock(Bytes.EMPTY, new Witness(items));
        }
        var builder = new ScriptBuilder();
        items.forEach(builder::push);
        return new Unlock(builder.build(), Witness.EMPTY);
    }

    private Unlock unlockTaproot(SyntheticCoin coin, PrecomputedTxHashes shared, int input) {
        int owner = coin.owner();
        byte[] root = merkleRoot(coin.kind(), owner);
        if (coin.kind() == CoinKind.P2TR_KEY) {
            byte[] digest =
                    Check.present(
                            SigHash.taproot(
                                    shared,
                                    input,
                                    SigHash.DEFAULT,
                                    SigVersion.TAPROOT,
                                    new ExecutionContext(null)),
                            "the default type always has a digest");
            byte[] secret =
                    Secp256k1.get()
                            .xOnlySecretTweakAdd(
                                    secrets.get(owner), Taproot.tweak(xOnly(owner), root))
                            .orElseThrow();
            byte[] signature = Secp256k1.get().schnorrSign(digest, secret, NO_AUX);
            return new Unlock(Bytes.EMPTY, Witness.of(Bytes.wrap(signature)));
        }
        byte[] digest =
                Check.present(
                        SigHash.taproot(
                                shared,
                                input,
                                SigHash.DEFAULT,
                                SigVersion.TAPSCRIPT,
                                new ExecutionContext(null, root)),
                        "the default type always has a digest");
        byte[] signature = Secp256k1.get().schnorrSign(digest, secrets.get(owner), NO_AUX);
        int parity = outputKey(coin.kind(), owner)[0] & 1;
        Bytes control =
                Bytes.wrap(new byte[] {(byte) (Taproot.LEAF_TAPSCRIPT | parity)})
                        .plus(Bytes.wrap(xOnly(owner)));
        return new Unlock(Bytes.EMPTY, Witness.of(Bytes.wrap(signature), leaf(owner), control));
    }

    private static byte[] witnessDigest(
            PrecomputedTxHashes shared, int input, byte[] code, TxOut output) {
        return SigHash.witnessV0(shared, input, code, output.value(), SigHash.ALL);
    }

    private Bytes ecdsa(byte[] digest, int owner) {
        return Bytes.wrap(Secp256k1.get().ecdsaSign(digest, secrets.get(owner))).plus(ALL);
    }

    /// What a transaction without its signatures shares between them.
    static PrecomputedTxHashes shared(Transaction unsigned, List<SyntheticCoin> coins) {
        return PrecomputedTxHashes.forSigning(
                unsigned, coins.stream().map(SyntheticCoin::output).toList());
    }
}
