package weft.consensus.script;

import weft.crypto.Secp256k1;

/// The last step of a signature check. A cache of signatures known to be right is another implementation of
/// this.
public interface SignatureVerifier {
    /// Asks the process's curve, every time; the library is loaded at the first signature.
    SignatureVerifier CURVE =
            new SignatureVerifier() {
                @Override
                public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
                    return Secp256k1.get().ecdsaVerify(signature, digest, publicKey);
                }

                @Override
                public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
                    return Secp256k1.get().schnorrVerify(signature, digest, publicKey);
                }
            };

    /// Whether an ECDSA signature is right, its encoding as lax as before BIP-0066.
    ///
    /// @param signature without hash type
    /// @param digest 32 bytes
    /// @param publicKey 33 or 65 bytes
    boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey);

    /// Whether a Schnorr signature is right. See BIP-0340.
    ///
    /// @param signature 64 bytes
    /// @param digest 32 bytes
    /// @param publicKey 32 bytes
    boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey);

    /// Asks the curve, every time.
    static SignatureVerifier of(Secp256k1 curve) {
        return new SignatureVerifier() {
            @Override
            public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
                return curve.ecdsaVerify(signature, digest, publicKey);
            }

            @Override
            public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
                return curve.schnorrVerify(signature, digest, publicKey);
            }
        };
    }
}
