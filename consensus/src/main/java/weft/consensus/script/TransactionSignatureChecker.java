package weft.consensus.script;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.primitives.TxIn;

/// Checks the signatures and lock times of one input. See [SignatureVerifier] for a cache in between. Not
/// safe for use by two threads.
public final class TransactionSignatureChecker implements SignatureChecker {
    private static final long LOCK_TIME_THRESHOLD = 500_000_000L;
    private static final long SEQUENCE_DISABLED = 1L << 31;
    private static final long SEQUENCE_IS_TIME = 1L << 22;
    private static final long SEQUENCE_MASK = SEQUENCE_IS_TIME | 0xffff;
    private static final int SCHNORR_BYTES = 64;

    /// One for each type of three bits, of which those that mean nothing have the first.
    private static final int DIGESTS = 8;

    private final PrecomputedTxHashes shared;
    private final int input;
    private final long amount;
    private final SignatureVerifier verifier;
    private byte @Nullable [] lastCode;
    private SigVersion lastVersion = SigVersion.BASE;
    private final byte[] @Nullable [] digests = new byte[DIGESTS][];
    private int strangeType;

    /// Checks an input whose amount is told.
    ///
    /// @param amount of the output spent, in satoshis
    public TransactionSignatureChecker(
            PrecomputedTxHashes shared, int input, long amount, SignatureVerifier verifier) {
        this.shared = shared;
        this.input = input;
        this.amount = amount;
        this.verifier = verifier;
    }

    /// Checks an input of a transaction whose spent outputs are known.
    public static TransactionSignatureChecker of(PrecomputedTxHashes shared, int input) {
        return new TransactionSignatureChecker(
                shared, input, shared.spent().get(input).value(), SignatureVerifier.CURVE);
    }

    @Override
    public boolean checkEcdsa(
            byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
        if (signature.length == 0 || !SignatureEncoding.mayBeKey(publicKey)) {
            return false;
        }
        int type = signature[signature.length - 1] & 0xff;
        byte[] digest = digest(scriptCode, version, type);
        return verifier.ecdsa(Arrays.copyOf(signature, signature.length - 1), digest, publicKey);
    }

    /// CHECKMULTISIG tries one signature with key after key: the same digest each time. And whoever lets
    /// signatures of several types take turns has no more than one digest of each.
    private byte[] digest(byte[] scriptCode, SigVersion version, int type) {
        if (lastVersion != version || !Arrays.equals(lastCode, scriptCode)) {
            Arrays.fill(digests, null);
            lastCode = scriptCode;
            lastVersion = version;
        }
        // Types that mean nothing share a place.
        int place = SigHash.isDefined(type) ? (type & 3) | ((type & SigHash.ANYONECANPAY) >> 5) : 0;
        byte[] known = digests[place];
        if (known != null && (place != 0 || strangeType == type)) {
            return known;
        }
        byte[] digest =
                version == SigVersion.WITNESS_V0
                        ? SigHash.witnessV0(shared, input, scriptCode, amount, type)
                        : SigHash.legacy(shared, input, scriptCode, type);
        digests[place] = digest;
        strangeType = place == 0 ? type : strangeType;
        return digest;
    }

    @Override
    public ScriptError checkSchnorr(
            byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
        int type = SigHash.DEFAULT;
        if (signature.length == SCHNORR_BYTES + 1) {
            type = signature[SCHNORR_BYTES] & 0xff;
            if (type == SigHash.DEFAULT) {
                return ScriptError.SCHNORR_SIG_HASHTYPE;
            }
        } else if (signature.length != SCHNORR_BYTES) {
            return ScriptError.SCHNORR_SIG_SIZE;
        }
        if (!shared.knowsSpent()) {
            return ScriptError.SCHNORR_SIG;
        }
        byte[] digest = SigHash.taproot(shared, input, type, version, context);
        if (digest == null) {
            return ScriptError.SCHNORR_SIG_HASHTYPE;
        }
        return verifier.schnorr(Arrays.copyOf(signature, SCHNORR_BYTES), digest, publicKey)
                ? ScriptError.OK
                : ScriptError.SCHNORR_SIG;
    }

    @Override
    public boolean checkLockTime(long lockTime) {
        long ours = shared.tx().lockTime();
        boolean sameKind = (ours < LOCK_TIME_THRESHOLD) == (lockTime < LOCK_TIME_THRESHOLD);
        return sameKind
                && lockTime <= ours
                && shared.input(input).sequence() != TxIn.SEQUENCE_FINAL;
    }

    @Override
    public boolean checkSequence(long sequence) {
        long ours = shared.input(input).sequence();
        if (shared.tx().version() < 2 || (ours & SEQUENCE_DISABLED) != 0) {
            return false;
        }
        long wanted = sequence & SEQUENCE_MASK;
        long given = ours & SEQUENCE_MASK;
        boolean sameKind = (given < SEQUENCE_IS_TIME) == (wanted < SEQUENCE_IS_TIME);
        return sameKind && wanted <= given;
    }
}
