package weft.primitives;

import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// A block as its bytes say, with its hash computed once. Immutable. Nothing here judges.
public final class Block {
    private static final int TX_BYTES_MIN = 10;

    private final BlockHeader header;
    private final List<Transaction> transactions;
    private final BlockHash hash;

    private Block(BlockHeader header, List<Transaction> transactions) {
        this.header = header;
        this.transactions = transactions;
        this.hash = header.hash();
    }

    /// A block of a header and transactions.
    public static Block of(BlockHeader header, List<Transaction> transactions) {
        return new Block(header, List.copyOf(transactions));
    }

    /// Reads a block; its transactions share the memory of the input.
    public static Block read(ByteReader in) {
        return read(in, Transaction.Encoding.WITNESS);
    }

    /// Reads a block in one of the two forms.
    public static Block read(ByteReader in, Transaction.Encoding encoding) {
        BlockHeader header = BlockHeader.read(in);
        return new Block(
                header,
                in.list(
                        ByteReader.MAX_SIZE,
                        TX_BYTES_MIN,
                        reader -> Transaction.read(reader, encoding)));
    }

    /// Reads a block from hexadecimal text, all of it.
    ///
    /// @throws IllegalArgumentException if the text is not hexadecimal
    public static Block parse(String hex) {
        ByteReader in = ByteReader.of(HexFormat.of().parseHex(hex));
        Block block = read(in);
        in.expectEnd();
        return block;
    }

    /// Writes the block with its witnesses.
    public void write(ByteWriter out) {
        write(out, Transaction.Encoding.WITNESS);
    }

    /// Writes the block in one of the two forms.
    public void write(ByteWriter out, Transaction.Encoding encoding) {
        header.write(out);
        out.list(transactions, (tx, writer) -> tx.write(writer, encoding));
    }

    /// The encoding with witnesses.
    public byte[] toByteArray() {
        var out = new ByteWriter(totalSize());
        write(out);
        return out.toByteArray();
    }

    /// The 80 bytes at the front.
    public BlockHeader header() {
        return header;
    }

    /// Hash of the header.
    public BlockHash hash() {
        return hash;
    }

    /// All transactions, the coinbase first; immutable.
    public List<Transaction> transactions() {
        return transactions;
    }

    /// Bytes without witnesses; [Integer#MAX_VALUE] for more than that.
    ///
    /// *Rationale:* whoever puts a block together of transactions at hand can name more than fit in any
    /// message, and the sum must not come out small (CVE-2025-46597).
    public int strippedSize() {
        long size = sizeOfFront();
        for (Transaction tx : transactions) {
            size += tx.strippedSize();
        }
        return saturated(size);
    }

    /// Bytes with witnesses; [Integer#MAX_VALUE] for more than that.
    public int totalSize() {
        long size = sizeOfFront();
        for (Transaction tx : transactions) {
            size += tx.totalSize();
        }
        return saturated(size);
    }

    /// BIP-0141: three times the stripped size plus the total size; [Integer#MAX_VALUE] for more than that.
    public int weight() {
        return saturated(3L * strippedSize() + totalSize());
    }

    private int sizeOfFront() {
        return BlockHeader.BYTES + ByteWriter.compactSizeBytes(transactions.size());
    }

    private static int saturated(long size) {
        return (int) Math.min(size, Integer.MAX_VALUE);
    }

    /// Equal when header and transactions, witnesses included, are.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Block that
                && hash.equals(that.hash)
                && transactions.equals(that.transactions);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "Block[" + hash + ", " + transactions.size() + " transactions]";
    }
}
