package weft.wallet.sign;

import org.jspecify.annotations.Nullable;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.primitives.Bytes;

/// Makes signatures for one input. [TransactionSigner] makes real ones, [PlaceholderSigner] ones of the same
/// length.
public interface SignatureCreator {
    /// An ECDSA signature.
    ///
    /// @param keyId hash of the public key
    /// @param scriptCode what is signed of the script
    /// @param version [SigVersion#BASE] or [SigVersion#WITNESS_V0]
    /// @return with its hash type; null if it cannot be made
    @Nullable Bytes ecdsa(
            SigningProvider provider, Bytes keyId, Bytes scriptCode, SigVersion version);

    /// A Schnorr signature for a taproot output's key.
    ///
    /// @param xOnly the key inside, or the key of the output itself
    /// @param merkleRoot what the key inside is tweaked with; empty if there are no scripts, null for a key
    ///     that signs as it is
    /// @return with its hash type if it has one; null if it cannot be made
    @Nullable Bytes schnorrByKey(SigningProvider provider, Bytes xOnly, @Nullable Bytes merkleRoot);

    /// A Schnorr signature in a tapscript.
    ///
    /// @param leafHash 32 bytes
    /// @return with its hash type if it has one; null if it cannot be made
    @Nullable Bytes schnorrByScript(SigningProvider provider, Bytes xOnly, Bytes leafHash);

    /// What the finished input is checked with.
    SignatureChecker checker();
}
