package weft.crypto;

import java.nio.charset.StandardCharsets;

/// SHA-256 with a tag that keeps uses apart (BIP-0340). Make one object a tag and keep it: the two blocks
/// of the tag are hashed once, here. Safe for use by many threads.
public final class TaggedHash {
    private final Sha256 afterTag;

    private TaggedHash(Sha256 afterTag) {
        this.afterTag = afterTag;
    }

    /// The hash for a tag, for instance `TapLeaf`.
    public static TaggedHash of(String tag) {
        byte[] hashedTag = Sha256.hash(tag.getBytes(StandardCharsets.UTF_8));
        return new TaggedHash(new Sha256().update(hashedTag).update(hashedTag));
    }

    /// The digest of the parts, one after the other.
    ///
    /// @return 32 bytes
    public byte[] hash(byte[]... parts) {
        Sha256 running = begin();
        for (byte[] part : parts) {
            running.update(part);
        }
        return running.finish();
    }

    /// A running hash that has the tag behind it; for one digest, after which it is plain SHA-256.
    public Sha256 begin() {
        return afterTag.copy();
    }
}
