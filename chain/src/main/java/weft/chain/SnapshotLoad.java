package weft.chain;

import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.primitives.Amount;
import weft.primitives.OutPoint;
import weft.primitives.Txid;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;

/// Brings the coins of a snapshot file into an empty set, and compares their hash with the one that we
/// were told. Answers in Core's words.
final class SnapshotLoad {
    private static final int COINS_AT_ONCE = 200_000;
    private static final int COINS_PER_LINE = 1_000_000;
    private static final long INDEX_END = 0xffff_ffffL;

    private final SnapshotReader in;
    private final SnapshotHeader header;
    private final CoinsStore store;
    private final Log log;
    private final ArrayList<CoinsStore.FreshCoin> waiting = new ArrayList<>();
    private long done;

    SnapshotLoad(SnapshotReader in, SnapshotHeader header, CoinsStore store, Log log) {
        this.in = in;
        this.header = header;
        this.store = store;
        this.log = log;
    }

    /// Reads the file to its end.
    ///
    /// @return what is wrong with it; empty if its coins are the ones expected
    Optional<String> run(ChainParams.AssumeUtxo expected) {
        log.info("[snapshot] loading " + header.coins() + " coins from snapshot " + header.base());
        try {
            while (done < header.coins()) {
                String refused = transaction(expected.height());
                if (refused != null) {
                    return Optional.of(refused);
                }
            }
        } catch (MalformedBytes _) {
            return Optional.of(
                    "Bad snapshot format or truncated snapshot after deserializing "
                            + done
                            + " coins");
        }
        if (!in.isAtEnd()) {
            return Optional.of(
                    "Bad snapshot - coins left over after deserializing "
                            + header.coins()
                            + " coins");
        }
        write();
        log.info("[snapshot] loaded " + done + " coins from snapshot " + header.base());
        String hash = CoinsSummary.of(store).hashSerialized().toString();
        return hash.equals(expected.hashSerialized())
                ? Optional.empty()
                : Optional.of(
                        "Bad snapshot content hash: expected "
                                + expected.hashSerialized()
                                + ", got "
                                + hash);
    }

    private @Nullable String transaction(int baseHeight) {
        Txid txid = in.txid();
        long count = in.compactSize();
        if (count > header.coins() - done) {
            return "Mismatch in coins count in snapshot metadata and actual snapshot data";
        }
        for (long i = 0; i < count; i++) {
            long index = in.compactSize();
            Coin coin = in.coin();
            if (coin.height() < 0 || coin.height() > baseHeight || index >= INDEX_END) {
                return "Bad snapshot data after deserializing " + done + " coins";
            }
            if (!Amount.isInRange(coin.out().value())) {
                return "Bad snapshot data after deserializing "
                        + done
                        + " coins - bad tx out value";
            }
            add(new OutPoint(txid, index), coin);
        }
        return null;
    }

    private void add(OutPoint outPoint, Coin coin) {
        waiting.add(new CoinsStore.FreshCoin(outPoint, coin));
        done++;
        if (waiting.size() == COINS_AT_ONCE) {
            write();
        }
        if (done % COINS_PER_LINE == 0) {
            log.info("[snapshot] " + done + " coins loaded (" + 100 * done / header.coins() + "%)");
        }
    }

    private void write() {
        if (!waiting.isEmpty()) {
            store.writeFresh(waiting);
            waiting.clear();
        }
    }
}
