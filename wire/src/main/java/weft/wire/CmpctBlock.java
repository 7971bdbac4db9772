package weft.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.primitives.BlockHeader;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// `cmpctblock`: a block whose transactions the receiver probably has, by short ids. See BIP-0152.
///
/// @param header of the block
/// @param nonce part of the key of the short ids
/// @param shortIds of the transactions that are not prefilled, 48 bits each, in the order of the block;
///     immutable
/// @param prefilled transactions that come whole, in the order of the block; immutable
public record CmpctBlock(
        BlockHeader header, long nonce, List<Long> shortIds, List<PrefilledTransaction> prefilled)
        implements Message {
    /// Name on the wire.
    public static final String COMMAND = "cmpctblock";

    /// Length of a short id in bytes.
    public static final int SHORT_ID_BYTES = 6;

    /// Most transactions that a compact block can speak of.
    public static final int MAX_TRANSACTIONS = 65_535;

    /// Keeps copies of the lists.
    public CmpctBlock {
        shortIds = List.copyOf(shortIds);
        prefilled = List.copyOf(prefilled);
    }

    static CmpctBlock read(ByteReader in) {
        BlockHeader header = BlockHeader.read(in);
        long nonce = in.i64();
        List<Long> shortIds = in.list(ByteReader.MAX_SIZE, SHORT_ID_BYTES, CmpctBlock::readShortId);
        List<PrefilledTransaction> prefilled =
                in.list(
                        ByteReader.MAX_SIZE,
                        PrefilledTransaction.BYTES_MIN,
                        PrefilledTransaction::read);
        if (shortIds.size() + prefilled.size() > MAX_TRANSACTIONS) {
            throw new MalformedBytes("indexes overflowed 16 bits");
        }
        return new CmpctBlock(header, nonce, shortIds, prefilled);
    }

    private static Long readShortId(ByteReader in) {
        return in.u32() | ((long) in.u16() << 32);
    }

    private static void writeShortId(Long id, ByteWriter out) {
        out.u32(id).u16((int) (id >>> 32));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        header.write(out);
        out.i64(nonce)
                .list(shortIds, CmpctBlock::writeShortId)
                .list(prefilled, PrefilledTransaction::write);
    }

    /// How many transactions the block has.
    public int transactionCount() {
        return shortIds.size() + prefilled.size();
    }

    /// Positions in the block of the prefilled transactions, one for each.
    ///
    /// @return empty if a position lies outside of the block, which makes the message invalid
    public Optional<List<Integer>> prefilledPositions() {
        var positions = new ArrayList<Integer>(prefilled.size());
        int position = -1;
        for (PrefilledTransaction each : prefilled) {
            position += each.skipped() + 1;
            if (position > MAX_TRANSACTIONS || position > shortIds.size() + positions.size()) {
                return Optional.empty();
            }
            positions.add(position);
        }
        return Optional.of(List.copyOf(positions));
    }
}
