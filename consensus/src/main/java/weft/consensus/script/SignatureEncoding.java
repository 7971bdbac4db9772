package weft.consensus.script;

import java.util.Arrays;
import weft.crypto.EcdsaSignature;

/// The form of ECDSA signatures and public keys, as far as flags ask for it.
final class SignatureEncoding {
    private static final int SIGNATURE_BYTES_MIN = 9;
    private static final int SIGNATURE_BYTES_MAX = 73;

    private SignatureEncoding() {}

    /// Checks a signature with its hash type. An empty one is well formed: it is how a signature is left out.
    static ScriptError check(byte[] signature, int flags) {
        if (signature.length == 0) {
            return ScriptError.OK;
        }
        int strict = ScriptFlags.DERSIG | ScriptFlags.LOW_S | ScriptFlags.STRICTENC;
        if ((flags & strict) != 0 && !isStrictDer(signature)) {
            return ScriptError.SIG_DER;
        }
        if ((flags & ScriptFlags.LOW_S) != 0
                && !EcdsaSignature.isLowS(Arrays.copyOf(signature, signature.length - 1))) {
            return ScriptError.SIG_HIGH_S;
        }
        if ((flags & ScriptFlags.STRICTENC) != 0
                && !SigHash.isDefined(signature[signature.length - 1])) {
            return ScriptError.SIG_HASHTYPE;
        }
        return ScriptError.OK;
    }

    /// BIP-0066: 30, length, 02, length of R, R, 02, length of S, S, hash type; R and S positive and as short
    /// as can be.
    private static boolean isStrictDer(byte[] sig) {
        if (sig.length < SIGNATURE_BYTES_MIN || sig.length > SIGNATURE_BYTES_MAX) {
            return false;
        }
        int lengthR = sig[3] & 0xff;
        if (sig[0] != 0x30 || (sig[1] & 0xff) != sig.length - 3 || 5 + lengthR >= sig.length) {
            return false;
        }
        int lengthS = sig[5 + lengthR] & 0xff;
        return lengthR + lengthS + 7 == sig.length
                && isShortestInteger(sig, 2, lengthR)
                && isShortestInteger(sig, 4 + lengthR, lengthS);
    }

    private static boolean isShortestInteger(byte[] sig, int at, int length) {
        if (sig[at] != 2 || length == 0 || sig[at + 2] < 0) {
            return false;
        }
        return length == 1 || sig[at + 2] != 0 || sig[at + 3] < 0;
    }

    /// Checks a public key.
    static ScriptError checkKey(byte[] key, int flags, SigVersion version) {
        if ((flags & ScriptFlags.STRICTENC) != 0 && !isCompressed(key) && !isUncompressed(key)) {
            return ScriptError.PUBKEYTYPE;
        }
        if ((flags & ScriptFlags.WITNESS_PUBKEYTYPE) != 0
                && version == SigVersion.WITNESS_V0
                && !isCompressed(key)) {
            return ScriptError.WITNESS_PUBKEYTYPE;
        }
        return ScriptError.OK;
    }

    private static boolean isCompressed(byte[] key) {
        return key.length == 33 && (key[0] == 2 || key[0] == 3);
    }

    private static boolean isUncompressed(byte[] key) {
        return key.length == 65 && key[0] == 4;
    }

    /// Whether length and first byte of a key fit together; hybrid forms are included.
    static boolean mayBeKey(byte[] key) {
        if (key.length == 0) {
            return false;
        }
        return switch (key[0]) {
            case 2, 3 -> key.length == 33;
            case 4, 6, 7 -> key.length == 65;
            default -> false;
        };
    }
}
