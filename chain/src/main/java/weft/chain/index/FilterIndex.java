package weft.chain.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.filter.BlockFilter;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// The basic filter of every block, its hash, and its filter header (`-blockfilterindex`). Those of blocks
/// that are no longer in the active chain stay. See BIP-0157 and BIP-0158.
public final class FilterIndex implements Follower {
    private static final char FILTER = 'f';
    private static final char HASHES = 'h';

    private final KeyValueStore store;
    private Digest256 lastHeader = Digest256.ZERO;

    /// An index in a store of its own.
    public FilterIndex(KeyValueStore store) {
        this.store = store;
    }

    /// What other filters and filter headers are checked against.
    ///
    /// @param filterHash hash of the filter
    /// @param header the filter header
    public record Hashes(Digest256 filterHash, Digest256 header) {}

    @Override
    public String name() {
        return "basic block filter index";
    }

    @Override
    public int format() {
        return 1;
    }

    @Override
    public void load(@Nullable IndexedBlock best) {
        lastHeader = best == null ? Digest256.ZERO : headerOf(best);
    }

    private Digest256 headerOf(IndexedBlock block) {
        return hashes(block)
                .orElseThrow(
                        () ->
                                StoreException.damaged(
                                        "the filter index has no header of block " + block.hash(),
                                        StoreException.Remedy.INDEX_ANEW))
                .header();
    }

    @Override
    public void connect(FollowedBlock block, Batch batch) {
        BlockFilter filter = BlockFilter.of(block.block(), block.undo());
        Digest256 hash = filter.hash();
        lastHeader = filter.header(lastHeader);
        var out = new ByteWriter(2 * Digest256.BYTES);
        hash.write(out);
        lastHeader.write(out);
        IndexedBlock at = IndexedBlock.of(block.node());
        batch.put(at.key(FILTER), filter.encoded());
        batch.put(at.key(HASHES), out.toBytes());
    }

    @Override
    public void disconnect(FollowedBlock block, Batch batch) {
        HeaderNode parent = block.node().parent();
        load(parent == null ? null : IndexedBlock.of(parent));
    }

    /// The filter of a block; empty if it is not there (yet).
    public Optional<BlockFilter> filter(HeaderNode node) {
        return encoded(node).map(bytes -> BlockFilter.decode(node.hash(), bytes));
    }

    /// The bytes of a block's filter; empty if it is not there (yet).
    public Optional<Bytes> encoded(HeaderNode node) {
        return Optional.ofNullable(store.get(IndexedBlock.of(node).key(FILTER)));
    }

    /// Hash and header of a block's filter; empty if they are not there (yet).
    public Optional<Hashes> hashes(HeaderNode node) {
        return hashes(IndexedBlock.of(node));
    }

    private Optional<Hashes> hashes(IndexedBlock block) {
        return Optional.ofNullable(store.get(block.key(HASHES))).map(FilterIndex::decode);
    }

    private static Hashes decode(Bytes value) {
        ByteReader in = ByteReader.of(value.backingArray(), value.backingOffset(), value.length());
        return new Hashes(Digest256.read(in), Digest256.read(in));
    }

    /// Hashes and headers of the filters of a branch, the lowest block first.
    ///
    /// @param from height of the first, at least 0
    /// @return empty if one is not there (yet)
    public Optional<List<Hashes>> range(int from, HeaderNode stop) {
        List<Bytes> keys =
                nodes(from, stop).stream().map(node -> IndexedBlock.of(node).key(HASHES)).toList();
        var found = new ArrayList<Hashes>(keys.size());
        for (Optional<Bytes> value : store.getAll(keys)) {
            if (value.isEmpty()) {
                return Optional.empty();
            }
            found.add(decode(value.get()));
        }
        return Optional.of(found);
    }

    /// The blocks of a branch from a height on, the lowest first.
    public static List<HeaderNode> nodes(int from, HeaderNode stop) {
        var nodes = new ArrayList<HeaderNode>();
        for (HeaderNode node = stop; node != null && node.height() >= from; node = node.parent()) {
            nodes.add(node);
        }
        return nodes.reversed();
    }
}
