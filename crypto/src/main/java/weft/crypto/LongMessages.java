package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/// One direction of the JDK's ChaCha20-Poly1305. It is made when the first message comes that is long
/// enough, because most connections of a short life never see one.
final class LongMessages {
    /// The shortest message that the JDK's cipher gets.
    ///
    /// *Rationale:* to give it key and nonce takes 0.6 µs, about as long as a message of this length here.
    static final int MIN_BYTES = 192;

    private static final int NONCE_BYTES = 12;
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Key key;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private @Nullable Cipher cipher;

    /// A key as the JDK's cipher wants it.
    ///
    /// The cipher keeps the array that it is given, and overwrites it when it is given the next one: so
    /// each time it gets another, of which the last is remembered, to be overwritten here.
    private static final class Key implements SecretKey {
        private static final long serialVersionUID = 1;

        private final transient byte[] bytes;
        private transient byte[] given = {};

        Key(byte[] bytes) {
            this.bytes = bytes;
        }

        /// Overwrites what the cipher was given; it cannot go on with it.
        void takeBack() {
            Arrays.fill(given, (byte) 0);
        }

        @Override
        public String getAlgorithm() {
            return "ChaCha20";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            given = bytes.clone();
            return given;
        }
    }

    LongMessages(byte[] key) {
        this.key = new Key(key.clone());
    }

    void setKey(byte[] bytes) {
        System.arraycopy(bytes, 0, key.bytes, 0, key.bytes.length);
        key.takeBack();
        cipher = null;
    }

    void destroy() {
        Arrays.fill(key.bytes, (byte) 0);
        key.takeBack();
        cipher = null;
    }

    /// Prepares for a message.
    ///
    /// @param mode of [Cipher]
    /// @return null if the message is short, or the nonce is the last one again, which the JDK refuses
    @Nullable Cipher begin(int mode, int nonceFirst, long nonceRest, int length) {
        Cipher last = cipher;
        boolean again =
                last != null
                        && (int) INT_LE.get(nonce, 0) == nonceFirst
                        && (long) LONG_LE.get(nonce, Integer.BYTES) == nonceRest;
        if (length < MIN_BYTES || again) {
            return null;
        }
        INT_LE.set(nonce, 0, nonceFirst);
        LONG_LE.set(nonce, Integer.BYTES, nonceRest);
        try {
            Cipher ready = last == null ? Cipher.getInstance("ChaCha20-Poly1305") : last;
            ready.init(mode, key, new IvParameterSpec(nonce));
            cipher = ready;
            return ready;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ChaCha20-Poly1305", e);
        }
    }

    /// Encrypts a message where it is and writes the tag behind it.
    static void seal(Cipher ready, byte[] data, int offset, int length, byte[] associated) {
        try {
            ready.updateAAD(associated);
            ready.doFinal(data, offset, length, data, offset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("there is room for message and tag", e);
        }
    }

    /// Decrypts a message where it is.
    ///
    /// @param length with the tag
    /// @return false if the tag was wrong; then nothing is changed
    static boolean open(Cipher ready, byte[] data, int offset, int length, byte[] associated) {
        try {
            ready.updateAAD(associated);
            ready.doFinal(data, offset, length, data, offset);
            return true;
        } catch (AEADBadTagException _) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("there is room for the message", e);
        }
    }
}
