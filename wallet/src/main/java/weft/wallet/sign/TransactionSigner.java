package weft.wallet.sign;

import org.jspecify.annotations.Nullable;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.SigHash;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.consensus.script.SignatureVerifier;
import weft.consensus.script.Taproot;
import weft.consensus.script.TransactionSignatureChecker;
import weft.crypto.Secp256k1;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.address.PrivateKey;

/// Signs one input of a transaction. Schnorr signatures are made without extra randomness, so that the same
/// input gives the same bytes. Not safe for use by two threads.
public final class TransactionSigner implements SignatureCreator {
    private static final byte[] NO_AUX = new byte[32];

    private final PrecomputedTxHashes shared;
    private final int input;
    private final long amount;
    private final int hashType;

    /// Signs an input.
    ///
    /// @param shared with all spent outputs if taproot inputs are to be signed
    /// @param amount of the output spent, in satoshis
    /// @param hashType one of [SigHash]; [SigHash#DEFAULT] means all outputs
    public TransactionSigner(PrecomputedTxHashes shared, int input, long amount, int hashType) {
        this.shared = shared;
        this.input = input;
        this.amount = amount;
        this.hashType = hashType;
    }

    @Override
    public @Nullable Bytes ecdsa(
            SigningProvider provider, Bytes keyId, Bytes scriptCode, SigVersion version) {
        PrivateKey key = provider.privateKey(keyId);
        if (key == null) {
            return null;
        }
        boolean isWitness = version == SigVersion.WITNESS_V0;
        boolean isMoney = Amount.isInRange(amount);
        if (isWitness && (!key.isCompressed() || !isMoney)) {
            return null;
        }
        int type = hashType == SigHash.DEFAULT ? SigHash.ALL : hashType;
        byte[] code = scriptCode.toByteArray();
        byte[] digest =
                isWitness
                        ? SigHash.witnessV0(shared, input, code, amount, type)
                        : SigHash.legacy(shared.tx(), input, code, type);
        byte[] signature = Secp256k1.get().ecdsaSign(digest, key.secret().toByteArray());
        return Bytes.wrap(signature).plus(typeByte(type));
    }

    private static Bytes typeByte(int type) {
        return Bytes.wrap(new byte[] {(byte) type});
    }

    @Override
    public @Nullable Bytes schnorrByKey(
            SigningProvider provider, Bytes xOnly, @Nullable Bytes merkleRoot) {
        PrivateKey key = provider.privateKeyOfXOnly(xOnly);
        if (key == null) {
            return null;
        }
        byte[] secret = key.secret().toByteArray();
        if (merkleRoot != null) {
            byte[] tweak = Taproot.tweak(xOnly.toByteArray(), merkleRoot.toByteArray());
            secret = Secp256k1.get().xOnlySecretTweakAdd(secret, tweak).orElse(null);
        }
        return secret == null ? null : schnorr(secret, SigVersion.TAPROOT, null);
    }

    @Override
    public @Nullable Bytes schnorrByScript(SigningProvider provider, Bytes xOnly, Bytes leafHash) {
        PrivateKey key = provider.privateKeyOfXOnly(xOnly);
        return key == null
                ? null
                : schnorr(key.secret().toByteArray(), SigVersion.TAPSCRIPT, leafHash.toByteArray());
    }

    private @Nullable Bytes schnorr(byte[] secret, SigVersion version, byte @Nullable [] leafHash) {
        if (shared.spent().isEmpty()) {
            return null;
        }
        var context =
                leafHash == null
                        ? new ExecutionContext(null)
                        : new ExecutionContext(null, leafHash);
        byte[] digest = SigHash.taproot(shared, input, hashType, version, context);
        if (digest == null) {
            return null;
        }
        Bytes signature = Bytes.wrap(Secp256k1.get().schnorrSign(digest, secret, NO_AUX));
        return hashType == SigHash.DEFAULT ? signature : signature.plus(typeByte(hashType));
    }

    @Override
    public SignatureChecker checker() {
        return new TransactionSignatureChecker(shared, input, amount, SignatureVerifier.CURVE);
    }
}
