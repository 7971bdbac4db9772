package weft.crypto.internal;

import static weft.crypto.internal.NativeContext.INT;
import static weft.crypto.internal.NativeContext.POINTER;
import static weft.crypto.internal.NativeContext.SIZE;
import static weft.crypto.internal.NativeContext.broken;
import static weft.crypto.internal.NativeContext.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.util.Optional;
import weft.crypto.EcdsaSignature;
import weft.crypto.Secp256k1;

/// [Secp256k1] by libsecp256k1 through the foreign function interface.
///
/// Every argument is checked in Java before the library sees it, so the library's own complaint means a
/// fault in this class. No call is a critical one: those may not call back.
final class NativeSecp256k1 implements Secp256k1 {
    private static final ValueLayout.OfInt INT_LE =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int FRAME_BYTES = 1024;
    private static final int KEY_BYTES = 64;
    private static final int KEYPAIR_BYTES = 96;
    private static final int RECOVERABLE_BYTES = 65;
    private static final int FLAG_COMPRESSED = 258;
    private static final int FLAG_UNCOMPRESSED = 2;

    private final String name;
    private final NativeContext context;
    private final NativeFunctions c;
    private final NativeVerifier verifier;

    NativeSecp256k1(NativeLibrary library, byte[] seed) {
        name = "libsecp256k1 from " + library.origin();
        context = new NativeContext(library, seed);
        c = new NativeFunctions(context, library);
        verifier = new NativeVerifier(context, c);
    }

    @Override
    public String name() {
        return name;
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    private static void length(byte[] ours, int wanted, String what) {
        if (ours.length != wanted) {
            throw new IllegalArgumentException(
                    wanted + " bytes wanted for " + what + ": " + ours.length);
        }
    }

    private static boolean hasKeyForm(byte[] publicKey) {
        if (publicKey.length == COMPRESSED_BYTES) {
            return publicKey[0] == 2 || publicKey[0] == 3;
        }
        return publicKey.length == UNCOMPRESSED_BYTES
                && (publicKey[0] == 4 || publicKey[0] == 6 || publicKey[0] == 7);
    }

    /// Parses into `key`; false if the bytes are no public key.
    private boolean parseKey(Frame frame, MemorySegment key, byte[] publicKey) {
        return hasKeyForm(publicKey)
                && context.callSized(c.pubkeyParse, key, frame.copy(publicKey), publicKey.length);
    }

    private byte[] serializeKey(Frame frame, MemorySegment key, boolean compressed) {
        int size = compressed ? COMPRESSED_BYTES : UNCOMPRESSED_BYTES;
        MemorySegment out = frame.room(size);
        MemorySegment length = frame.room(Long.BYTES);
        length.set(SIZE, 0, size);
        int flags = compressed ? FLAG_COMPRESSED : FLAG_UNCOMPRESSED;
        try {
            require(
                    context.checked(
                            (int)
                                    c.pubkeySerialize.invokeExact(
                                            context.pointer(), out, length, key, flags)));
        } catch (Throwable e) {
            throw broken(e);
        }
        return bytes(out);
    }

    private boolean parseXOnly(Frame frame, MemorySegment key, byte[] xOnly) {
        return xOnly.length == X_ONLY_BYTES && context.call(c.xonlyParse, key, frame.copy(xOnly));
    }

    /// A native copy of a secret key that was found valid.
    private MemorySegment secret(Frame frame, byte[] secretKey) {
        length(secretKey, SECRET_KEY_BYTES, "a secret key");
        MemorySegment secret = frame.copy(secretKey);
        if (!context.call(c.seckeyVerify, secret)) {
            throw new IllegalArgumentException(
                    "not a secret key: zero or not below the group order");
        }
        return secret;
    }

    private static MemorySegment word(Frame frame, byte[] word, String what) {
        length(word, 32, what);
        return frame.copy(word);
    }

    private MemorySegment keypair(Frame frame, byte[] secretKey) {
        MemorySegment pair = frame.room(KEYPAIR_BYTES);
        require(context.call(c.keypairCreate, pair, secret(frame, secretKey)));
        return pair;
    }

    @Override
    public boolean isValidPublicKey(byte[] publicKey) {
        try (var frame = new Frame(FRAME_BYTES)) {
            return parseKey(frame, frame.room(KEY_BYTES), publicKey);
        }
    }

    @Override
    public boolean isValidXOnly(byte[] xOnly) {
        try (var frame = new Frame(FRAME_BYTES)) {
            return parseXOnly(frame, frame.room(KEY_BYTES), xOnly);
        }
    }

    @Override
    public boolean isValidSecretKey(byte[] secretKey) {
        if (secretKey.length != SECRET_KEY_BYTES) {
            return false;
        }
        try (var frame = new Frame(FRAME_BYTES)) {
            return context.call(c.seckeyVerify, frame.copy(secretKey));
        }
    }

    @Override
    public byte[] publicKey(byte[] secretKey, boolean compressed) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            require(context.call(c.pubkeyCreate, key, secret(frame, secretKey)));
            return serializeKey(frame, key, compressed);
        }
    }

    @Override
    public Optional<byte[]> convertPublicKey(byte[] publicKey, boolean compressed) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            return parseKey(frame, key, publicKey)
                    ? Optional.of(serializeKey(frame, key, compressed))
                    : Optional.empty();
        }
    }

    @Override
    public byte[] xOnlyPublicKey(byte[] secretKey) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            require(
                    context.call(
                            c.keypairXonlyPub, key, MemorySegment.NULL, keypair(frame, secretKey)));
            MemorySegment out = frame.room(X_ONLY_BYTES);
            require(context.call(c.xonlySerialize, out, key));
            return bytes(out);
        }
    }

    @Override
    public Optional<byte[]> secretKeyTweakAdd(byte[] secretKey, byte[] tweak) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment secret = secret(frame, secretKey);
            return context.call(c.seckeyTweakAdd, secret, word(frame, tweak, "a tweak"))
                    ? Optional.of(bytes(secret))
                    : Optional.empty();
        }
    }

    @Override
    public Optional<byte[]> publicKeyTweakAdd(byte[] publicKey, byte[] tweak) {
        return changeKey(c.pubkeyTweakAdd, publicKey, tweak);
    }

    @Override
    public Optional<byte[]> publicKeyMultiply(byte[] publicKey, byte[] factor) {
        return changeKey(c.pubkeyTweakMul, publicKey, factor);
    }

    private Optional<byte[]> changeKey(MethodHandle change, byte[] publicKey, byte[] number) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            MemorySegment word = word(frame, number, "a number");
            return parseKey(frame, key, publicKey) && context.call(change, key, word)
                    ? Optional.of(serializeKey(frame, key, true))
                    : Optional.empty();
        }
    }

    @Override
    public Optional<byte[]> publicKeySum(byte[]... publicKeys) {
        if (publicKeys.length == 0) {
            return Optional.empty();
        }
        int each = KEY_BYTES + UNCOMPRESSED_BYTES + 2 * Long.BYTES + 32;
        try (var frame =
                new Frame(
                        Math.addExact(FRAME_BYTES, Math.multiplyExact(each, publicKeys.length)))) {
            MemorySegment pointers = frame.room(Math.multiplyExact(Long.BYTES, publicKeys.length));
            for (int i = 0; i < publicKeys.length; i++) {
                MemorySegment key = frame.room(KEY_BYTES);
                if (!parseKey(frame, key, publicKeys[i])) {
                    return Optional.empty();
                }
                pointers.setAtIndex(POINTER, i, key);
            }
            MemorySegment sum = frame.room(KEY_BYTES);
            return context.callSized(c.pubkeyCombine, sum, pointers, publicKeys.length)
                    ? Optional.of(serializeKey(frame, sum, true))
                    : Optional.empty();
        }
    }

    @Override
    public boolean ecdsaVerify(byte[] laxDerSignature, byte[] digest32, byte[] publicKey) {
        length(digest32, 32, "a digest");
        Optional<byte[]> compact = EcdsaSignature.parseLax(laxDerSignature);
        if (compact.isEmpty()) {
            return false;
        }
        return verifier.ecdsa(compact.get(), digest32, publicKey);
    }

    @Override
    public byte[] ecdsaSign(byte[] digest32, byte[] secretKey) {
        return sign(digest32, secretKey, true);
    }

    @Override
    public byte[] ecdsaSignFirstNonce(byte[] digest32, byte[] secretKey) {
        return sign(digest32, secretKey, false);
    }

    private byte[] sign(byte[] digest32, byte[] secretKey, boolean lowR) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment digest = word(frame, digest32, "a digest");
            MemorySegment secret = secret(frame, secretKey);
            MemorySegment signature = frame.room(SIGNATURE_BYTES);
            MemorySegment compact = frame.room(SIGNATURE_BYTES);
            MemorySegment extra = frame.room(32);
            MemorySegment nonceExtra = MemorySegment.NULL;
            for (int tried = 0; ; tried++) {
                if (tried > 0) {
                    extra.set(INT_LE, 0, tried);
                    nonceExtra = extra;
                }
                require(signOnce(c.ecdsaSign, signature, digest, secret, nonceExtra));
                require(context.call(c.signatureSerializeCompact, compact, signature));
                if (!lowR || compact.get(ValueLayout.JAVA_BYTE, 0) >= 0) {
                    return EcdsaSignature.toDer(bytes(compact));
                }
            }
        }
    }

    private boolean signOnce(
            MethodHandle function,
            MemorySegment signature,
            MemorySegment digest,
            MemorySegment secret,
            MemorySegment nonceExtra) {
        try {
            return context.checked(
                    (int)
                            function.invokeExact(
                                    context.pointer(),
                                    signature,
                                    digest,
                                    secret,
                                    MemorySegment.NULL,
                                    nonceExtra));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @Override
    public byte[] ecdsaSignRecoverable(byte[] digest32, byte[] secretKey) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment digest = word(frame, digest32, "a digest");
            MemorySegment signature = frame.room(RECOVERABLE_BYTES);
            MemorySegment secret = secret(frame, secretKey);
            require(signOnce(c.signRecoverable, signature, digest, secret, MemorySegment.NULL));
            MemorySegment compact = frame.room(SIGNATURE_BYTES);
            MemorySegment id = frame.room(Integer.BYTES);
            require(context.call(c.recoverableSerialize, compact, id, signature));
            byte[] result = new byte[1 + SIGNATURE_BYTES];
            result[0] = (byte) id.get(INT, 0);
            MemorySegment.copy(compact, ValueLayout.JAVA_BYTE, 0, result, 1, SIGNATURE_BYTES);
            return result;
        }
    }

    @Override
    public Optional<byte[]> ecdsaRecover(byte[] signature, byte[] digest32, boolean compressed) {
        length(digest32, 32, "a digest");
        if (signature.length != 1 + SIGNATURE_BYTES || signature[0] < 0 || signature[0] > 3) {
            return Optional.empty();
        }
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment parsed = frame.room(RECOVERABLE_BYTES);
            MemorySegment compact = frame.copy(signature, 1, SIGNATURE_BYTES);
            MemorySegment key = frame.room(KEY_BYTES);
            boolean valid =
                    context.checked(
                                    (int)
                                            c.recoverableParse.invokeExact(
                                                    context.pointer(),
                                                    parsed,
                                                    compact,
                                                    (int) signature[0]))
                            && context.call(c.recover, key, parsed, frame.copy(digest32));
            return valid ? Optional.of(serializeKey(frame, key, compressed)) : Optional.empty();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @Override
    public Optional<byte[]> ecdh(byte[] publicKey, byte[] secretKey) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment secret = secret(frame, secretKey);
            MemorySegment key = frame.room(KEY_BYTES);
            if (!parseKey(frame, key, publicKey)) {
                return Optional.empty();
            }
            MemorySegment shared = frame.room(32);
            require(
                    context.checked(
                            (int)
                                    c.ecdh.invokeExact(
                                            context.pointer(),
                                            shared,
                                            key,
                                            secret,
                                            MemorySegment.NULL,
                                            MemorySegment.NULL)));
            return Optional.of(bytes(shared));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @Override
    public boolean schnorrVerify(byte[] signature, byte[] message, byte[] xOnly) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        if (message.length == 32) {
            return verifier.schnorr(signature, message, xOnly);
        }
        try (var frame = new Frame(Math.addExact(FRAME_BYTES, message.length))) {
            MemorySegment key = frame.room(KEY_BYTES);
            if (!parseXOnly(frame, key, xOnly)) {
                return false;
            }
            MemorySegment sig = frame.copy(signature);
            MemorySegment msg = frame.copy(message);
            return context.checked(
                    (int)
                            c.schnorrVerify.invokeExact(
                                    context.pointer(), sig, msg, (long) message.length, key));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @Override
    public byte[] schnorrSign(byte[] message32, byte[] secretKey, byte[] aux) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment message = word(frame, message32, "a message");
            MemorySegment random = word(frame, aux, "randomness");
            MemorySegment signature = frame.room(SIGNATURE_BYTES);
            require(
                    context.call(
                            c.schnorrSign, signature, message, keypair(frame, secretKey), random));
            return bytes(signature);
        }
    }

    @Override
    public boolean xOnlyTweakAddCheck(byte[] tweaked, int parity, byte[] internal, byte[] tweak) {
        if (tweaked.length != X_ONLY_BYTES || (parity & ~1) != 0) {
            return false;
        }
        length(tweak, 32, "a tweak");
        return verifier.tweaked(tweaked, parity, internal, tweak);
    }

    @Override
    public Optional<byte[]> xOnlyTweakAdd(byte[] internal, byte[] tweak) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            MemorySegment out = frame.room(KEY_BYTES);
            MemorySegment number = word(frame, tweak, "a tweak");
            return parseXOnly(frame, key, internal)
                            && context.call(c.xonlyTweakAdd, out, key, number)
                    ? Optional.of(serializeKey(frame, out, true))
                    : Optional.empty();
        }
    }

    @Override
    public Optional<byte[]> xOnlySecretTweakAdd(byte[] secretKey, byte[] tweak) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment pair = keypair(frame, secretKey);
            if (!context.call(c.keypairTweakAdd, pair, word(frame, tweak, "a tweak"))) {
                return Optional.empty();
            }
            MemorySegment secret = frame.room(SECRET_KEY_BYTES);
            require(context.call(c.keypairSec, secret, pair));
            return Optional.of(bytes(secret));
        }
    }

    @Override
    public byte[] ellswiftCreate(byte[] secretKey, byte[] aux) {
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment random = word(frame, aux, "randomness");
            MemorySegment encoding = frame.room(ELLSWIFT_BYTES);
            require(context.call(c.ellswiftCreate, encoding, secret(frame, secretKey), random));
            return bytes(encoding);
        }
    }

    @Override
    public byte[] ellswiftDecode(byte[] encoding) {
        length(encoding, ELLSWIFT_BYTES, "an encoding");
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment key = frame.room(KEY_BYTES);
            require(context.call(c.ellswiftDecode, key, frame.copy(encoding)));
            return serializeKey(frame, key, true);
        }
    }

    @Override
    public byte[] ellswiftXdhBip324(
            byte[] ours, byte[] theirs, byte[] secretKey, boolean initiating) {
        length(ours, ELLSWIFT_BYTES, "our encoding");
        length(theirs, ELLSWIFT_BYTES, "their encoding");
        try (var frame = new Frame(FRAME_BYTES)) {
            MemorySegment secret = secret(frame, secretKey);
            MemorySegment a = frame.copy(initiating ? ours : theirs);
            MemorySegment b = frame.copy(initiating ? theirs : ours);
            MemorySegment shared = frame.room(32);
            int party = initiating ? 0 : 1;
            require(
                    context.checked(
                            (int)
                                    c.ellswiftXdh.invokeExact(
                                            context.pointer(),
                                            shared,
                                            a,
                                            b,
                                            secret,
                                            party,
                                            c.bip324Hash,
                                            MemorySegment.NULL)));
            return bytes(shared);
        } catch (Throwable e) {
            throw broken(e);
        }
    }
}
