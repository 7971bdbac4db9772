package weft.crypto.internal;

import static weft.crypto.internal.NativeContext.broken;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentLinkedDeque;
import weft.crypto.EcdsaSignature;

/// Checks signatures in native memory that is used again, for there is nothing secret in it.
///
/// Safe for use by any number of threads: there are as many desks as ever checked at the same time, and
/// they stay as long as the program, as the library does.
final class NativeVerifier {
    private static final int KEY_BYTES = 64;
    private static final int COMPRESSED_BYTES = 33;
    private static final int UNCOMPRESSED_BYTES = 65;
    private static final int X_ONLY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;
    private static final int DIGEST_BYTES = 32;
    private static final int KEY_ROOM_BYTES = 80;

    private final NativeContext context;
    private final NativeFunctions c;
    private final ParsedKeys keys = new ParsedKeys();
    private final ConcurrentLinkedDeque<Desk> free = new ConcurrentLinkedDeque<>();

    NativeVerifier(NativeContext context, NativeFunctions functions) {
        this.context = context;
        this.c = functions;
    }

    /// The memory of one check.
    private static final class Desk {
        final MemorySegment key;
        final MemorySegment signature;
        final MemorySegment digest;
        final MemorySegment keyForm;
        final MemorySegment signatureForm;

        Desk() {
            Arena arena = Arena.global();
            key = arena.allocate(KEY_BYTES, 16);
            signature = arena.allocate(SIGNATURE_BYTES, 16);
            digest = arena.allocate(DIGEST_BYTES, 16);
            keyForm = arena.allocate(KEY_ROOM_BYTES, 16);
            signatureForm = arena.allocate(SIGNATURE_BYTES, 16);
        }
    }

    private static void put(byte[] bytes, MemorySegment target) {
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /// Parses a key into the desk; false if the bytes are none.
    private boolean parse(Desk desk, byte[] key) {
        byte[] known = keys.find(key);
        if (known != null) {
            put(known, desk.key);
            return true;
        }
        put(key, desk.keyForm);
        boolean valid =
                key.length == X_ONLY_BYTES
                        ? context.call(c.xonlyParse, desk.key, desk.keyForm)
                        : context.callSized(c.pubkeyParse, desk.key, desk.keyForm, key.length);
        if (valid) {
            keys.keep(key, desk.key.toArray(ValueLayout.JAVA_BYTE));
        }
        return valid;
    }

    private static boolean hasKeyForm(byte[] publicKey) {
        if (publicKey.length == COMPRESSED_BYTES) {
            return publicKey[0] == 2 || publicKey[0] == 3;
        }
        return publicKey.length == UNCOMPRESSED_BYTES
                && (publicKey[0] == 4 || publicKey[0] == 6 || publicKey[0] == 7);
    }

    private Desk take() {
        Desk desk = free.pollFirst();
        return desk == null ? new Desk() : desk;
    }

    /// @param compact R and S below the group order, or zero
    boolean ecdsa(byte[] compact, byte[] digest32, byte[] publicKey) {
        Desk desk = take();
        try {
            return hasKeyForm(publicKey)
                    && parse(desk, publicKey)
                    && ecdsa(desk, compact, digest32);
        } finally {
            free.addFirst(desk);
        }
    }

    private boolean ecdsa(Desk desk, byte[] compact, byte[] digest32) {
        put(compact, desk.signatureForm);
        if (!context.call(c.signatureParseCompact, desk.signature, desk.signatureForm)) {
            return false;
        }
        if (!EcdsaSignature.isCompactLowS(compact)) {
            // The result only says that S was high.
            context.call(c.signatureNormalize, desk.signature, desk.signature);
        }
        put(digest32, desk.digest);
        return context.call(c.ecdsaVerify, desk.signature, desk.digest, desk.key);
    }

    /// @param signature 64 bytes
    /// @param digest32 the message, of just this length
    boolean schnorr(byte[] signature, byte[] digest32, byte[] xOnly) {
        Desk desk = take();
        try {
            return xOnly.length == X_ONLY_BYTES
                    && parse(desk, xOnly)
                    && schnorr(desk, signature, digest32);
        } finally {
            free.addFirst(desk);
        }
    }

    /// @param tweaked 32 bytes
    /// @param parity 0 or 1
    /// @param tweak 32 bytes
    boolean tweaked(byte[] tweaked, int parity, byte[] internal, byte[] tweak) {
        Desk desk = take();
        try {
            return internal.length == X_ONLY_BYTES
                    && parse(desk, internal)
                    && tweaked(desk, tweaked, parity, tweak);
        } finally {
            free.addFirst(desk);
        }
    }

    private boolean tweaked(Desk desk, byte[] tweaked, int parity, byte[] tweak) {
        put(tweaked, desk.keyForm);
        put(tweak, desk.digest);
        try {
            return context.checked(
                    (int)
                            c.xonlyTweakAddCheck.invokeExact(
                                    context.pointer(),
                                    desk.keyForm,
                                    parity,
                                    desk.key,
                                    desk.digest));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private boolean schnorr(Desk desk, byte[] signature, byte[] digest32) {
        put(signature, desk.signature);
        put(digest32, desk.digest);
        try {
            return context.checked(
                    (int)
                            c.schnorrVerify.invokeExact(
                                    context.pointer(),
                                    desk.signature,
                                    desk.digest,
                                    (long) DIGEST_BYTES,
                                    desk.key));
        } catch (Throwable e) {
            throw broken(e);
        }
    }
}
