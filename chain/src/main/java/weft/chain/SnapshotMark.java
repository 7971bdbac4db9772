package weft.chain;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;

/// Remembers on disk which set of coins is that of the active chain, and whether it began as a snapshot
/// whose base is still being validated. Every change is one write.
final class SnapshotMark {
    private static final Bytes KEY = Bytes.wrap("snapshot".getBytes(StandardCharsets.ISO_8859_1));

    private final KeyValueStore database;
    private final CoinsStore coins;
    private final ChainRules rules;
    private @Nullable BlockHash base;

    SnapshotMark(KeyValueStore database, CoinsStore coins, ChainRules rules) {
        this.database = database;
        this.coins = coins;
        this.rules = rules;
    }

    /// Adds to a batch that there never was a snapshot.
    static Batch forget(Batch batch) {
        return batch.delete(KEY);
    }

    /// Block that the unproven coins began with; null if all coins are proven.
    @Nullable BlockHash base() {
        return base;
    }

    /// What we were told of the snapshot of a block.
    Optional<ChainParams.AssumeUtxo> known(BlockHash block) {
        return rules.snapshots().stream().filter(each -> each.block().equals(block)).findFirst();
    }

    /// Reads the mark, turns to the set of coins that it names, and deletes one that is left over.
    void load() {
        Bytes value = database.get(KEY);
        if (value != null) {
            int length = value.length();
            if (length != 1 && length != 1 + BlockHash.BYTES) {
                throw StoreException.damaged(
                        "the mark of the snapshot is damaged", StoreException.Remedy.REINDEX);
            }
            coins.switchTo(value.at(0) == 0 ? CoinsStore.Space.FIRST : CoinsStore.Space.SECOND);
            base = length == 1 ? null : BlockHash.of(value.from(1).toByteArray());
        }
        if (base == null) {
            CoinsStore rest = other();
            if (rest.tip() != null || !rest.isEmpty()) {
                rest.wipe();
            }
        }
    }

    /// The set that is not the active chain's.
    CoinsStore other() {
        return new CoinsStore(database, coins.space().other());
    }

    /// Lets the header of the base stand for all the transactions below it.
    void assume(HeaderTree tree) {
        BlockHash block = base;
        if (block == null) {
            return;
        }
        BlockEntry entry = tree.entryOrNull(block);
        long count = known(block).map(ChainParams.AssumeUtxo::chainTxCount).orElse(0L);
        if (entry == null || count == 0) {
            throw new StoreException(
                    "Assumeutxo data not found for the given blockhash '" + block + "'.");
        }
        if (!entry.isBranchComplete()) {
            entry.setChainTxCount(count);
        }
    }

    /// The other set becomes the active chain's, and stands at the base of a snapshot.
    void begin(BlockHash snapshot) {
        CoinsStore.Space space = coins.space().other();
        var batch = new Batch();
        new CoinsStore(database, space).stageTip(snapshot, batch);
        write(batch, space, snapshot);
        coins.switchTo(space);
        base = snapshot;
    }

    /// The snapshot was right: its base is proven, the other coins may go.
    void prove() {
        CoinsStore rest = other();
        write(new Batch(), coins.space(), null);
        base = null;
        rest.wipe();
    }

    /// The snapshot was wrong: at the next start the chain goes on from the coins that are proven.
    void reject() {
        write(new Batch(), coins.space().other(), null);
    }

    private void write(Batch batch, CoinsStore.Space space, @Nullable BlockHash snapshot) {
        var value = new ByteWriter(1 + BlockHash.BYTES);
        value.u8(space.equals(CoinsStore.Space.FIRST) ? 0 : 1);
        if (snapshot != null) {
            snapshot.write(value);
        }
        batch.put(KEY, value.toBytes());
        database.write(batch.sync());
    }
}
