package weft.p2p.sync;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// A chain engine for tests: keeps headers and blocks in memory, follows most work, and judges nothing but
/// what a
/// test forbids.
final class FakeChain {
    static final BigInteger WORK = BigInteger.TWO;
    static final long BITS = 0x207f_ffffL;

    final Set<BlockHash> forbidden = new HashSet<>();
    private final Map<BlockHash, HeaderNode> nodes = new LinkedHashMap<>();
    private final Map<BlockHash, List<HeaderNode>> children = new HashMap<>();
    private final Map<BlockHash, Block> blocks = new HashMap<>();

    /// Blocks that are stored, as all below them are.
    private final Set<HeaderNode> linked = new HashSet<>();

    private HeaderNode tip;
    private boolean initialBlockDownload;

    FakeChain(Block genesis, boolean initialBlockDownload) {
        this.tip = HeaderNode.genesis(genesis.header(), WORK);
        this.initialBlockDownload = initialBlockDownload;
        nodes.put(tip.hash(), tip);
        linked.add(tip);
        blocks.put(genesis.hash(), genesis);
    }

    HeaderNode tip() {
        return tip;
    }

    HeaderNode find(BlockHash hash) {
        return requireNonNull(nodes.get(hash));
    }

    Block block(int height) {
        return stored(requireNonNull(tip.ancestor(height)));
    }

    private Block stored(HeaderNode node) {
        return requireNonNull(blocks.get(node.hash()));
    }

    ChainEvent.Loaded loaded() {
        var all = List.copyOf(nodes.values());
        return new ChainEvent.Loaded(
                all,
                all.stream().filter(node -> blocks.containsKey(node.hash())).toList(),
                tip,
                initialBlockDownload);
    }

    /// Adds blocks before anybody listens.
    void preload(List<Block> chain) {
        chain.forEach(block -> handle(new ChainCommand.SubmitBlock(Origin.SELF, block, true)));
    }

    void endInitialBlockDownload() {
        initialBlockDownload = false;
    }

    /// Deletes the blocks of the chain up to a height.
    List<ChainEvent> prune(int height) {
        var gone = new ArrayList<HeaderNode>();
        for (int i = 1; i <= height; i++) {
            gone.add(requireNonNull(tip.ancestor(i)));
            blocks.remove(gone.getLast().hash());
        }
        return List.of(new ChainEvent.BlocksPruned(gone));
    }

    List<ChainEvent> handle(ChainCommand command) {
        return switch (command) {
            case ChainCommand.SubmitHeaders each -> headers(each);
            case ChainCommand.SubmitBlock each -> submit(each);
            case ChainCommand.SubmitTx each ->
                    List.of(new ChainEvent.TxAccepted(each.origin(), each.tx(), 1_000));
            case ChainCommand.TestTx each ->
                    List.of(
                            new ChainEvent.TxTested(
                                    each.origin(), each.txs().getLast(), Optional.empty()));
            case ChainCommand.SubmitPackage _, ChainCommand.NoteServed _ -> List.of();
            case ChainCommand.FetchBlock each ->
                    List.of(
                            new ChainEvent.BlockFetched(
                                    each.origin(),
                                    each.hash(),
                                    Optional.ofNullable(blocks.get(each.hash()))));
        };
    }

    private List<ChainEvent> headers(ChainCommand.SubmitHeaders command) {
        var all = new ArrayList<HeaderNode>();
        var added = new ArrayList<HeaderNode>();
        for (BlockHeader header : command.headers()) {
            HeaderNode known = nodes.get(header.hash());
            if (known == null) {
                HeaderNode parent = nodes.get(header.parent());
                if (parent == null) {
                    return rejected(command, header, BlockFailure.Kind.MISSING_PREV, added);
                }
                if (!command.minPowChecked()) {
                    return rejected(command, header, BlockFailure.Kind.LOW_WORK, added);
                }
                known = add(header, parent);
                added.add(known);
            }
            all.add(known);
        }
        return List.of(new ChainEvent.HeadersAccepted(command.origin(), all, added));
    }

    private static List<ChainEvent> rejected(
            ChainCommand.SubmitHeaders command,
            BlockHeader header,
            BlockFailure.Kind kind,
            List<HeaderNode> added) {
        return List.of(
                new ChainEvent.HeadersRejected(
                        command.origin(), header.hash(), new BlockFailure(kind, "no", ""), added));
    }

    private List<ChainEvent> submit(ChainCommand.SubmitBlock command) {
        Block block = command.block();
        HeaderNode parent = nodes.get(block.header().parent());
        if (parent == null) {
            return List.of(
                    new ChainEvent.BlockRejected(
                            command.origin(),
                            block.hash(),
                            new BlockFailure(
                                    BlockFailure.Kind.MISSING_PREV, "prev-blk-not-found", "")));
        }
        HeaderNode known = nodes.get(block.hash());
        HeaderNode node = known == null ? add(block.header(), parent) : known;
        if (forbidden.contains(block.hash())) {
            return List.of(
                    new ChainEvent.BlockRejected(
                            command.origin(),
                            block.hash(),
                            new BlockFailure(BlockFailure.Kind.CONSENSUS, "bad-cb-amount", "")));
        }
        boolean isNew = blocks.putIfAbsent(block.hash(), block) == null;
        var events = new ArrayList<ChainEvent>();
        events.add(new ChainEvent.BlockStored(command.origin(), node, isNew));
        HeaderNode best = best(node);
        if (!best.equals(tip)) {
            switchTo(best, events);
        }
        return events;
    }

    /// The best block now that one is stored: only what stands on it can be new.
    private HeaderNode best(HeaderNode stored) {
        HeaderNode best = tip;
        HeaderNode below = stored.parent();
        if (below != null && !linked.contains(below)) {
            return best;
        }
        var next = new ArrayDeque<>(List.of(stored));
        for (HeaderNode node = next.poll(); node != null; node = next.poll()) {
            if (blocks.containsKey(node.hash()) && linked.add(node)) {
                next.addAll(children.getOrDefault(node.hash(), List.of()));
                if (node.chainWork().compareTo(best.chainWork()) > 0) {
                    best = node;
                }
            }
        }
        return best;
    }

    private HeaderNode add(BlockHeader header, HeaderNode parent) {
        HeaderNode node = HeaderNode.of(header, header.hash(), parent, WORK);
        nodes.put(node.hash(), node);
        children.computeIfAbsent(parent.hash(), any -> new ArrayList<>()).add(node);
        return node;
    }

    private void switchTo(HeaderNode best, List<ChainEvent> events) {
        HeaderNode fork = HeaderNode.fork(tip, best);
        HeaderNode old = tip;
        for (HeaderNode node = old; !node.equals(fork); node = requireNonNull(node.parent())) {
            events.add(new ChainEvent.BlockDisconnected(node, stored(node)));
        }
        for (int height = fork.height() + 1; height <= best.height(); height++) {
            HeaderNode node = requireNonNull(best.ancestor(height));
            events.add(new ChainEvent.BlockConnected(node, stored(node)));
        }
        tip = best;
        events.add(new ChainEvent.TipChanged(old, best, fork, initialBlockDownload));
    }

    /// A first block.
    static Block genesis(long time) {
        return block(BlockHash.ZERO, time, 0, List.of());
    }

    /// Blocks on top of one another, ten minutes apart.
    ///
    /// @param salt makes branches differ
    static List<Block> chain(Block from, int count, int salt) {
        var made = new ArrayList<Block>();
        Block last = from;
        for (int i = 0; i < count; i++) {
            last = block(last.hash(), last.header().time() + 600, salt, List.of());
            made.add(last);
        }
        return made;
    }

    /// A block whose header has enough work and whose body belongs to it.
    static Block block(BlockHash parent, long time, int salt, List<Transaction> more) {
        byte[] script = {
            3, (byte) salt, (byte) (salt >> 8), (byte) time, (byte) (time >> 8), (byte) (time >> 16)
        };
        var coinbase =
                Transaction.of(
                        2,
                        List.of(new TxIn(OutPoint.NULL, Bytes.wrap(script), 0xffff_ffffL)),
                        List.of(new TxOut(50, Bytes.EMPTY)),
                        List.of(),
                        0);
        var all = new ArrayList<Transaction>();
        all.add(coinbase);
        all.addAll(more);
        var header = new BlockHeader(4, parent, root(all), time, BITS, 0);
        while (header.hash().w3() < 0) {
            header = header.withNonce(header.nonce() + 1);
        }
        return Block.of(header, all);
    }

    private static Digest256 root(List<Transaction> transactions) {
        var hashes = new ArrayList<byte[]>();
        transactions.forEach(tx -> hashes.add(tx.txid().toByteArray()));
        while (hashes.size() > 1) {
            var above = new ArrayList<byte[]>();
            for (int i = 0; i < hashes.size(); i += 2) {
                byte[] right = hashes.get(Math.min(i + 1, hashes.size() - 1));
                above.add(
                        weft.crypto.Sha256.hashTwice(
                                Bytes.wrap(hashes.get(i)).plus(Bytes.wrap(right)).toByteArray()));
            }
            hashes.clear();
            hashes.addAll(above);
        }
        return Digest256.of(hashes.getFirst());
    }
}
