package weft.crypto;

import java.nio.charset.StandardCharsets;

/// SHA-256 that begins with the hash of a tag, twice, so that no two uses can be confused. See BIP-0340.
public final class TaggedHash {
    private final byte[] prefix;

    private TaggedHash(byte[] prefix) {
        this.prefix = prefix;
    }

    /// The hash of a tag, such as `TapLeaf`; keep it, it is made once.
    public static TaggedHash of(String tag) {
        byte[] once = Sha256.hash(tag.getBytes(StandardCharsets.UTF_8));
        byte[] twice = new byte[2 * Sha256.BYTES];
        System.arraycopy(once, 0, twice, 0, Sha256.BYTES);
        System.arraycopy(once, 0, twice, Sha256.BYTES, Sha256.BYTES);
        return new TaggedHash(twice);
    }

    /// A running hash that has the tag behind it.
    public Sha256 begin() {
        return new Sha256().update(prefix);
    }

    /// The digest of the tag and a whole array.
    ///
    /// @return 32 bytes
    public byte[] hash(byte[] data) {
        return begin().update(data).finish();
    }
}
