package weft.consensus.script;

import org.jspecify.annotations.Nullable;

/// What signatures of taproot cover beyond the transaction, and the budget for checking them. Not safe for
/// use by two threads.
public final class ExecutionContext {
    static final long NO_CODE_SEPARATOR = 0xffff_ffffL;

    private final byte @Nullable [] annexHash;
    private byte @Nullable [] leafHash;
    private long codeSeparatorPosition = NO_CODE_SEPARATOR;
    private long weightLeft;
    private long hashingLeft;

    /// A spend by key.
    ///
    /// @param annexHash SHA-256 of the annex with its length; null without annex
    public ExecutionContext(byte @Nullable [] annexHash) {
        this.annexHash = annexHash;
    }

    /// A spend by script.
    ///
    /// @param annexHash SHA-256 of the annex with its length; null without annex
    /// @param leafHash 32 bytes. See BIP-0341
    public ExecutionContext(byte @Nullable [] annexHash, byte[] leafHash) {
        this.annexHash = annexHash;
        this.leafHash = leafHash;
    }

    void allowWeight(long weight) {
        weightLeft = weight;
        hashingLeft = weight;
    }

    /// Takes from the budget; false if it is spent.
    boolean takeWeight(long weight) {
        weightLeft -= weight;
        return weightLeft >= 0;
    }

    /// Takes from the budget for hashing, which is as large and of its own; false if it is spent.
    ///
    /// @param blocks of 64 bytes
    boolean takeHashing(int blocks) {
        hashingLeft -= blocks;
        return hashingLeft >= 0;
    }

    void codeSeparatorAt(long position) {
        codeSeparatorPosition = position;
    }

    byte @Nullable [] annexHash() {
        return annexHash;
    }

    byte @Nullable [] leafHash() {
        return leafHash;
    }

    long codeSeparatorPosition() {
        return codeSeparatorPosition;
    }
}
