package weft.crypto.internal;

import static weft.crypto.internal.NativeContext.INT;
import static weft.crypto.internal.NativeContext.POINTER;
import static weft.crypto.internal.NativeContext.SIZE;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C functions of libsecp256k1 that we call, named as there without the prefix.
final class NativeFunctions {
    final MethodHandle seckeyVerify;
    final MethodHandle seckeyTweakAdd;
    final MethodHandle pubkeyCreate;
    final MethodHandle pubkeyParse;
    final MethodHandle pubkeySerialize;
    final MethodHandle pubkeyTweakAdd;
    final MethodHandle pubkeyTweakMul;
    final MethodHandle pubkeyCombine;
    final MethodHandle signatureParseCompact;
    final MethodHandle signatureSerializeCompact;
    final MethodHandle signatureNormalize;
    final MethodHandle ecdsaVerify;
    final MethodHandle ecdsaSign;
    final MethodHandle signRecoverable;
    final MethodHandle recoverableParse;
    final MethodHandle recoverableSerialize;
    final MethodHandle recover;
    final MethodHandle ecdh;
    final MethodHandle xonlyParse;
    final MethodHandle xonlySerialize;
    final MethodHandle xonlyTweakAdd;
    final MethodHandle xonlyTweakAddCheck;
    final MethodHandle keypairCreate;
    final MethodHandle keypairSec;
    final MethodHandle keypairXonlyPub;
    final MethodHandle keypairTweakAdd;
    final MethodHandle schnorrVerify;
    final MethodHandle schnorrSign;
    final MethodHandle ellswiftCreate;
    final MethodHandle ellswiftDecode;
    final MethodHandle ellswiftXdh;

    /// What hashes the shared point in BIP-0324.
    final MemorySegment bip324Hash;

    NativeFunctions(NativeContext context, NativeLibrary library) {
        seckeyVerify = bind(context, "ec_seckey_verify", POINTER);
        seckeyTweakAdd = bind(context, "ec_seckey_tweak_add", POINTER, POINTER);
        pubkeyCreate = bind(context, "ec_pubkey_create", POINTER, POINTER);
        pubkeyParse = bind(context, "ec_pubkey_parse", POINTER, POINTER, SIZE);
        pubkeySerialize = bind(context, "ec_pubkey_serialize", POINTER, POINTER, POINTER, INT);
        pubkeyTweakAdd = bind(context, "ec_pubkey_tweak_add", POINTER, POINTER);
        pubkeyTweakMul = bind(context, "ec_pubkey_tweak_mul", POINTER, POINTER);
        pubkeyCombine = bind(context, "ec_pubkey_combine", POINTER, POINTER, SIZE);
        signatureParseCompact = bind(context, "ecdsa_signature_parse_compact", POINTER, POINTER);
        signatureSerializeCompact =
                bind(context, "ecdsa_signature_serialize_compact", POINTER, POINTER);
        signatureNormalize = bind(context, "ecdsa_signature_normalize", POINTER, POINTER);
        ecdsaVerify = bind(context, "ecdsa_verify", POINTER, POINTER, POINTER);
        ecdsaSign = bind(context, "ecdsa_sign", POINTER, POINTER, POINTER, POINTER, POINTER);
        signRecoverable =
                bind(
                        context,
                        "ecdsa_sign_recoverable",
                        POINTER,
                        POINTER,
                        POINTER,
                        POINTER,
                        POINTER);
        recoverableParse =
                bind(context, "ecdsa_recoverable_signature_parse_compact", POINTER, POINTER, INT);
        recoverableSerialize =
                bind(
                        context,
                        "ecdsa_recoverable_signature_serialize_compact",
                        POINTER,
                        POINTER,
                        POINTER);
        recover = bind(context, "ecdsa_recover", POINTER, POINTER, POINTER);
        ecdh = bind(context, "ecdh", POINTER, POINTER, POINTER, POINTER, POINTER);
        xonlyParse = bind(context, "xonly_pubkey_parse", POINTER, POINTER);
        xonlySerialize = bind(context, "xonly_pubkey_serialize", POINTER, POINTER);
        xonlyTweakAdd = bind(context, "xonly_pubkey_tweak_add", POINTER, POINTER, POINTER);
        xonlyTweakAddCheck =
                bind(context, "xonly_pubkey_tweak_add_check", POINTER, INT, POINTER, POINTER);
        keypairCreate = bind(context, "keypair_create", POINTER, POINTER);
        keypairSec = bind(context, "keypair_sec", POINTER, POINTER);
        keypairXonlyPub = bind(context, "keypair_xonly_pub", POINTER, POINTER, POINTER);
        keypairTweakAdd = bind(context, "keypair_xonly_tweak_add", POINTER, POINTER);
        schnorrVerify = bind(context, "schnorrsig_verify", POINTER, POINTER, SIZE, POINTER);
        schnorrSign = bind(context, "schnorrsig_sign32", POINTER, POINTER, POINTER, POINTER);
        ellswiftCreate = bind(context, "ellswift_create", POINTER, POINTER, POINTER);
        ellswiftDecode = bind(context, "ellswift_decode", POINTER, POINTER);
        ellswiftXdh =
                bind(
                        context,
                        "ellswift_xdh",
                        POINTER,
                        POINTER,
                        POINTER,
                        POINTER,
                        INT,
                        POINTER,
                        POINTER);
        bip324Hash = library.pointerVariable("secp256k1_ellswift_xdh_hash_function_bip324");
    }

    private static MethodHandle bind(
            NativeContext context, String name, MemoryLayout... arguments) {
        return context.function("secp256k1_" + name, arguments);
    }
}
