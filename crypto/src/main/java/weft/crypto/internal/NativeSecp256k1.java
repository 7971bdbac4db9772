package weft.crypto.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.SecureRandom;
import java.util.Arrays;
import weft.crypto.CryptoException;
import weft.crypto.Secp256k1;

/// libsecp256k1 over the foreign-function interface.
///
/// One context serves the whole process; it is randomised once and only read afterwards, so all threads may share it.
/// Native memory of a call lives in an arena that dies with the call, and secrets in it are overwritten before.
///
/// The library answers illegal arguments through a callback, whose default ends the process. Ours notes that it was
/// called; since every argument is checked before, that is a bug of ours and is thrown as such after the call.
public final class NativeSecp256k1 implements Secp256k1 {
    private static final int CONTEXT_NONE = 1;
    private static final int EC_COMPRESSED = 258;
    private static final int EC_UNCOMPRESSED = 2;
    private static final int KEY_BYTES = 64;
    private static final int SIGNATURE_BYTES = 64;
    private static final int RECOVERABLE_BYTES = 65;
    private static final int KEYPAIR_BYTES = 96;
    private static final int SECRET_BYTES = 32;
    private static final int DER_BYTES_MAX = 72;
    private static final byte[] NONE = new byte[0];

    private static volatile boolean misused;

    private final Functions call;
    private final MemorySegment context;
    private final MemorySegment bip324Hash;

    private NativeSecp256k1(SecpLibrary library) {
        call = new Functions(library);
        context = Native.pointer(() -> (MemorySegment) call.contextCreate.invokeExact(CONTEXT_NONE));
        bip324Hash = library.pointerVariable("secp256k1_ellswift_xdh_hash_function_bip324");
        Native.run(() -> call.setIllegalCallback.invokeExact(context, illegalCallback(), MemorySegment.NULL));
        blind();
    }

    /// Loads the library; the only way to an object.
    ///
    /// @throws CryptoException if there is none
    public static Secp256k1 load() {
        return new NativeSecp256k1(SecpLibrary.open());
    }

    /// Multiplies by secrets go over a random detour, against measuring of power and time. Nothing that the library
    /// returns depends on it, so it takes nothing from anybody's determinism.
    private void blind() {
        byte[] seed = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(seed);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(JAVA_BYTE, seed);
            must(Native.integer(() -> (int) call.contextRandomize.invokeExact(context, copy)));
            copy.fill((byte) 0);
        }
        Arrays.fill(seed, (byte) 0);
    }

    @SuppressWarnings("restricted") // An upcall stub is native by nature.
    private static MemorySegment illegalCallback() {
        try {
            MethodHandle target = MethodHandles.lookup()
                    .findStatic(
                            NativeSecp256k1.class,
                            "onIllegalArgument",
                            MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class));
            return Linker.nativeLinker()
                    .upcallStub(target, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS), Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the method is below", e);
        }
    }

    /// Called by the library. Must not throw: that would end the process.
    static void onIllegalArgument(MemorySegment message, MemorySegment data) {
        misused = true;
    }

    private static void must(int result) {
        if (misused || result != 1) {
            throw new AssertionError("libsecp256k1 refused an argument that was checked before");
        }
    }

    private static void length(byte[] array, int wanted) {
        if (array.length != wanted) {
            throw new IllegalArgumentException(wanted + " bytes wanted: " + array.length);
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        return bytes.length == 0 ? arena.allocate(1) : arena.allocateFrom(JAVA_BYTE, bytes);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(JAVA_BYTE);
    }

    private boolean parsePublicKey(Arena arena, MemorySegment key, byte[] encoded) {
        if (encoded.length != 33 && encoded.length != 65) {
            return false;
        }
        MemorySegment input = copy(arena, encoded);
        return Native.integer(
                        () -> (int) call.publicKeyParse.invokeExact(context, key, input, (long) encoded.length))
                == 1;
    }

    private byte[] serialize(Arena arena, MemorySegment key, boolean compressed) {
        int size = compressed ? 33 : 65;
        MemorySegment output = arena.allocate(size);
        MemorySegment length = arena.allocateFrom(JAVA_LONG, size);
        int flags = compressed ? EC_COMPRESSED : EC_UNCOMPRESSED;
        must(Native.integer(
                () -> (int) call.publicKeySerialize.invokeExact(context, output, length, key, flags)));
        return bytes(output);
    }

    @Override
    public boolean ecdsaVerify(byte[] derSignature, byte[] digest, byte[] publicKey) {
        length(digest, SECRET_BYTES);
        byte[] compact = LaxDer.toCompact(derSignature);
        if (compact.length == 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            if (!parsePublicKey(arena, key, publicKey)) {
                return false;
            }
            MemorySegment signature = arena.allocate(SIGNATURE_BYTES);
            MemorySegment input = copy(arena, compact);
            if (Native.integer(() -> (int) call.signatureParseCompact.invokeExact(context, signature, input)) != 1) {
                // A number beyond the order of the group: no signature of anything.
                return false;
            }
            Native.integer(() -> (int) call.signatureNormalize.invokeExact(context, signature, signature));
            MemorySegment message = copy(arena, digest);
            return Native.integer(() -> (int) call.ecdsaVerify.invokeExact(context, signature, message, key)) == 1;
        }
    }

    @Override
    public byte[] ecdsaSign(byte[] digest, byte[] secret) {
        byte[] entropy = NONE;
        // R must not need a 33rd byte; each try costs one signature and half of them succeed.
        for (int counter = 1; ; counter++) {
            byte[] compact = ecdsaSignCompact(digest, secret, entropy);
            if (compact[0] >= 0) {
                return toDer(compact);
            }
            entropy = new byte[SECRET_BYTES];
            entropy[0] = (byte) counter;
            entropy[1] = (byte) (counter >>> 8);
        }
    }

    private byte[] toDer(byte[] compact) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment signature = arena.allocate(SIGNATURE_BYTES);
            MemorySegment input = copy(arena, compact);
            must(Native.integer(() -> (int) call.signatureParseCompact.invokeExact(context, signature, input)));
            MemorySegment output = arena.allocate(DER_BYTES_MAX);
            MemorySegment size = arena.allocateFrom(JAVA_LONG, DER_BYTES_MAX);
            must(Native.integer(() -> (int) call.signatureSerializeDer.invokeExact(context, output, size, signature)));
            return bytes(output.asSlice(0, size.get(JAVA_LONG, 0)));
        }
    }

    @Override
    public byte[] ecdsaSignCompact(byte[] digest, byte[] secret, byte[] extraEntropy) {
        length(digest, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = secret(arena, secret);
            MemorySegment extra = extraEntropy.length == 0 ? MemorySegment.NULL : copy(arena, extraEntropy);
            MemorySegment signature = arena.allocate(SIGNATURE_BYTES);
            MemorySegment message = copy(arena, digest);
            int signed = Native.integer(() -> (int)
                    call.ecdsaSign.invokeExact(context, signature, message, key, MemorySegment.NULL, extra));
            key.fill((byte) 0);
            must(signed);
            MemorySegment output = arena.allocate(SIGNATURE_BYTES);
            must(Native.integer(() -> (int) call.signatureSerializeCompact.invokeExact(context, output, signature)));
            return bytes(output);
        }
    }

    @Override
    public byte[] ecdsaSignRecoverable(byte[] digest, byte[] secret) {
        length(digest, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = secret(arena, secret);
            MemorySegment signature = arena.allocate(RECOVERABLE_BYTES);
            MemorySegment message = copy(arena, digest);
            int signed = Native.integer(() -> (int) call.signRecoverable.invokeExact(
                    context, signature, message, key, MemorySegment.NULL, MemorySegment.NULL));
            key.fill((byte) 0);
            must(signed);
            MemorySegment output = arena.allocate(SIGNATURE_BYTES);
            MemorySegment id = arena.allocate(JAVA_INT);
            must(Native.integer(() -> (int)
                    call.recoverableSerialize.invokeExact(context, output, id, signature)));
            byte[] result = Arrays.copyOf(bytes(output), SIGNATURE_BYTES + 1);
            result[SIGNATURE_BYTES] = (byte) id.get(JAVA_INT, 0);
            return result;
        }
    }

    @Override
    public byte[] ecdsaRecover(byte[] signature, int recoveryId, byte[] digest) {
        length(digest, SECRET_BYTES);
        if (signature.length != SIGNATURE_BYTES || recoveryId < 0 || recoveryId > 3) {
            return NONE;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parsed = arena.allocate(RECOVERABLE_BYTES);
            MemorySegment input = copy(arena, signature);
            if (Native.integer(() -> (int)
                            call.recoverableParse.invokeExact(context, parsed, input, recoveryId))
                    != 1) {
                return NONE;
            }
            MemorySegment key = arena.allocate(KEY_BYTES);
            MemorySegment message = copy(arena, digest);
            boolean found = Native.integer(() -> (int) call.recover.invokeExact(context, key, parsed, message)) == 1;
            return found ? serialize(arena, key, false) : NONE;
        }
    }

    private static MemorySegment secret(Arena arena, byte[] secret) {
        length(secret, SECRET_BYTES);
        return copy(arena, secret);
    }

    @Override
    public boolean isValidSecretKey(byte[] secret) {
        if (secret.length != SECRET_BYTES) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = copy(arena, secret);
            boolean valid = Native.integer(() -> (int) call.secretVerify.invokeExact(context, key)) == 1;
            key.fill((byte) 0);
            return valid;
        }
    }

    @Override
    public boolean isValidPublicKey(byte[] publicKey) {
        try (Arena arena = Arena.ofConfined()) {
            return parsePublicKey(arena, arena.allocate(KEY_BYTES), publicKey);
        }
    }

    @Override
    public byte[] publicKey(byte[] secret, boolean compressed) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment input = secret(arena, secret);
            MemorySegment key = arena.allocate(KEY_BYTES);
            int made = Native.integer(() -> (int) call.publicKeyCreate.invokeExact(context, key, input));
            input.fill((byte) 0);
            if (made != 1) {
                throw new IllegalArgumentException("not a secret key");
            }
            return serialize(arena, key, compressed);
        }
    }

    @Override
    public byte[] decompress(byte[] publicKey) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            return parsePublicKey(arena, key, publicKey) ? serialize(arena, key, false) : NONE;
        }
    }

    @Override
    public byte[] secretTweakAdd(byte[] secret, byte[] tweak) {
        length(tweak, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = secret(arena, secret);
            MemorySegment add = copy(arena, tweak);
            boolean fine = Native.integer(() -> (int) call.secretTweakAdd.invokeExact(context, key, add)) == 1;
            byte[] sum = fine ? bytes(key) : NONE;
            key.fill((byte) 0);
            return sum;
        }
    }

    @Override
    public byte[] publicTweakAdd(byte[] publicKey, byte[] tweak) {
        length(tweak, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            if (!parsePublicKey(arena, key, publicKey)) {
                return NONE;
            }
            MemorySegment add = copy(arena, tweak);
            boolean fine = Native.integer(() -> (int) call.publicTweakAdd.invokeExact(context, key, add)) == 1;
            return fine ? serialize(arena, key, true) : NONE;
        }
    }

    @Override
    public boolean schnorrVerify(byte[] signature, byte[] message, byte[] xOnlyKey) {
        if (signature.length != SIGNATURE_BYTES || xOnlyKey.length != SECRET_BYTES) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            if (!parseXOnly(arena, key, xOnlyKey)) {
                return false;
            }
            MemorySegment sig = copy(arena, signature);
            MemorySegment text = copy(arena, message);
            return Native.integer(() -> (int) call.schnorrVerify.invokeExact(
                            context, sig, text, (long) message.length, key))
                    == 1;
        }
    }

    private boolean parseXOnly(Arena arena, MemorySegment key, byte[] xOnly) {
        MemorySegment input = copy(arena, xOnly);
        return Native.integer(() -> (int) call.xOnlyParse.invokeExact(context, key, input)) == 1;
    }

    private MemorySegment keyPair(Arena arena, byte[] secret) {
        MemorySegment input = secret(arena, secret);
        MemorySegment pair = arena.allocate(KEYPAIR_BYTES);
        int made = Native.integer(() -> (int) call.keyPairCreate.invokeExact(context, pair, input));
        input.fill((byte) 0);
        if (made != 1) {
            throw new IllegalArgumentException("not a secret key");
        }
        return pair;
    }

    @Override
    public byte[] schnorrSign(byte[] message, byte[] secret, byte[] auxiliary) {
        length(message, SECRET_BYTES);
        length(auxiliary, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = keyPair(arena, secret);
            MemorySegment text = copy(arena, message);
            MemorySegment random = copy(arena, auxiliary);
            MemorySegment output = arena.allocate(SIGNATURE_BYTES);
            int signed = Native.integer(
                    () -> (int) call.schnorrSign.invokeExact(context, output, text, pair, random));
            pair.fill((byte) 0);
            must(signed);
            return bytes(output);
        }
    }

    @Override
    public byte[] xOnlyPublicKey(byte[] secret) {
        return Arrays.copyOfRange(publicKey(secret, true), 1, 1 + SECRET_BYTES);
    }

    @Override
    public byte[] xOnlyTweakAdd(byte[] internalX, byte[] tweak) {
        length(internalX, SECRET_BYTES);
        length(tweak, SECRET_BYTES);
        byte[] even = new byte[1 + SECRET_BYTES];
        even[0] = 2;
        System.arraycopy(internalX, 0, even, 1, SECRET_BYTES);
        byte[] sum = publicTweakAdd(even, tweak);
        if (sum.length != 0) {
            sum[0] = (byte) (sum[0] - 2);
        }
        return sum;
    }

    @Override
    public boolean xOnlyTweakAddCheck(byte[] tweakedX, int parity, byte[] internalX, byte[] tweak) {
        length(tweakedX, SECRET_BYTES);
        length(internalX, SECRET_BYTES);
        length(tweak, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            if (!parseXOnly(arena, key, internalX)) {
                return false;
            }
            MemorySegment tweaked = copy(arena, tweakedX);
            MemorySegment add = copy(arena, tweak);
            return Native.integer(() -> (int)
                            call.xOnlyTweakAddCheck.invokeExact(context, tweaked, parity, key, add))
                    == 1;
        }
    }

    @Override
    public byte[] ellswiftCreate(byte[] secret, byte[] auxiliary) {
        length(auxiliary, SECRET_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = secret(arena, secret);
            MemorySegment random = copy(arena, auxiliary);
            MemorySegment output = arena.allocate(KEY_BYTES);
            int made = Native.integer(() -> (int) call.ellswiftCreate.invokeExact(context, output, key, random));
            key.fill((byte) 0);
            if (made != 1) {
                throw new IllegalArgumentException("not a secret key");
            }
            return bytes(output);
        }
    }

    @Override
    public byte[] ellswiftDecode(byte[] encoded) {
        length(encoded, KEY_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES);
            MemorySegment input = copy(arena, encoded);
            must(Native.integer(() -> (int) call.ellswiftDecode.invokeExact(context, key, input)));
            return serialize(arena, key, true);
        }
    }

    @Override
    public byte[] ellswiftXdhBip324(byte[] ours, byte[] theirs, byte[] secret, boolean initiating) {
        length(ours, KEY_BYTES);
        length(theirs, KEY_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = copy(arena, initiating ? ours : theirs);
            MemorySegment second = copy(arena, initiating ? theirs : ours);
            MemorySegment key = secret(arena, secret);
            MemorySegment output = arena.allocate(SECRET_BYTES);
            int party = initiating ? 0 : 1;
            int made = Native.integer(() -> (int) call.ellswiftXdh.invokeExact(
                    context, output, first, second, key, party, bip324Hash, MemorySegment.NULL));
            key.fill((byte) 0);
            if (made != 1) {
                throw new IllegalArgumentException("not a secret key");
            }
            byte[] shared = bytes(output);
            output.fill((byte) 0);
            return shared;
        }
    }

    /// The functions of the library that are used here.
    private static final class Functions {
        final MethodHandle contextCreate;
        final MethodHandle contextRandomize;
        final MethodHandle setIllegalCallback;
        final MethodHandle publicKeyParse;
        final MethodHandle publicKeySerialize;
        final MethodHandle publicKeyCreate;
        final MethodHandle secretVerify;
        final MethodHandle secretTweakAdd;
        final MethodHandle publicTweakAdd;
        final MethodHandle signatureParseCompact;
        final MethodHandle signatureSerializeCompact;
        final MethodHandle signatureSerializeDer;
        final MethodHandle signatureNormalize;
        final MethodHandle ecdsaVerify;
        final MethodHandle ecdsaSign;
        final MethodHandle signRecoverable;
        final MethodHandle recoverableSerialize;
        final MethodHandle recoverableParse;
        final MethodHandle recover;
        final MethodHandle xOnlyParse;
        final MethodHandle xOnlyTweakAddCheck;
        final MethodHandle keyPairCreate;
        final MethodHandle schnorrSign;
        final MethodHandle schnorrVerify;
        final MethodHandle ellswiftCreate;
        final MethodHandle ellswiftDecode;
        final MethodHandle ellswiftXdh;

        Functions(SecpLibrary library) {
            contextCreate = library.bindPointer("secp256k1_context_create", "i");
            contextRandomize = library.bind("secp256k1_context_randomize", "pp");
            setIllegalCallback = library.bindVoid("secp256k1_context_set_illegal_callback", "ppp");
            publicKeyParse = library.bind("secp256k1_ec_pubkey_parse", "pppn");
            publicKeySerialize = library.bind("secp256k1_ec_pubkey_serialize", "ppppi");
            publicKeyCreate = library.bind("secp256k1_ec_pubkey_create", "ppp");
            secretVerify = library.bind("secp256k1_ec_seckey_verify", "pp");
            secretTweakAdd = library.bind("secp256k1_ec_seckey_tweak_add", "ppp");
            publicTweakAdd = library.bind("secp256k1_ec_pubkey_tweak_add", "ppp");
            signatureParseCompact = library.bind("secp256k1_ecdsa_signature_parse_compact", "ppp");
            signatureSerializeCompact = library.bind("secp256k1_ecdsa_signature_serialize_compact", "ppp");
            signatureSerializeDer = library.bind("secp256k1_ecdsa_signature_serialize_der", "pppp");
            signatureNormalize = library.bind("secp256k1_ecdsa_signature_normalize", "ppp");
            ecdsaVerify = library.bind("secp256k1_ecdsa_verify", "pppp");
            ecdsaSign = library.bind("secp256k1_ecdsa_sign", "pppppp");
            signRecoverable = library.bind("secp256k1_ecdsa_sign_recoverable", "pppppp");
            recoverableSerialize =
                    library.bind("secp256k1_ecdsa_recoverable_signature_serialize_compact", "pppp");
            recoverableParse = library.bind("secp256k1_ecdsa_recoverable_signature_parse_compact", "pppi");
            recover = library.bind("secp256k1_ecdsa_recover", "pppp");
            xOnlyParse = library.bind("secp256k1_xonly_pubkey_parse", "ppp");
            xOnlyTweakAddCheck = library.bind("secp256k1_xonly_pubkey_tweak_add_check", "ppipp");
            keyPairCreate = library.bind("secp256k1_keypair_create", "ppp");
            schnorrSign = library.bind("secp256k1_schnorrsig_sign32", "ppppp");
            schnorrVerify = library.bind("secp256k1_schnorrsig_verify", "pppnp");
            ellswiftCreate = library.bind("secp256k1_ellswift_create", "pppp");
            ellswiftDecode = library.bind("secp256k1_ellswift_decode", "ppp");
            ellswiftXdh = library.bind("secp256k1_ellswift_xdh", "pppppipp");
        }
    }
}
