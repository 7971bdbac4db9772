package weft.wire;

import java.util.List;
import weft.primitives.BlockHash;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `blocktxn`: the transactions of a block that were asked for. See BIP-0152.
///
/// @param block which block
/// @param transactions in the order of the request; immutable
public record BlockTxn(BlockHash block, List<Transaction> transactions) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "blocktxn";

    private static final int TX_BYTES_MIN = 10;

    /// Keeps a copy of the list.
    public BlockTxn {
        transactions = List.copyOf(transactions);
    }

    static BlockTxn read(ByteReader in) {
        return new BlockTxn(
                BlockHash.read(in), in.list(ByteReader.MAX_SIZE, TX_BYTES_MIN, Transaction::read));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        block.write(out);
        out.list(transactions, Transaction::write);
    }
}
