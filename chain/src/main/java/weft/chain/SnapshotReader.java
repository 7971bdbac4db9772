package weft.chain;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import weft.consensus.Coin;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Reads a file of all coins piece by piece. Memory stays bounded whatever the file claims.
public final class SnapshotReader {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int PIECE_BYTES_MAX = 1 << 26;

    private final InputStream in;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private boolean ended;

    /// Reads from where the stream stands.
    ///
    /// @param in is not closed by this object
    public SnapshotReader(InputStream in) {
        this.in = in;
    }

    /// Reads the header.
    ///
    /// @throws MalformedBytes if it is none
    public SnapshotHeader header() {
        return piece(SnapshotHeader::read, SnapshotHeader.BYTES);
    }

    /// Reads the id that coins follow of.
    Txid txid() {
        return piece(Txid::read, Txid.BYTES);
    }

    /// Reads a number in Bitcoin's short form.
    long compactSize() {
        return piece(ByteReader::compactSize, 1);
    }

    /// Reads a coin.
    Coin coin() {
        return piece(CoinCodec::readCoin, 3);
    }

    /// Whether nothing is left.
    boolean isAtEnd() {
        if (position == limit) {
            fill(1);
        }
        return position == limit;
    }

    /// Reads something of unknown length: tries with what is in memory, and with more as long as that may
    /// help.
    private <T> T piece(Function<ByteReader, T> read, int leastBytes) {
        if (limit - position < leastBytes) {
            fill(leastBytes);
        }
        while (true) {
            var from = ByteReader.of(buffer, position, limit - position);
            try {
                T found = read.apply(from);
                position = from.position();
                return found;
            } catch (MalformedBytes e) {
                int have = limit - position;
                if (ended || have >= PIECE_BYTES_MAX || !fill(have + 1)) {
                    throw e;
                }
            }
        }
    }

    /// Makes at least so many bytes be in memory, if there are.
    ///
    /// @return whether there are more than before
    private boolean fill(int wanted) {
        int have = limit - position;
        byte[] target = wanted > buffer.length ? new byte[2 * Math.max(wanted, have)] : buffer;
        System.arraycopy(buffer, position, target, 0, have);
        buffer = target;
        position = 0;
        limit = have;
        try {
            int read = in.readNBytes(buffer, limit, buffer.length - limit);
            ended = read < buffer.length - limit;
            limit += read;
            return read > 0;
        } catch (IOException e) {
            throw new MalformedBytes("cannot read: " + e.getMessage());
        }
    }
}
