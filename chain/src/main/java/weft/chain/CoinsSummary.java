package weft.chain;

import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.crypto.MuHash3072;
import weft.crypto.Sha256;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.ByteWriter;

/// What `gettxoutsetinfo` says of all coins.
///
/// @param outputs number of coins
/// @param transactions number of transactions that have coins
/// @param bogoSize a number of bytes that means nothing, but is the same for all nodes
/// @param amount sum of all coins, in satoshis
/// @param hashSerialized Core's `hash_serialized_3`
public record CoinsSummary(
        long outputs, long transactions, long bogoSize, long amount, Digest256 hashSerialized) {
    private static final int BOGO_BYTES_EACH = 50;

    /// Counts and hashes all coins that are on disk; flush the chain state before.
    public static CoinsSummary of(CoinsStore store) {
        var sum = new Sum();
        store.scan(sum::add);
        return sum.finish();
    }

    /// The hash of all coins on disk that does not depend on their order (Core: `muhash`).
    public static Digest256 muHash(CoinsStore store) {
        var hash = new MuHash3072();
        store.scan(
                (outPoint, coin) -> {
                    var element = new ByteWriter();
                    writeElement(element, outPoint, coin);
                    hash.insert(element.toByteArray());
                    return true;
                });
        return Digest256.of(hash.hash());
    }

    /// The bytes of one coin as both hashes of the UTXO set take it.
    ///
    /// @param out where to; not emptied before
    public static void writeElement(ByteWriter out, OutPoint outPoint, Coin coin) {
        outPoint.write(out);
        out.u32(coin.height() * 2L + (coin.isCoinbase() ? 1 : 0));
        coin.out().write(out);
    }

    private static final class Sum {
        private final Sha256 hash = new Sha256();
        private final ByteWriter element = new ByteWriter();
        private @Nullable Txid last;
        private long outputs;
        private long transactions;
        private long bogoSize;
        private long amount;

        boolean add(OutPoint outPoint, Coin coin) {
            element.reset();
            writeElement(element, outPoint, coin);
            hash.update(element.toByteArray());
            if (!outPoint.txid().equals(last)) {
                last = outPoint.txid();
                transactions++;
            }
            outputs++;
            bogoSize += BOGO_BYTES_EACH + coin.out().scriptPubKey().length();
            amount = Math.addExact(amount, coin.out().value());
            return true;
        }

        CoinsSummary finish() {
            Check.state(amount >= 0, "coins are not negative");
            return new CoinsSummary(
                    outputs, transactions, bogoSize, amount, Digest256.of(hash.finishTwice()));
        }
    }
}
