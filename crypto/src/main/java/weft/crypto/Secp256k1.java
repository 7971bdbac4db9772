package weft.crypto;

import java.util.Optional;
import weft.crypto.internal.Secp256k1Provider;

/// The curve secp256k1: ECDSA, Schnorr (BIP-0340), ElligatorSwift (BIP-0324) and key arithmetic.
///
/// Byte arrays go in, a verdict or new bytes come out. What may come from outside (signatures, public keys,
/// messages of Schnorr signatures) may have any length and content: the answer is then `false` or empty.
/// What is ours (digests, secret keys, tweaks, seeds) must have its length, else
/// [IllegalArgumentException]; a secret key that is zero or not below the group order gives the same
/// exception, except where a method asks just that.
///
/// Public keys are taken in every form that Bitcoin's consensus takes: 33 bytes (02, 03), 65 bytes (04) and
/// the hybrid 65 bytes (06, 07). Implementations keep no state between calls and are safe for use by many
/// threads.
public interface Secp256k1 {
    /// Length of a secret key in bytes.
    int SECRET_KEY_BYTES = 32;

    /// Length of an x-only public key in bytes (BIP-0340).
    int X_ONLY_BYTES = 32;

    /// Length of a compressed public key in bytes.
    int COMPRESSED_BYTES = 33;

    /// Length of an uncompressed public key in bytes.
    int UNCOMPRESSED_BYTES = 65;

    /// Length of a compact ECDSA signature and of a Schnorr signature in bytes.
    int SIGNATURE_BYTES = 64;

    /// Length of an ElligatorSwift encoding in bytes.
    int ELLSWIFT_BYTES = 64;

    /// The implementation of this process, chosen at the first call: libsecp256k1 where it can be loaded,
    /// else the one in Java alone, which gives the same answers more slowly. The system property
    /// `weft.secp256k1` chooses: `native` (the library that comes along, or none), `pure`, or the path of a
    /// library file.
    ///
    /// @throws Secp256k1Unavailable if the property asks for a library that cannot be loaded; the message
    ///     says what was tried
    static Secp256k1 get() {
        return Secp256k1Provider.get();
    }

    /// Which implementation this is, in words for logs: `libsecp256k1 from …` or `pure Java` and why.
    String name();

    /// Whether the bytes are a public key: one of the forms above and a point of the curve.
    boolean isValidPublicKey(byte[] publicKey);

    /// Whether the bytes are an x-only public key: 32 bytes that are the x coordinate of a point (BIP-0340).
    boolean isValidXOnly(byte[] xOnly);

    /// Whether the bytes are a secret key: 32 bytes, not zero, below the group order.
    boolean isValidSecretKey(byte[] secretKey);

    /// The public key of a secret key.
    ///
    /// @return 33 bytes if `compressed`, else 65
    byte[] publicKey(byte[] secretKey, boolean compressed);

    /// The same public key in the compressed (33 bytes) or uncompressed form (65 bytes).
    ///
    /// @return empty if it is no public key
    Optional<byte[]> convertPublicKey(byte[] publicKey, boolean compressed);

    /// The x-only public key of a secret key (BIP-0340).
    ///
    /// @return 32 bytes
    byte[] xOnlyPublicKey(byte[] secretKey);

    /// The secret key plus a number, modulo the group order (BIP-0032).
    ///
    /// @param tweak 32 bytes, big-endian
    /// @return empty if the tweak is not below the group order or the sum is zero
    Optional<byte[]> secretKeyTweakAdd(byte[] secretKey, byte[] tweak);

    /// The public key plus `tweak` times the generator (BIP-0032).
    ///
    /// @param tweak 32 bytes, big-endian
    /// @return compressed; empty if it is no public key, the tweak is too large or the sum is infinity
    Optional<byte[]> publicKeyTweakAdd(byte[] publicKey, byte[] tweak);

    /// The public key times a number that is no secret: libsecp256k1 takes a time that depends on it. For
    /// secrets there is [#ecdh].
    ///
    /// @param factor 32 bytes, big-endian
    /// @return compressed; empty if it is no public key, or the factor is zero or too large
    Optional<byte[]> publicKeyMultiply(byte[] publicKey, byte[] factor);

    /// The sum of public keys.
    ///
    /// @return compressed; empty if one is no public key, there is none or the sum is infinity
    Optional<byte[]> publicKeySum(byte[]... publicKeys);

    /// Verifies an ECDSA signature as Bitcoin's consensus does: the signature in lax DER without its hash
    /// type byte (see [EcdsaSignature#parseLax]), S above half the order counts as its negative.
    ///
    /// @param digest32 32 bytes
    boolean ecdsaVerify(byte[] laxDerSignature, byte[] digest32, byte[] publicKey);

    /// Signs as Bitcoin Core does: nonce by RFC 6979, S in the lower half, and, by trying further nonces,
    /// an R that needs no padding, so that the signature has at most 70 bytes.
    ///
    /// @return the signature in DER without a hash type byte
    byte[] ecdsaSign(byte[] digest32, byte[] secretKey);

    /// Signs with the first nonce of RFC 6979, whatever R becomes; S in the lower half.
    ///
    /// @return the signature in DER without a hash type byte
    byte[] ecdsaSignFirstNonce(byte[] digest32, byte[] secretKey);

    /// Signs so that the public key can be recovered.
    ///
    /// @return 65 bytes: the recovery id (0 to 3), then R and S, 32 bytes each
    byte[] ecdsaSignRecoverable(byte[] digest32, byte[] secretKey);

    /// The public key with which a signature is valid.
    ///
    /// @param signature 65 bytes as [#ecdsaSignRecoverable] makes them
    /// @return empty if there is none
    Optional<byte[]> ecdsaRecover(byte[] signature, byte[] digest32, boolean compressed);

    /// SHA-256 of the compressed point `secretKey · publicKey`.
    ///
    /// @return 32 bytes; empty if it is no public key
    Optional<byte[]> ecdh(byte[] publicKey, byte[] secretKey);

    /// Verifies a Schnorr signature (BIP-0340).
    ///
    /// @param signature 64 bytes
    /// @param message any length; 32 bytes in Bitcoin
    /// @param xOnly 32 bytes
    boolean schnorrVerify(byte[] signature, byte[] message, byte[] xOnly);

    /// Signs 32 bytes with Schnorr (BIP-0340).
    ///
    /// @param aux 32 bytes of fresh randomness, or zeros
    /// @return 64 bytes
    byte[] schnorrSign(byte[] message32, byte[] secretKey, byte[] aux);

    /// Whether `internal + tweak · G` has the x coordinate `tweaked` and the parity (BIP-0341).
    ///
    /// @param parity 0 for even y, 1 for odd y
    /// @param tweak 32 bytes
    boolean xOnlyTweakAddCheck(byte[] tweaked, int parity, byte[] internal, byte[] tweak);

    /// `internal + tweak · G` as a compressed key: 02 or 03 tells the parity, the other 32 bytes are the
    /// x-only key.
    ///
    /// @param tweak 32 bytes
    /// @return empty if `internal` is no x-only key, the tweak is too large or the sum is infinity
    Optional<byte[]> xOnlyTweakAdd(byte[] internal, byte[] tweak);

    /// The secret key of [#xOnlyTweakAdd]: negated first where its public key has an odd y (BIP-0341).
    ///
    /// @return 32 bytes; empty if the tweak is too large or the sum is zero
    Optional<byte[]> xOnlySecretTweakAdd(byte[] secretKey, byte[] tweak);

    /// An ElligatorSwift encoding of the public key of a secret key, one of many (BIP-0324).
    ///
    /// @param aux 32 bytes of fresh randomness
    /// @return 64 bytes
    byte[] ellswiftCreate(byte[] secretKey, byte[] aux);

    /// The public key that an ElligatorSwift encoding stands for; every 64 bytes stand for one.
    ///
    /// @param encoding 64 bytes
    /// @return compressed
    byte[] ellswiftDecode(byte[] encoding);

    /// The shared secret of BIP-0324.
    ///
    /// @param ours our encoding, made from `secretKey`, 64 bytes
    /// @param theirs the peer's encoding, 64 bytes
    /// @param initiating whether we opened the connection
    /// @return 32 bytes
    byte[] ellswiftXdhBip324(byte[] ours, byte[] theirs, byte[] secretKey, boolean initiating);
}
