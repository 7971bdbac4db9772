package weft.chain;

import java.nio.charset.StandardCharsets;
import weft.consensus.script.SignatureVerifier;
import weft.crypto.Sha256;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteWriter;

/// What was found right before: signatures, and whole transactions with the flags under which every one of
/// their scripts passed. Only successes are kept. Safe for use by any number of threads.
///
/// Keys are SHA-256 behind a secret salt, so nobody can choose what they push out. Both sets together stay
/// within a fixed memory, half for each.
public final class ScriptCaches {
    /// Memory of both caches unless told otherwise, in bytes.
    public static final long DEFAULT_BYTES = 32L << 20;

    /// Remembers nothing.
    public static final ScriptCaches NONE = new ScriptCaches(new byte[0], 0);

    private final Sha256 ecdsaSalt;
    private final Sha256 schnorrSalt;
    private final Sha256 scriptSalt;
    private final DigestSet signatures;
    private final DigestSet scripts;
    private final boolean enabled;
    private final SignatureVerifier curve = SignatureVerifier.CURVE;

    /// Empty caches.
    ///
    /// @param salt secret and random, the same for the life of the caches
    /// @param bytesMax memory of both together; 0 to remember nothing
    public ScriptCaches(byte[] salt, long bytesMax) {
        ecdsaSalt = salted(salt, "ecdsa");
        schnorrSalt = salted(salt, "schnorr");
        scriptSalt = salted(salt, "scripts");
        signatures = new DigestSet(bytesMax / 2);
        scripts = new DigestSet(bytesMax / 2);
        enabled = scripts.capacity() > 0;
    }

    /// A whole block of the hash, so that a key costs no more than its own bytes.
    private static Sha256 salted(byte[] salt, String use) {
        byte[] name = Sha256.hash(use.getBytes(StandardCharsets.US_ASCII));
        return new Sha256().update(Sha256.hash(salt)).update(name);
    }

    /// Number of signatures that find room at most; as many transactions do.
    public long capacity() {
        return signatures.capacity();
    }

    /// Whether all scripts of a transaction are known to pass.
    boolean knows(Transaction tx, int flags) {
        return !scripts.isEmpty() && scripts.contains(key(tx, flags));
    }

    /// Keeps that all scripts of a transaction pass.
    void remember(Transaction tx, int flags) {
        if (enabled) {
            scripts.add(key(tx, flags));
        }
    }

    /// The witness id says which outputs are spent, and so what their scripts are.
    private byte[] key(Transaction tx, int flags) {
        var out = new ByteWriter(36);
        tx.wtxid().write(out);
        return scriptSalt.copy().update(out.i32(flags).toByteArray()).finish();
    }

    /// Checks signatures, but for those that are known. While nothing is, as in initial download, no time is
    /// lost on keys.
    ///
    /// @param remember whether right ones are kept
    SignatureVerifier verifier(boolean remember) {
        boolean isOfUse = enabled && (remember || !signatures.isEmpty());
        return isOfUse ? new Caching(remember) : curve;
    }

    private final class Caching implements SignatureVerifier {
        private final boolean remember;

        Caching(boolean remember) {
            this.remember = remember;
        }

        @Override
        public boolean ecdsa(byte[] signature, byte[] digest, byte[] publicKey) {
            byte[] key = key(ecdsaSalt, signature, digest, publicKey);
            return signatures.contains(key) || keep(curve.ecdsa(signature, digest, publicKey), key);
        }

        @Override
        public boolean schnorr(byte[] signature, byte[] digest, byte[] publicKey) {
            byte[] key = key(schnorrSalt, signature, digest, publicKey);
            return signatures.contains(key)
                    || keep(curve.schnorr(signature, digest, publicKey), key);
        }

        private boolean keep(boolean right, byte[] key) {
            if (right && remember) {
                signatures.add(key);
            }
            return right;
        }

        /// Lengths are in it, so no two triples look the same.
        private static byte[] key(Sha256 salt, byte[] signature, byte[] digest, byte[] publicKey) {
            var out = new ByteWriter(digest.length + publicKey.length + signature.length + 8);
            out.bytes(digest).i32(publicKey.length).bytes(publicKey).bytes(signature);
            return salt.copy().update(out.toByteArray()).finish();
        }
    }
}
