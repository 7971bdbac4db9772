package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.PeerOutput;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.wire.BlockLocator;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.SendCmpct;

/// The rules by which [CompactBlocks] asks and gives up, told one after the other over plain lists.
final class CompactBlocksModel {
    private static final int SPACING = BlockDownloadRules.SPACING;

    /// How a compact block was made.
    enum Make {
        FINE,
        /// It names positions outside of itself.
        BROKEN,
        /// Two short ids are the same.
        COLLIDING
    }

    /// A compact block, and what its sender had in mind.
    ///
    /// @param named the transactions that it names; another block's if the sender lies
    record Told(CmpctBlock message, Make make, List<Transaction> named) {}

    /// One block asked of one peer.
    static final class Ask {
        final SyncPeer of;
        final HeaderNode block;

        /// What it sent compact; null while nothing of use came, so that the whole block is awaited.
        @Nullable Told told;

        /// It sent one of no use; that was its only one.
        boolean failed;

        /// Positions that were unknown when it came.
        List<Integer> missing = List.of();

        Ask(SyncPeer of, HeaderNode block) {
            this.of = of;
            this.block = block;
        }
    }

    private final SyncRules rules;
    private final boolean blocksOnly;
    private final int extraMax;

    /// Oldest first.
    final List<Ask> asks = new ArrayList<>();

    /// Those asked to send unasked; who is the next to go at the front.
    final List<SyncPeer> chosen = new ArrayList<>();

    final Set<SyncPeer> provides = new HashSet<>();
    final Set<SyncPeer> wants = new HashSet<>();
    final Map<SyncPeer, Long> headersAskedAt = new HashMap<>();
    final Map<SyncPeer, Long> announcedAt = new HashMap<>();
    final Map<SyncPeer, HeaderNode> claims = new HashMap<>();
    final Map<BlockHash, SyncPeer> givers = new HashMap<>();
    final Map<BlockHash, HeaderNode> headers = new HashMap<>();
    final Map<BlockHash, Block> blocks = new HashMap<>();
    final Set<HeaderNode> stored = new HashSet<>();
    final Set<BlockHash> submitted = new HashSet<>();
    final List<Transaction> mempool = new ArrayList<>();
    final List<Transaction> extra = new ArrayList<>();
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();
    HeaderNode tip;
    boolean initialDownload;

    CompactBlocksModel(SyncRules rules, SyncOptions options, HeaderNode tip) {
        this.rules = rules;
        this.blocksOnly = options.blocksOnly();
        this.extraMax = options.extraTransactions();
        this.tip = tip;
    }

    private void send(SyncPeer to, Message message) {
        out.add(new PeerOutput.Send(to.id(), message));
    }

    List<Ask> asksFor(HeaderNode block) {
        return asks.stream().filter(each -> each.block.equals(block)).toList();
    }

    List<Ask> asksOf(SyncPeer peer) {
        return asks.stream().filter(each -> each.of == peer).toList();
    }

    private @Nullable Ask ask(SyncPeer peer, HeaderNode block) {
        return asksOf(peer).stream()
                .filter(each -> each.block.equals(block))
                .findFirst()
                .orElse(null);
    }

    /// The header with most work, of several the first.
    static HeaderNode best(List<HeaderNode> inOrder) {
        HeaderNode best = inOrder.getFirst();
        for (HeaderNode each : inOrder) {
            best = each.chainWork().compareTo(best.chainWork()) > 0 ? each : best;
        }
        return best;
    }

    // ---- who sends unasked

    void ready(SyncPeer peer) {
        send(peer, new SendCmpct(false, 2));
    }

    void gone(SyncPeer peer) {
        chosen.remove(peer);
        asks.removeIf(each -> each.of == peer);
        givers.values().removeIf(each -> each == peer);
    }

    void sendCmpct(SyncPeer from, boolean unasked, long version) {
        if (version == 2) {
            provides.add(from);
            wants.remove(from);
            if (unasked) {
                wants.add(from);
            }
        }
    }

    /// Who gave the new tip becomes one of three, if no other block is on its way. The one chosen longest
    /// ago goes; but not the only outbound one for an inbound one.
    void connected(HeaderNode block) {
        SyncPeer giver = givers.remove(block.hash());
        boolean alone = asks.stream().allMatch(each -> each.block.equals(block));
        if (giver == null || initialDownload || !alone || blocksOnly || !provides.contains(giver)) {
            return;
        }
        boolean isNew = !chosen.remove(giver);
        if (isNew && chosen.size() == 3) {
            long outbound = chosen.stream().filter(SyncPeer::isOutbound).count();
            if (chosen.getFirst().isOutbound() && outbound == 1 && !giver.isOutbound()) {
                Collections.swap(chosen, 0, 1);
            }
            send(chosen.removeFirst(), new SendCmpct(false, 2));
        }
        chosen.add(giver);
        if (isNew) {
            send(giver, new SendCmpct(true, 2));
        }
    }

    // ---- a compact block comes

    void compactBlock(SyncPeer from, Told told, HeaderNode best, long nanos) {
        BlockHeader header = told.message.header();
        HeaderNode parent = headers.get(header.parent());
        if (parent == null) {
            Long asked = headersAskedAt.get(from);
            if (!initialDownload && (asked == null || nanos - asked > 120_000_000_000L)) {
                headersAskedAt.put(from, nanos);
                List<BlockHash> locator = ChainIndex.locator(best);
                send(from, new GetHeaders(BlockLocator.of(locator), BlockHash.ZERO));
            }
            return;
        }
        BigInteger work = parent.chainWork().add(rules.work(header));
        BigInteger day = rules.work(tip.header()).multiply(BigInteger.valueOf(144));
        if (work.add(day).compareTo(tip.chainWork()) >= 0
                && work.compareTo(rules.minimumChainWork()) >= 0) {
            out.add(
                    new PeerOutput.Chain(
                            new ChainCommand.SubmitHeaders(origin(from), List.of(header), true)));
        }
    }

    private static Origin origin(SyncPeer peer) {
        return new Origin(peer.id().value());
    }

    /// @return whether it counts as a plain header
    boolean header(SyncPeer from, HeaderNode block, boolean isNew, Told told, long nowSeconds) {
        boolean leads = block.chainWork().compareTo(tip.chainWork()) > 0;
        HeaderNode claim = claims.get(from);
        if (claim == null || block.chainWork().compareTo(claim.chainWork()) >= 0) {
            claims.put(from, block);
        }
        if (isNew && leads) {
            announcedAt.put(from, nowSeconds);
        }
        if (stored.contains(block) || submitted.contains(block.hash())) {
            return false;
        }
        Ask ask = ask(from, block);
        boolean synced = nowSeconds - tip.time() < 20 * SPACING;
        boolean ahead = block.height() > tip.height() + 2;
        if (leads && asksFor(block).isEmpty() && !synced) {
            return false;
        }
        if (!leads || ahead) {
            if (ask != null) {
                askWhole(from, block);
            }
            return leads && ask == null;
        }
        boolean room = asksFor(block).size() < 3 && asksOf(from).size() < 16;
        if (ask != null || room) {
            rebuild(from, block, told);
        } else if (told.make == Make.FINE
                && known().containsAll(told.named.subList(1, told.named.size()))
                && isWhole(block, told.named)) {
            submit(from, block);
        }
        return false;
    }

    private Set<Transaction> known() {
        var known = new HashSet<>(mempool);
        known.addAll(extra);
        return known;
    }

    private boolean isWhole(HeaderNode block, List<Transaction> transactions) {
        return block(block).transactions().equals(transactions);
    }

    private Block block(HeaderNode block) {
        return Check.present(blocks.get(block.hash()), "each header has a block");
    }

    private void askWhole(SyncPeer from, HeaderNode block) {
        send(from, GetData.of(InvItem.of(InvType.WITNESS_BLOCK, block.hash())));
    }

    private void submit(SyncPeer from, HeaderNode block) {
        givers.putIfAbsent(block.hash(), from);
        submitted.add(block.hash());
        out.add(
                new PeerOutput.Chain(
                        new ChainCommand.SubmitBlock(origin(from), block(block), true)));
    }

    private void rebuild(SyncPeer from, HeaderNode block, Told told) {
        List<Ask> others = asksFor(block).stream().filter(each -> each.of != from).toList();
        boolean isFirst = asksFor(block).isEmpty() || asksFor(block).getFirst().of == from;
        Ask before = ask(from, block);
        if (before != null && (before.failed || before.told != null)) {
            return;
        }
        Ask ask = before == null ? new Ask(from, block) : before;
        if (before == null) {
            asks.add(ask);
        }
        if (told.make == Make.BROKEN) {
            asks.remove(ask);
            actions.add("misbehaving " + from.id() + ": invalid compact block");
        } else if (told.make == Make.COLLIDING) {
            fallBack(ask, isFirst);
        } else {
            ask.told = told;
            Set<Transaction> known = known();
            var missing = new ArrayList<Integer>();
            for (int i = 1; i < told.named.size(); i++) {
                if (!known.contains(told.named.get(i))) {
                    missing.add(i);
                }
            }
            ask.missing = missing;
            if (missing.isEmpty()) {
                complete(ask, List.of());
            } else if (isFirst || mayAskToo(from, others, before != null)) {
                send(from, new GetBlockTxn(block.hash(), missing));
            } else {
                asks.remove(ask);
            }
        }
    }

    /// Two may be asked besides the first, if they were chosen to send unasked. An inbound peer is the third
    /// only if an outbound one is asked. An outbound one that was asked for the block may always go on.
    private boolean mayAskToo(SyncPeer from, List<Ask> others, boolean wasAsked) {
        if (from.isOutbound()) {
            return wasAsked || chosen.contains(from);
        }
        int before = others.size() + (wasAsked ? 1 : 0);
        return chosen.contains(from)
                && (before < 2 || others.stream().anyMatch(each -> each.of.isOutbound()));
    }

    /// Only who was asked first is asked for the whole block then.
    private void fallBack(Ask ask, boolean isFirst) {
        ask.told = null;
        ask.failed = true;
        if (isFirst) {
            askWhole(ask.of, ask.block);
        } else {
            asks.remove(ask);
        }
    }

    private void complete(Ask ask, List<Transaction> rest) {
        Told told = Check.present(ask.told, "something came");
        var filled = new ArrayList<>(told.named);
        for (int i = 0; i < rest.size(); i++) {
            filled.set(ask.missing.get(i), rest.get(i));
        }
        if (isWhole(ask.block, filled)) {
            asks.remove(ask);
            submit(ask.of, ask.block);
        } else {
            fallBack(ask, asksFor(ask.block).getFirst() == ask);
        }
    }

    /// Who sends more for a block that could not be put together is not to blame here; Bitcoin Core sees an
    /// invalid answer in it.
    ///
    /// @return whether the peer is to blame
    boolean transactions(SyncPeer from, HeaderNode block, List<Transaction> rest) {
        Ask ask = ask(from, block);
        if (ask == null || ask.told == null) {
            return false;
        }
        if (rest.size() != ask.missing.size()) {
            asks.remove(ask);
            return true;
        }
        complete(ask, rest);
        return false;
    }

    // ---- transactions

    void removed(Transaction tx, boolean replaced) {
        if (mempool.remove(tx) && replaced) {
            rejected(tx);
        }
    }

    void rejected(Transaction tx) {
        if (extraMax > 0) {
            extra.add(tx);
        }
        if (extra.size() > extraMax) {
            extra.removeFirst();
        }
    }
}
