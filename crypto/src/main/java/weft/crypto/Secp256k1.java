package weft.crypto;

import weft.crypto.internal.NativeSecp256k1;

/// Everything that Bitcoin needs of the curve secp256k1: bytes in, a verdict or bytes out. Safe for use by any number
/// of threads.
///
/// Points come and go in their 33-byte, 65-byte or 32-byte (x-only, BIP-0340) forms; secrets are 32 bytes, big-endian.
/// Arguments that come from peers are judged, never trusted: malformed ones give `false` or an empty array. An array
/// of a wrong length where only we choose the length is an [IllegalArgumentException].
public interface Secp256k1 {
    /// The implementation of this process: libsecp256k1.
    ///
    /// @throws CryptoException if the native library cannot be loaded on this platform
    static Secp256k1 get() {
        return Holder.INSTANCE;
    }

    /// Loads the library at first use, once.
    final class Holder {
        private static final Secp256k1 INSTANCE = NativeSecp256k1.load();

        private Holder() {}
    }

    /// Checks an ECDSA signature as consensus does: the encoding may be as lax as it was before BIP-0066, and a high
    /// S is as good as a low one.
    ///
    /// @param derSignature without its hash type
    /// @param digest 32 bytes
    /// @param publicKey 33 or 65 bytes, hybrid forms included
    boolean ecdsaVerify(byte[] derSignature, byte[] digest, byte[] publicKey);

    /// Signs with a deterministic nonce (RFC 6979), a low S, and an R short enough for 71 bytes of DER, as Bitcoin Core
    /// does.
    ///
    /// @return the signature in DER
    byte[] ecdsaSign(byte[] digest, byte[] secret);

    /// Signs with a deterministic nonce (RFC 6979) and a low S, whatever R comes first.
    ///
    /// @param extraEntropy 32 bytes that go into the nonce, or none
    /// @return R and S, 64 bytes
    byte[] ecdsaSignCompact(byte[] digest, byte[] secret, byte[] extraEntropy);

    /// Signs so that the public key can be computed from signature and digest.
    ///
    /// @return R and S and the recovery id, 65 bytes
    byte[] ecdsaSignRecoverable(byte[] digest, byte[] secret);

    /// The public key that made a signature.
    ///
    /// @param signature R and S, 64 bytes
    /// @param recoveryId 0 to 3
    /// @return 65 bytes; empty if there is no such key
    byte[] ecdsaRecover(byte[] signature, int recoveryId, byte[] digest);

    /// Whether a secret is neither zero nor beyond the order of the group.
    boolean isValidSecretKey(byte[] secret);

    /// Whether 33 or 65 bytes are a point.
    boolean isValidPublicKey(byte[] publicKey);

    /// The public key of a secret.
    ///
    /// @return 33 or 65 bytes
    byte[] publicKey(byte[] secret, boolean compressed);

    /// The same point in 65 bytes.
    ///
    /// @return empty if the bytes are no point
    byte[] decompress(byte[] publicKey);

    /// The sum of a secret and a tweak.
    ///
    /// @return 32 bytes; empty if the sum is no secret
    byte[] secretTweakAdd(byte[] secret, byte[] tweak);

    /// The point of a public key plus that of a tweak.
    ///
    /// @return 33 bytes; empty if there is no such point
    byte[] publicTweakAdd(byte[] publicKey, byte[] tweak);

    /// Checks a Schnorr signature. See BIP-0340.
    ///
    /// @param signature 64 bytes; any other length is no signature
    /// @param message of any length
    /// @param xOnlyKey 32 bytes
    boolean schnorrVerify(byte[] signature, byte[] message, byte[] xOnlyKey);

    /// Makes a Schnorr signature. See BIP-0340.
    ///
    /// @param message 32 bytes
    /// @param auxiliary 32 bytes of fresh randomness, or zeros
    /// @return 64 bytes
    byte[] schnorrSign(byte[] message, byte[] secret, byte[] auxiliary);

    /// The x-only key of a secret.
    byte[] xOnlyPublicKey(byte[] secret);

    /// The x-only key plus the point of a tweak, as taproot outputs are made. See BIP-0341.
    ///
    /// @return 33 bytes: parity (0 or 1), then the x coordinate; empty if there is no such point
    byte[] xOnlyTweakAdd(byte[] internalX, byte[] tweak);

    /// Whether a key is an internal key plus the point of a tweak. See BIP-0341.
    ///
    /// @param parity 0 if the y coordinate of the tweaked key is even, 1 if it is odd
    boolean xOnlyTweakAddCheck(byte[] tweakedX, int parity, byte[] internalX, byte[] tweak);

    /// A public key as 64 bytes that look random. See BIP-0324.
    ///
    /// @param auxiliary 32 bytes of fresh randomness
    byte[] ellswiftCreate(byte[] secret, byte[] auxiliary);

    /// The public key that 64 bytes stand for; any 64 bytes stand for one.
    ///
    /// @return 33 bytes
    byte[] ellswiftDecode(byte[] encoded);

    /// The secret that two sides share. See BIP-0324.
    ///
    /// @param ours 64 bytes, made of `secret`
    /// @param theirs 64 bytes
    /// @param initiating whether we began the connection
    /// @return 32 bytes
    byte[] ellswiftXdhBip324(byte[] ours, byte[] theirs, byte[] secret, boolean initiating);
}
