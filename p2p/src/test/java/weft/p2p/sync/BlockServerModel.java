package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;

/// The rules by which [BlockServer] answers, with everything worked out anew from lists at each question.
final class BlockServerModel {
    private static final int DAY = 86_400;

    /// In which form a block is wanted.
    enum Form {
        LEGACY,
        WHOLE,
        FILTERED,
        COMPACT,
        SOME,
        NEWS
    }

    /// @param some positions of the wanted transactions
    record Want(Form form, BlockHash hash, List<Integer> some) {}

    /// One who asks.
    static final class Caller {
        final SyncPeer peer;

        /// What its filter matches; null if it has none.
        @Nullable Txid filter;

        final ArrayDeque<Want> waiting = new ArrayDeque<>();
        final List<BlockHash> inv = new ArrayList<>();
        @Nullable Want reading;
        @Nullable BlockHash continuation;
        @Nullable HeaderNode headerSent;
        long unsent;
        boolean full;
        boolean dropped;

        Caller(SyncPeer peer) {
            this.peer = peer;
        }

        PeerId id() {
            return peer.id();
        }

        boolean has(int permission) {
            return peer.peer.permissions().has(permission);
        }
    }

    private final SyncRules rules;
    private final SyncOptions options;
    private final SplittableRandom random;

    /// In the order in which they came.
    final List<HeaderNode> all = new ArrayList<>();

    final Map<BlockHash, HeaderNode> byHash = new HashMap<>();
    final Set<HeaderNode> stored = new HashSet<>();
    final Set<HeaderNode> invalid = new HashSet<>();

    /// Those that were active and, at some time, not any more.
    final Set<HeaderNode> left = new HashSet<>();

    /// Up to twelve, the last that came at the end.
    final List<Block> recent = new ArrayList<>();

    List<HeaderNode> active = List.of();
    boolean historyMissing;
    boolean targetReached;
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();
    private @Nullable CmpctBlock lastCompact;

    BlockServerModel(SyncRules rules, SyncOptions options, SplittableRandom random) {
        this.rules = rules;
        this.options = options;
        this.random = random;
    }

    HeaderNode tip() {
        return active.getLast();
    }

    boolean isActive(HeaderNode node) {
        return node.height() < active.size() && active.get(node.height()).equals(node);
    }

    private @Nullable HeaderNode find(BlockHash hash) {
        return byHash.get(hash);
    }

    @Nullable Block recentOf(BlockHash hash) {
        return recent.stream().filter(each -> each.hash().equals(hash)).findFirst().orElse(null);
    }

    void came(Block block) {
        recent.removeIf(each -> each.hash().equals(block.hash()));
        recent.add(block);
        if (recent.size() > 12) {
            recent.removeFirst();
        }
    }

    private HeaderNode best() {
        HeaderNode best = null;
        for (HeaderNode each : all) {
            if (!invalid.contains(each)
                    && (best == null || each.chainWork().compareTo(best.chainWork()) > 0)) {
                best = each;
            }
        }
        return Check.present(best, "genesis is valid");
    }

    /// The active chain; what stands on it and came just now; and what left it, if it is younger than a
    /// month by its time, and by the work that was done since.
    boolean mayShow(HeaderNode node) {
        boolean justCame = stored.contains(node) && recentOf(node.hash()) != null;
        if (isActive(node) || (justCame && tip().equals(node.parent()))) {
            return true;
        }
        if (!left.contains(node) || invalid.contains(node)) {
            return false;
        }
        HeaderNode best = best();
        BigInteger since = best.chainWork().subtract(node.chainWork());
        BigInteger month =
                rules.work(best.header())
                        .multiply(BigInteger.valueOf(30 * DAY))
                        .subtract(since.multiply(BigInteger.valueOf(rules.targetSpacingSeconds())));
        return best.time() - node.time() < 30 * DAY && month.signum() > 0;
    }

    private void drop(Caller to, String why) {
        actions.add("disconnect " + to.id() + ": " + why);
        to.dropped = true;
    }

    private void send(Caller to, Message message) {
        out.add(new PeerOutput.Send(to.id(), message));
    }

    /// Over a million bytes in the queue, nothing more is served.
    private void sendLarge(Caller to, Message message, long bytes) {
        send(to, message);
        to.unsent += bytes;
        to.full |= to.unsent > 1_000_000;
    }

    /// What follows the first of these that is in the active chain; all, if none is.
    private List<HeaderNode> after(List<BlockHash> locator) {
        for (BlockHash hash : locator) {
            HeaderNode node = find(hash);
            if (node != null && isActive(node)) {
                return active.subList(node.height() + 1, active.size());
            }
            if (node != null && node.hasAncestor(tip())) {
                return List.of();
            }
        }
        return active.subList(1, active.size());
    }

    void getHeaders(Caller from, List<BlockHash> locator, BlockHash stop) {
        if (locator.size() > 101) {
            drop(from, "getheaders locator too long");
            return;
        }
        if (tip().chainWork().compareTo(rules.minimumChainWork()) < 0
                && !from.has(PeerPermissions.DOWNLOAD)) {
            send(from, new Headers(List.of()));
            return;
        }
        var found = new ArrayList<HeaderNode>();
        if (locator.isEmpty()) {
            HeaderNode only = find(stop);
            if (only == null || !mayShow(only)) {
                return;
            }
            found.add(only);
        } else {
            for (HeaderNode each : after(locator)) {
                boolean last = !found.isEmpty() && found.getLast().hash().equals(stop);
                if (!last && found.size() < 2_000) {
                    found.add(each);
                }
            }
        }
        from.headerSent = found.isEmpty() ? tip() : found.getLast();
        send(from, new Headers(found.stream().map(HeaderNode::header).toList()));
    }

    /// A node that deletes blocks names none that may be gone within an hour.
    void getBlocks(Caller from, List<BlockHash> locator, BlockHash stop) {
        if (locator.size() > 101) {
            drop(from, "getblocks locator too long");
            return;
        }
        long safe = tip().height() - 288 + 3_600 / rules.targetSpacingSeconds() + 1;
        int count = 0;
        for (HeaderNode each : after(locator)) {
            boolean soonGone =
                    options.pruning() && (each.height() < safe || !stored.contains(each));
            if (each.hash().equals(stop) || soonGone || count == 500) {
                return;
            }
            from.inv.add(each.hash());
            count++;
            if (count == 500) {
                from.continuation = each.hash();
            }
        }
    }

    /// @return whether the peer is to blame
    boolean getTransactions(Caller from, BlockHash hash, List<Integer> some) {
        HeaderNode node = find(hash);
        if (node == null) {
            return false;
        }
        if (node.height() < tip().height() - 10) {
            enqueue(from, new Want(Form.WHOLE, hash, List.of()));
            return false;
        }
        Block atHand = recentOf(hash);
        boolean unjudged = atHand != null && !left.contains(node);
        if (!stored.contains(node) || !(unjudged || mayShow(node))) {
            return false;
        }
        if (atHand != null && isOutside(some, atHand)) {
            return true;
        }
        enqueue(from, new Want(Form.SOME, hash, some));
        return false;
    }

    private static boolean isOutside(List<Integer> some, Block block) {
        return some.stream().anyMatch(each -> each >= block.transactions().size());
    }

    /// @return whether any of them is about a block
    boolean getData(Caller from, List<InvItem> items) {
        boolean any = false;
        for (InvItem item : items) {
            Form form =
                    switch (item.type()) {
                        case InvType.BLOCK -> Form.LEGACY;
                        case InvType.WITNESS_BLOCK -> Form.WHOLE;
                        case InvType.FILTERED_BLOCK -> Form.FILTERED;
                        case InvType.CMPCT_BLOCK -> Form.COMPACT;
                        default -> null;
                    };
            if (form != null) {
                any = true;
                enqueue(from, new Want(form, item.blockHash(), List.of()));
            }
        }
        return any;
    }

    private void enqueue(Caller from, Want want) {
        if (from.dropped) {
            return;
        }
        if (from.waiting.size() == 50_000) {
            drop(from, "too many block requests");
            return;
        }
        from.waiting.add(want);
    }

    /// A compact block that nobody asked for.
    void announce(Caller to, HeaderNode node) {
        Block atHand = recentOf(node.hash());
        if (atHand != null) {
            send(to, compact(atHand));
        } else {
            enqueue(to, new Want(Form.NEWS, node.hash(), List.of()));
        }
    }

    void queueIs(Caller to, long bytes, long nowSeconds) {
        to.unsent = bytes;
        to.full = bytes > 1_000_000;
        turn(to, nowSeconds);
    }

    /// Looks at sixteen requests at most; a filter, and a block that must be read, end the turn.
    void turn(Caller to, long nowSeconds) {
        for (int i = 0; i < 16; i++) {
            if (to.reading != null || to.full || to.dropped || to.waiting.isEmpty()) {
                return;
            }
            Want want = to.waiting.remove();
            if (isGranted(to, want)) {
                Block atHand = recentOf(want.hash);
                if (atHand == null) {
                    to.reading = want;
                    out.add(
                            new PeerOutput.Chain(
                                    new ChainCommand.FetchBlock(
                                            new Origin(to.id().value()), want.hash)));
                    return;
                }
                answer(to, want, atHand, nowSeconds);
                if (want.form == Form.FILTERED) {
                    return;
                }
            }
        }
    }

    private boolean isGranted(Caller to, Want want) {
        HeaderNode node = find(want.hash);
        if (node == null) {
            return false;
        }
        if (want.form == Form.NEWS) {
            return isActive(node);
        }
        if (want.form == Form.SOME) {
            return true;
        }
        if (!mayShow(node)) {
            return false;
        }
        boolean old = best().time() - node.time() > 7 * DAY || want.form == Form.FILTERED;
        if (targetReached && old && !to.has(PeerPermissions.DOWNLOAD)) {
            drop(to, "historical block serving limit reached");
            return false;
        }
        boolean archive = ServiceFlags.has(options.ourServices(), ServiceFlags.NETWORK);
        boolean limited = ServiceFlags.has(options.ourServices(), ServiceFlags.NETWORK_LIMITED);
        boolean deep = tip().height() - node.height() > 290;
        if (limited && (!archive || historyMissing) && deep && !to.has(PeerPermissions.NO_BAN)) {
            drop(to, "block request below NODE_NETWORK_LIMITED threshold");
            return false;
        }
        return stored.contains(node);
    }

    private void answer(Caller to, Want want, Block block, long nowSeconds) {
        switch (want.form) {
            case LEGACY ->
                    sendLarge(
                            to,
                            new BlockMessage(block, Transaction.Encoding.LEGACY),
                            block.strippedSize());
            case WHOLE -> sendWhole(to, block);
            case FILTERED -> sendFiltered(to, block);
            case COMPACT -> {
                int height = Check.present(find(block.hash()), "granted").height();
                boolean synced = nowSeconds - tip().time() < 20 * rules.targetSpacingSeconds();
                if (synced && tip().height() - height <= 5) {
                    sendCompact(to, block);
                } else {
                    sendWhole(to, block);
                }
            }
            case SOME -> sendSome(to, want, block);
            case NEWS -> sendCompact(to, block);
        }
        if (want.hash.equals(to.continuation)) {
            to.continuation = null;
            send(to, Inv.of(InvItem.block(tip().hash())));
        }
    }

    private void sendWhole(Caller to, Block block) {
        sendLarge(
                to,
                new BlockMessage(block, Transaction.Encoding.WITNESS),
                block.toByteArray().length);
    }

    private void sendCompact(Caller to, Block block) {
        List<Transaction> all = block.transactions();
        sendLarge(to, compact(block), 6 * all.size() + all.getFirst().toByteArray().length);
    }

    /// The same for everybody, until another block is wanted compact.
    private CmpctBlock compact(Block block) {
        if (lastCompact == null || !lastCompact.header().equals(block.header())) {
            lastCompact = ShortIds.compact(block, random.nextLong());
        }
        return lastCompact;
    }

    private void sendSome(Caller to, Want want, Block block) {
        if (isOutside(want.some, block)) {
            actions.add("misbehaving " + to.id() + ": getblocktxn with out-of-bounds tx indices");
            to.dropped = true;
            return;
        }
        List<Transaction> some = want.some.stream().map(block.transactions()::get).toList();
        int bytes = some.stream().mapToInt(each -> each.toByteArray().length).sum();
        sendLarge(to, new BlockTxn(block.hash(), some), bytes);
    }

    private void sendFiltered(Caller to, Block block) {
        if (to.filter == null) {
            return;
        }
        var matched = new BitSet();
        List<Transaction> transactions = block.transactions();
        for (int i = 0; i < transactions.size(); i++) {
            matched.set(i, transactions.get(i).txid().equals(to.filter));
        }
        MerkleBlock proof = PartialMerkleTree.message(block, matched);
        sendLarge(to, proof, BlockHeader.BYTES + 32L * proof.hashes().size());
        matched.stream()
                .mapToObj(transactions::get)
                .forEach(
                        tx ->
                                sendLarge(
                                        to,
                                        new TxMessage(tx, Transaction.Encoding.LEGACY),
                                        tx.strippedSize()));
    }

    /// The store answers.
    ///
    /// @param block null if it is gone
    void fetched(Caller to, BlockHash hash, @Nullable Block block, long nowSeconds) {
        Want want = to.reading;
        if (want == null || !want.hash.equals(hash)) {
            return;
        }
        to.reading = null;
        if (block == null && want.form != Form.NEWS) {
            drop(to, "block was pruned before it could be read");
        } else if (block != null && isGranted(to, want)) {
            answer(to, want, block, nowSeconds);
        }
        turn(to, nowSeconds);
    }

    /// Whether it waits for something that it asked for.
    boolean isAwaited(Caller by) {
        boolean reads = by.reading != null && by.reading.form != Form.NEWS;
        return !by.dropped
                && (reads || by.waiting.stream().anyMatch(each -> each.form != Form.NEWS));
    }
}
