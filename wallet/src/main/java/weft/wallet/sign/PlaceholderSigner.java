package weft.wallet.sign;

import org.jspecify.annotations.Nullable;
import weft.consensus.script.ExecutionContext;
import weft.consensus.script.ScriptError;
import weft.consensus.script.SigVersion;
import weft.consensus.script.SignatureChecker;
import weft.primitives.Bytes;

/// Makes signatures that sign nothing, of the length that real ones have, and finds all signatures right. To
/// tell how large a transaction will be.
public final class PlaceholderSigner implements SignatureCreator {
    /// The one that there is.
    public static final PlaceholderSigner INSTANCE = new PlaceholderSigner();

    /// R and S of 32 bytes in DER, and the hash type.
    private static final Bytes ECDSA =
            Bytes.parse(
                    "3044"
                            + "0220"
                            + "01"
                            + "00".repeat(31)
                            + "0220"
                            + "01"
                            + "00".repeat(31)
                            + "01");

    private static final Bytes SCHNORR = Bytes.wrap(new byte[64]);
    private static final SignatureChecker CHECKER = new Agreeing();

    private PlaceholderSigner() {}

    @Override
    public Bytes ecdsa(
            SigningProvider provider, Bytes keyId, Bytes scriptCode, SigVersion version) {
        return ECDSA;
    }

    @Override
    public Bytes schnorrByKey(SigningProvider provider, Bytes xOnly, @Nullable Bytes merkleRoot) {
        return SCHNORR;
    }

    @Override
    public Bytes schnorrByScript(SigningProvider provider, Bytes xOnly, Bytes leafHash) {
        return SCHNORR;
    }

    @Override
    public SignatureChecker checker() {
        return CHECKER;
    }

    private static final class Agreeing implements SignatureChecker {
        @Override
        public boolean checkEcdsa(
                byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
            return true;
        }

        @Override
        public ScriptError checkSchnorr(
                byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
            return ScriptError.OK;
        }

        @Override
        public boolean checkLockTime(long lockTime) {
            return true;
        }

        @Override
        public boolean checkSequence(long sequence) {
            return true;
        }
    }
}
