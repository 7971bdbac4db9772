package weft.app.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;

/// Key pairs made from a seed.
final class Keys {
    private static final int SECRET_BYTES = 32;
    private static final byte[] NO_AUX = new byte[SECRET_BYTES];

    private final List<byte[]> secrets = new ArrayList<>();

    /// @param size number of keys, at least 1
    Keys(RandomGenerator random, int size) {
        while (secrets.size() < size) {
            byte[] secret = new byte[SECRET_BYTES];
            random.nextBytes(secret);
            if (Secp256k1.get().isValidSecretKey(secret)) {
                secrets.add(secret);
            }
        }
    }

    int size() {
        return secrets.size();
    }

    private byte[] secret(int key) {
        return secrets.get(Math.floorMod(key, secrets.size()));
    }

    /// A public key: 33 bytes if compressed, else 65.
    Bytes publicKey(int key, boolean compressed) {
        return Bytes.wrap(Secp256k1.get().publicKey(secret(key), compressed));
    }

    Bytes compressed(int key) {
        return publicKey(key, true);
    }

    /// 32 bytes. See BIP-0340.
    Bytes xOnly(int key) {
        return Bytes.wrap(Secp256k1.get().xOnlyPublicKey(secret(key)));
    }

    /// The key of a taproot output: the parity and 32 bytes.
    ///
    /// @param root of the scripts; empty for none
    Bytes outputKey(int key, byte[] root) {
        byte[] internal = xOnly(key).toByteArray();
        return Bytes.wrap(
                Secp256k1.get()
                        .xOnlyTweakAdd(internal, Taproot.tweak(internal, root))
                        .orElseThrow());
    }

    /// In DER, without a hash type.
    Bytes ecdsa(int key, byte[] digest) {
        return Bytes.wrap(Secp256k1.get().ecdsaSign(digest, secret(key)));
    }

    /// 64 bytes.
    Bytes schnorr(int key, byte[] digest) {
        return Bytes.wrap(Secp256k1.get().schnorrSign(digest, secret(key), NO_AUX));
    }

    /// 64 bytes, by the key of an output without scripts.
    Bytes schnorrTweaked(int key, byte[] digest) {
        byte[] internal = xOnly(key).toByteArray();
        byte[] tweaked =
                Secp256k1.get()
                        .xOnlySecretTweakAdd(secret(key), Taproot.tweak(internal, new byte[0]))
                        .orElseThrow();
        return Bytes.wrap(Secp256k1.get().schnorrSign(digest, tweaked, NO_AUX));
    }
}
