package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Cipher;

/// Authenticated encryption of RFC 8439. A nonce must be used once only with a key. Not safe for use by two
/// threads.
///
/// Long messages go through the JDK's cipher, whose inner loops are vector code of the processor: ten times
/// as fast. Short ones do not, because to set it up costs more than they take here.
public final class ChaCha20Poly1305 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = ChaCha20.KEY_BYTES;

    /// What encryption adds, in bytes.
    public static final int TAG_BYTES = Poly1305.TAG_BYTES;

    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ChaCha20 cipher;
    private final LongMessages sealing;
    private final LongMessages opening;

    /// A cipher with this key.
    ///
    /// @param key 32 bytes
    public ChaCha20Poly1305(byte[] key) {
        cipher = new ChaCha20(key);
        sealing = new LongMessages(key);
        opening = new LongMessages(key);
    }

    /// Takes another key.
    ///
    /// @param key 32 bytes
    void setKey(byte[] key) {
        cipher.setKey(key);
        sealing.setKey(key);
        opening.setKey(key);
    }

    /// Overwrites the key; the cipher must not be used any more.
    public void destroy() {
        cipher.destroy();
        sealing.destroy();
        opening.destroy();
    }

    /// Encrypts.
    ///
    /// @param nonceFirst the first four bytes of the nonce, read little-endian
    /// @param nonceRest the other eight bytes, read little-endian
    /// @param associated authenticated too, but not sent
    /// @return as many bytes as `plain` and the tag
    public byte[] encrypt(int nonceFirst, long nonceRest, byte[] associated, byte[] plain) {
        byte[] sealed = Arrays.copyOf(plain, Math.addExact(plain.length, TAG_BYTES));
        encryptInPlace(nonceFirst, nonceRest, sealed, 0, plain.length, associated);
        return sealed;
    }

    /// Decrypts what [#encrypt] made with the same nonce and associated bytes.
    ///
    /// @return empty if the tag is not that of these bytes
    public Optional<byte[]> decrypt(
            int nonceFirst, long nonceRest, byte[] associated, byte[] sealed) {
        if (sealed.length < TAG_BYTES) {
            return Optional.empty();
        }
        byte[] work = sealed.clone();
        int length = sealed.length - TAG_BYTES;
        return decryptInPlace(nonceFirst, nonceRest, work, 0, length, associated)
                ? Optional.of(Arrays.copyOf(work, length))
                : Optional.empty();
    }

    /// Encrypts `length` bytes where they are and writes the tag behind them.
    public void encryptInPlace(
            int nonceFirst,
            long nonceRest,
            byte[] data,
            int offset,
            int length,
            byte[] associated) {
        Objects.checkFromIndexSize(offset, Math.addExact(length, TAG_BYTES), data.length);
        Cipher ready = sealing.begin(Cipher.ENCRYPT_MODE, nonceFirst, nonceRest, length);
        if (ready != null) {
            LongMessages.seal(ready, data, offset, length, associated);
            return;
        }
        byte[] tagKey = tagKey(nonceFirst, nonceRest);
        cipher.seek(nonceFirst, nonceRest, 1);
        cipher.crypt(data, offset, length);
        byte[] tag = tag(tagKey, data, offset, length, associated);
        System.arraycopy(tag, 0, data, offset + length, TAG_BYTES);
    }

    /// Decrypts `length` bytes where they are, if the 16 bytes behind them are their tag; else changes
    /// nothing.
    ///
    /// @return whether the tag was right; compared in a time that does not depend on the bytes
    public boolean decryptInPlace(
            int nonceFirst,
            long nonceRest,
            byte[] data,
            int offset,
            int length,
            byte[] associated) {
        Objects.checkFromIndexSize(offset, Math.addExact(length, TAG_BYTES), data.length);
        Cipher ready = opening.begin(Cipher.DECRYPT_MODE, nonceFirst, nonceRest, length);
        if (ready != null) {
            return LongMessages.open(ready, data, offset, length + TAG_BYTES, associated);
        }
        byte[] wanted = tag(tagKey(nonceFirst, nonceRest), data, offset, length, associated);
        byte[] found = Arrays.copyOfRange(data, offset + length, offset + length + TAG_BYTES);
        if (!MessageDigest.isEqual(wanted, found)) {
            return false;
        }
        cipher.seek(nonceFirst, nonceRest, 1);
        cipher.crypt(data, offset, length);
        return true;
    }

    /// `length` bytes of the keystream that would encrypt under this nonce.
    byte[] keystream(int nonceFirst, long nonceRest, int length) {
        cipher.seek(nonceFirst, nonceRest, 1);
        return cipher.keystream(length);
    }

    private byte[] tagKey(int nonceFirst, long nonceRest) {
        cipher.seek(nonceFirst, nonceRest, 0);
        return cipher.keystream(Poly1305.KEY_BYTES);
    }

    private static byte[] tag(
            byte[] tagKey, byte[] data, int offset, int length, byte[] associated) {
        byte[] lengths = new byte[2 * Long.BYTES];
        LONG_LE.set(lengths, 0, (long) associated.length);
        LONG_LE.set(lengths, Long.BYTES, (long) length);
        var poly = new Poly1305(tagKey);
        Arrays.fill(tagKey, (byte) 0);
        return poly.update(associated, 0, associated.length)
                .pad()
                .update(data, offset, length)
                .pad()
                .update(lengths, 0, lengths.length)
                .finish();
    }
}
