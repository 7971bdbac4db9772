package weft.wallet.psbt;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.wallet.sign.InputSignatures.TaprootKey;
import weft.wallet.sign.KeyOrigin;

/// Keys and values as BIP-0174 writes them, the parts that all three kinds of maps share.
final class PsbtMap {
    private static final int STEP_BYTES = 4;

    private PsbtMap() {}

    /// A field of a map.
    ///
    /// @param type first number of the key
    record Field(int type, Bytes key) {
        /// What stands behind a type of one byte.
        Bytes rest() {
            return key.from(1);
        }

        /// Refuses a key that has more than its type.
        void mustBeBare(String name) {
            if (key.length() != 1) {
                throw new MalformedBytes(name + " is more than one byte type");
            }
        }

        /// The public key behind the type.
        Bytes publicKey(String name) {
            int length = key.length() - 1;
            if (length != Secp256k1.UNCOMPRESSED_BYTES && length != Secp256k1.COMPRESSED_BYTES) {
                throw new MalformedBytes(
                        "Size of key was not the expected size for the type " + name);
            }
            if (!Secp256k1.get().isValidPublicKey(rest().toByteArray())) {
                throw new MalformedBytes("Invalid pubkey");
            }
            return rest();
        }
    }

    /// Reads the key of the next field; null at the end of the map.
    ///
    /// @param which map, for the message
    static @Nullable Field next(ByteReader in, String which) {
        if (in.isAtEnd()) {
            throw new MalformedBytes("Separator is missing at the end of " + which);
        }
        Bytes key = in.varBytes();
        if (key.isEmpty()) {
            return null;
        }
        return new Field(reader(key).compactSize(), key);
    }

    static ByteReader reader(Bytes bytes) {
        return ByteReader.of(bytes.toByteArray());
    }

    /// Reads a value of a stated length with what reads its parts.
    static <T> T value(ByteReader in, Function<ByteReader, T> parts) {
        int length = in.compactSize();
        int from = in.position();
        T value = parts.apply(in);
        if (in.position() - from != length) {
            throw new MalformedBytes("Size of value was not the stated size");
        }
        return value;
    }

    static void unique(boolean isNew, String what) {
        if (!isNew) {
            throw new MalformedBytes("Duplicate Key, " + what);
        }
    }

    /// Reads a fingerprint and steps.
    static KeyOrigin origin(ByteReader in, int length) {
        if (length % STEP_BYTES != 0 || length <= 0) {
            throw new MalformedBytes("Invalid length for HD key path");
        }
        Bytes fingerprint = in.slice(STEP_BYTES).compact();
        List<Integer> path = new ArrayList<>();
        for (int i = STEP_BYTES; i < length; i += STEP_BYTES) {
            path.add(in.i32());
        }
        return new KeyOrigin(fingerprint, path);
    }

    static KeyOrigin origin(ByteReader in) {
        return origin(in, in.compactSize());
    }

    static void writeOrigin(ByteWriter out, KeyOrigin origin) {
        out.bytes(origin.fingerprint());
        origin.path().forEach(out::i32);
    }

    static Bytes originBytes(KeyOrigin origin) {
        var out = new ByteWriter();
        writeOrigin(out, origin);
        return Bytes.wrap(out.toByteArray());
    }

    /// Reads leaf hashes and where the key comes from.
    ///
    /// @param which map, for the message
    static TaprootKey taprootKey(ByteReader in, String which) {
        int length = in.compactSize();
        int from = in.position();
        List<Bytes> hashes = in.list(ByteReader.MAX_SIZE, 32, each -> each.slice(32).compact());
        int used = in.position() - from;
        if (used > length) {
            throw new MalformedBytes(which + " Taproot BIP32 keypath has an invalid length");
        }
        KeyOrigin origin = origin(in, length - used);
        return new TaprootKey(new TreeSet<>(hashes), origin);
    }

    static Bytes taprootKeyBytes(TaprootKey key) {
        var out = new ByteWriter();
        out.compactSize(key.leafHashes().size());
        key.leafHashes().forEach(out::bytes);
        writeOrigin(out, key.origin());
        return Bytes.wrap(out.toByteArray());
    }

    /// Writes a field.
    static void write(ByteWriter out, int type, Bytes key, Bytes value) {
        out.compactSize(1 + key.length()).u8(type).bytes(key);
        out.varBytes(value);
    }

    /// Writes a field whose key is its type alone, unless the value is empty.
    static void writeUnlessEmpty(ByteWriter out, int type, Bytes value) {
        if (!value.isEmpty()) {
            write(out, type, Bytes.EMPTY, value);
        }
    }
}
