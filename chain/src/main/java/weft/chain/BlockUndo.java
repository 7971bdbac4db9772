package weft.chain;

import java.util.List;
import weft.consensus.Coin;
import weft.primitives.Bytes;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// The coins that a block spent, so that it can be disconnected again. The bytes are those of Bitcoin
/// Core's `rev` files.
///
/// @param transactions one for each transaction but the coinbase, in order
public record BlockUndo(List<TxUndo> transactions) {
    /// Copies the list.
    public BlockUndo {
        transactions = List.copyOf(transactions);
    }

    /// The coins that one transaction spent.
    ///
    /// @param coins one for each input, in order
    public record TxUndo(List<Coin> coins) {
        /// Copies the list.
        public TxUndo {
            coins = List.copyOf(coins);
        }

        private static TxUndo read(ByteReader in) {
            return new TxUndo(in.list(ByteReader.MAX_SIZE, 3, TxUndo::readCoin));
        }

        private void write(ByteWriter out) {
            out.list(coins, TxUndo::writeCoin);
        }

        private static Coin readCoin(ByteReader in) {
            long code = VarInt.read(in);
            int height = (int) (code >>> 1);
            if (height > 0) {
                VarInt.read(in);
            }
            TxOut out = CoinCodec.readTxOut(in);
            return new Coin(out, height, (code & 1) == 1);
        }

        private static void writeCoin(Coin coin, ByteWriter out) {
            VarInt.write(out, coin.height() * 2L + (coin.isCoinbase() ? 1 : 0));
            if (coin.height() > 0) {
                out.u8(0);
            }
            CoinCodec.writeTxOut(out, coin.out());
        }
    }

    /// Reads undo data, all of it.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if the bytes have another form
    public static BlockUndo read(Bytes bytes) {
        ByteReader in = ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
        var undo = new BlockUndo(in.list(ByteReader.MAX_SIZE, 1, TxUndo::read));
        in.expectEnd();
        return undo;
    }

    /// The bytes as they are in undo files, without the checksum.
    public Bytes toBytes() {
        var out = new ByteWriter();
        out.list(transactions, TxUndo::write);
        return out.toBytes();
    }
}
