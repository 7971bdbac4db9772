package weft.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/// SHA-256 (FIPS 180-4) and Bitcoin's double SHA-256, by the JDK's digest, which HotSpot replaces with
/// machine instructions where the processor has them.
///
/// An object is a running hash; it is not safe for use by two threads. The static methods use one
/// hidden hash per thread and are safe everywhere.
public final class Sha256 {
    /// Length of a digest in bytes.
    public static final int BYTES = 32;

    private static final ThreadLocal<Sha256> SHARED = ThreadLocal.withInitial(Sha256::new);

    private final MessageDigest digest;

    /// A hash of nothing yet.
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private Sha256(MessageDigest digest) {
        this.digest = digest;
    }

    /// The digest of a whole array.
    ///
    /// @return 32 bytes
    public static byte[] hash(byte[] data) {
        return hash(data, 0, data.length);
    }

    /// The digest of a part of an array.
    ///
    /// @return 32 bytes
    public static byte[] hash(byte[] data, int offset, int length) {
        return SHARED.get().update(data, offset, length).finish();
    }

    /// The digest of the digest of a whole array.
    ///
    /// @return 32 bytes
    public static byte[] hashTwice(byte[] data) {
        return hashTwice(data, 0, data.length);
    }

    /// The digest of the digest of a part of an array.
    ///
    /// @return 32 bytes
    public static byte[] hashTwice(byte[] data, int offset, int length) {
        return SHARED.get().update(data, offset, length).finishTwice();
    }

    /// Writes the digest of the digest of a part of an array, 32 bytes, into an array, which may be the same.
    public static void hashTwice(byte[] data, int offset, int length, byte[] target, int at) {
        Objects.checkFromIndexSize(at, BYTES, target.length);
        MessageDigest digest = SHARED.get().digest;
        digest.update(data, offset, length);
        try {
            digest.digest(target, at, BYTES);
            digest.update(target, at, BYTES);
            digest.digest(target, at, BYTES);
        } catch (DigestException e) {
            throw new AssertionError("32 bytes hold a SHA-256 digest", e);
        }
    }

    /// A running hash of the same bytes so far, independent of this one. May be called by several threads
    /// while none changes this hash.
    public Sha256 copy() {
        try {
            return new Sha256((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("the JDK's SHA-256 can be cloned", e);
        }
    }

    /// Appends a whole array.
    ///
    /// @return this
    public Sha256 update(byte[] data) {
        digest.update(data);
        return this;
    }

    /// Appends a part of an array.
    ///
    /// @return this
    public Sha256 update(byte[] data, int offset, int length) {
        digest.update(data, offset, length);
        return this;
    }

    /// The digest of all that was appended; the object is then empty again.
    ///
    /// @return 32 bytes
    public byte[] finish() {
        return digest.digest();
    }

    /// The digest of the digest of all that was appended; the object is then empty again.
    ///
    /// @return 32 bytes
    public byte[] finishTwice() {
        byte[] first = digest.digest();
        digest.update(first);
        try {
            digest.digest(first, 0, BYTES);
        } catch (DigestException e) {
            throw new AssertionError("32 bytes hold a SHA-256 digest", e);
        }
        return first;
    }
}
