package weft.chain.index;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.BlockUndo;
import weft.chain.CoinsSummary;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.consensus.Coin;
import weft.consensus.Subsidy;
import weft.consensus.script.Script;
import weft.crypto.MuHash3072;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Count, amount and MuHash of all coins after every block, and where amounts went (`-coinstatsindex`). Those
/// of blocks that are no longer in the active chain stay.
public final class CoinStatsIndex implements Follower {
    private static final char STATS = 's';
    private static final Bytes HASH_STATE =
            Bytes.wrap("MuHash".getBytes(StandardCharsets.ISO_8859_1));
    private static final int BOGO_BYTES_EACH = 50;

    private final KeyValueStore store;
    private final ChainParams params;
    private MuHash3072 hash = new MuHash3072();
    private CoinTotals last = CoinTotals.ZERO;

    /// An index in a store of its own.
    public CoinStatsIndex(KeyValueStore store, ChainParams params) {
        this.store = store;
        this.params = params;
    }

    /// How the coins stood after a block.
    ///
    /// @param muHash hash of all coins
    /// @param totals from genesis on
    public record Stats(Digest256 muHash, CoinTotals totals) {}

    @Override
    public String name() {
        return "coinstatsindex";
    }

    @Override
    public int format() {
        return 1;
    }

    @Override
    public void load(@Nullable IndexedBlock best) {
        if (best == null) {
            hash = new MuHash3072();
            last = CoinTotals.ZERO;
            return;
        }
        Bytes state = store.get(HASH_STATE);
        Stats stats = statsOf(best);
        if (state == null || state.length() != MuHash3072.STATE_BYTES) {
            throw StoreException.damaged(
                    "the index of coin statistics is damaged: it has no hash",
                    StoreException.Remedy.INDEX_ANEW);
        }
        hash = MuHash3072.of(state.toByteArray());
        last = stats.totals();
        if (!Digest256.of(hash.hash()).equals(stats.muHash())) {
            throw StoreException.damaged(
                    "the index of coin statistics is damaged: its hash does not belong to block "
                            + best.hash(),
                    StoreException.Remedy.INDEX_ANEW);
        }
    }

    private Stats statsOf(IndexedBlock block) {
        return Optional.ofNullable(store.get(block.key(STATS)))
                .map(CoinStatsIndex::decode)
                .orElseThrow(
                        () ->
                                StoreException.damaged(
                                        "the index of coin statistics has no block " + block.hash(),
                                        StoreException.Remedy.INDEX_ANEW));
    }

    @Override
    public void connect(FollowedBlock block, Batch batch) {
        var sum = new Sum(last);
        long subsidy = Subsidy.at(block.height(), params);
        sum.subsidy += subsidy;
        if (block.height() == 0) {
            sum.genesis += subsidy;
        } else {
            visit(block, subsidy, sum, true);
        }
        sum.claim();
        last = sum.finish();
        var out = new ByteWriter();
        out.bytes(hash.hash()).bytes(last.write());
        batch.put(IndexedBlock.of(block.node()).key(STATS), out.toBytes());
        batch.put(HASH_STATE, Bytes.wrap(hash.toByteArray()));
    }

    @Override
    public void disconnect(FollowedBlock block, Batch batch) {
        HeaderNode parent = Check.present(block.node().parent(), "genesis is never left");
        visit(block, 0, new Sum(last), false);
        Stats before = statsOf(IndexedBlock.of(parent));
        Check.state(
                Digest256.of(hash.hash()).equals(before.muHash()),
                "without a block the coins are those before it");
        last = before.totals();
        batch.put(HASH_STATE, Bytes.wrap(hash.toByteArray()));
    }

    /// Goes through all coins that a block made and spent.
    ///
    /// @param on false to take the block's coins out of the hash again
    private void visit(FollowedBlock block, long subsidy, Sum sum, boolean on) {
        List<Transaction> transactions = block.block().transactions();
        for (int i = 0; i < transactions.size(); i++) {
            Transaction tx = transactions.get(i);
            if (i == 0 && isReplacedLater(block)) {
                sum.bip30 += subsidy;
                continue;
            }
            for (int j = 0; j < tx.outputs().size(); j++) {
                TxOut out = tx.outputs().get(j);
                if (Script.isUnspendable(out.scriptPubKey())) {
                    sum.scripts += out.value();
                } else {
                    var coin = new Coin(out, block.height(), i == 0);
                    hash(new OutPoint(tx.txid(), j), coin, on);
                    sum.add(coin);
                }
            }
            if (i > 0) {
                BlockUndo.TxUndo undo = block.undo().transactions().get(i - 1);
                for (int j = 0; j < tx.inputs().size(); j++) {
                    hash(tx.inputs().get(j).prevout(), undo.coins().get(j), !on);
                    sum.remove(undo.coins().get(j));
                }
            }
        }
    }

    private boolean isReplacedLater(FollowedBlock block) {
        BlockHash replaced = params.exceptions().bip30Unspendable().get(block.height());
        return block.node().hash().equals(replaced);
    }

    private void hash(OutPoint outPoint, Coin coin, boolean enters) {
        var element = new ByteWriter();
        CoinsSummary.writeElement(element, outPoint, coin);
        if (enters) {
            hash.insert(element.toByteArray());
        } else {
            hash.remove(element.toByteArray());
        }
    }

    /// How the coins stood after a block; empty if it is not known (yet).
    public Optional<Stats> stats(HeaderNode node) {
        return Optional.ofNullable(store.get(IndexedBlock.of(node).key(STATS)))
                .map(CoinStatsIndex::decode);
    }

    private static Stats decode(Bytes value) {
        ByteReader in = ByteReader.of(value.backingArray(), value.backingOffset(), value.length());
        return new Stats(Digest256.read(in), CoinTotals.read(in));
    }

    /// Totals in the making.
    private static final class Sum {
        private long outputs;
        private long bogoSize;
        private long amount;
        private long subsidy;
        private long spent;
        private long created;
        private long coinbase;
        private long genesis;
        private long bip30;
        private long scripts;
        private long unclaimed;

        Sum(CoinTotals from) {
            outputs = from.outputs();
            bogoSize = from.bogoSize();
            amount = from.amount();
            subsidy = from.subsidy();
            spent = from.spent();
            created = from.created();
            coinbase = from.coinbase();
            genesis = from.lost().genesis();
            bip30 = from.lost().bip30();
            scripts = from.lost().scripts();
            unclaimed = from.lost().unclaimed();
        }

        void add(Coin coin) {
            if (coin.isCoinbase()) {
                coinbase += coin.out().value();
            } else {
                created += coin.out().value();
            }
            outputs++;
            amount += coin.out().value();
            bogoSize += BOGO_BYTES_EACH + coin.out().scriptPubKey().length();
        }

        void remove(Coin coin) {
            spent += coin.out().value();
            outputs--;
            amount -= coin.out().value();
            bogoSize -= BOGO_BYTES_EACH + coin.out().scriptPubKey().length();
        }

        /// What went in and did not come out was not claimed.
        void claim() {
            long lost = genesis + bip30 + scripts + unclaimed;
            unclaimed += spent + subsidy - created - coinbase - lost;
        }

        CoinTotals finish() {
            return new CoinTotals(
                    outputs,
                    bogoSize,
                    amount,
                    subsidy,
                    spent,
                    created,
                    coinbase,
                    new CoinTotals.Lost(genesis, bip30, scripts, unclaimed));
        }
    }
}
