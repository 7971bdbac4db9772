package weft.crypto;

import java.util.Arrays;
import java.util.Optional;

/// The packet cipher of BIP-0324: ChaCha20-Poly1305 that counts its nonce itself and takes a new key after
/// every so many packets. One direction, one end: the other end has one of its own. Not safe for use by two
/// threads.
public final class FsChaCha20Poly1305 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = ChaCha20Poly1305.KEY_BYTES;

    /// What encryption adds, in bytes.
    public static final int TAG_BYTES = ChaCha20Poly1305.TAG_BYTES;

    /// Packets with one key in BIP-0324.
    public static final int REKEY_INTERVAL_PACKETS = 224;

    private static final int REKEY_NONCE = 0xffff_ffff;

    private final ChaCha20Poly1305 cipher;
    private final int intervalPackets;
    private int packets;
    private long rekeys;

    /// A cipher that changes its key as BIP-0324 says.
    ///
    /// @param key 32 bytes
    public FsChaCha20Poly1305(byte[] key) {
        this(key, REKEY_INTERVAL_PACKETS);
    }

    /// A cipher that changes its key after another number of packets.
    ///
    /// @param key 32 bytes
    /// @param intervalPackets 1 or more
    public FsChaCha20Poly1305(byte[] key, int intervalPackets) {
        if (intervalPackets < 1) {
            throw new IllegalArgumentException("no interval: " + intervalPackets);
        }
        cipher = new ChaCha20Poly1305(key);
        this.intervalPackets = intervalPackets;
    }

    /// Overwrites the key; the cipher must not be used any more.
    public void destroy() {
        cipher.destroy();
    }

    /// Encrypts the next packet.
    ///
    /// @return as many bytes as `plain` and the tag
    public byte[] encrypt(byte[] associated, byte[] plain) {
        byte[] sealed = cipher.encrypt(packets, rekeys, associated, plain);
        next();
        return sealed;
    }

    /// Decrypts the next packet.
    ///
    /// @return empty if the tag is wrong; the packet counts all the same
    public Optional<byte[]> decrypt(byte[] associated, byte[] sealed) {
        Optional<byte[]> plain = cipher.decrypt(packets, rekeys, associated, sealed);
        next();
        return plain;
    }

    /// Encrypts the next packet, `length` bytes, where it is, and writes the tag behind it.
    public void encryptInPlace(byte[] data, int offset, int length, byte[] associated) {
        cipher.encryptInPlace(packets, rekeys, data, offset, length, associated);
        next();
    }

    /// Decrypts the next packet, `length` bytes and the tag behind them, where it is; changes nothing if
    /// the tag is wrong, but the packet counts all the same.
    ///
    /// @return whether the tag was right
    public boolean decryptInPlace(byte[] data, int offset, int length, byte[] associated) {
        boolean right = cipher.decryptInPlace(packets, rekeys, data, offset, length, associated);
        next();
        return right;
    }

    private void next() {
        packets++;
        if (packets == intervalPackets) {
            byte[] key = cipher.keystream(REKEY_NONCE, rekeys, KEY_BYTES);
            cipher.setKey(key);
            Arrays.fill(key, (byte) 0);
            packets = 0;
            rekeys++;
        }
    }
}
