package weft.p2p.sync;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerOutput;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;

/// Whom [BlockRelay] tells of which block, and how, by BIP-0130, BIP-0152 and Bitcoin Core: read out of
/// diaries at each question. Times count the entries of all diaries.
final class BlockRelayModel {
    /// A peer said that it has a block.
    private record Claim(long when, BlockHash block) {}

    /// The tip moved.
    private record Move(long when, HeaderNode to, HeaderNode fork, boolean initialDownload) {}

    /// Somebody who may want to hear of blocks, with all that was ever said.
    static final class Listener {
        final SyncPeer peer;
        private final List<Claim> claims = new ArrayList<>();

        /// The last of each header chain that we showed.
        final List<HeaderNode> shown = new ArrayList<>();

        /// Announcements to it before this are over.
        private long lastTurn;

        /// What it asked for by `getblocks` and waits in line.
        private final List<BlockHash> asked = new ArrayList<>();

        /// Announcements that need the disk.
        final List<BlockHash> toRead = new ArrayList<>();

        boolean wantsHeaders;
        boolean wantsCompact;
        boolean gone;

        Listener(SyncPeer peer) {
            this.peer = peer;
        }
    }

    private final SplittableRandom luck;
    private final int segwitHeight;
    private long clock;
    private final Map<BlockHash, Long> learnt = new HashMap<>();
    private final Map<BlockHash, HeaderNode> nodes = new HashMap<>();
    private final List<Move> moves = new ArrayList<>();

    /// Blocks that went out, or would have, before they were validated.
    private final List<HeaderNode> fast = new ArrayList<>();

    private final List<CmpctBlock> compacts = new ArrayList<>();
    final List<Listener> listeners = new ArrayList<>();

    /// The blocks at hand, the last that came at the end.
    final List<Block> recent = new ArrayList<>();

    /// From genesis to the tip; empty until the chain is loaded.
    List<HeaderNode> active = List.of();

    boolean initialDownload = true;
    final List<PeerOutput> out = new ArrayList<>();

    BlockRelayModel(SplittableRandom luck, int segwitHeight) {
        this.luck = luck;
        this.segwitHeight = segwitHeight;
    }

    HeaderNode tip() {
        return active.getLast();
    }

    boolean isKnown(HeaderNode node) {
        return learnt.containsKey(node.hash());
    }

    static List<HeaderNode> branch(HeaderNode tip) {
        return BlockDownloadModel.branch(tip);
    }

    private @Nullable Block atHand(HeaderNode node) {
        return recent.stream()
                .filter(each -> each.hash().equals(node.hash()))
                .findFirst()
                .orElse(null);
    }

    // ---- what is written down

    void learn(HeaderNode node) {
        nodes.put(node.hash(), node);
        learnt.putIfAbsent(node.hash(), ++clock);
    }

    Listener join(SyncPeer peer) {
        var one = new Listener(peer);
        one.lastTurn = ++clock;
        listeners.add(one);
        return one;
    }

    void claims(Listener by, BlockHash block) {
        by.claims.add(new Claim(++clock, block));
    }

    /// Its `getheaders` was answered.
    void shows(Listener to, HeaderNode last) {
        to.shown.add(last);
    }

    void asks(Listener by, BlockHash block) {
        by.asked.add(block);
    }

    void moved(HeaderNode to, HeaderNode fork, boolean initialDownload) {
        moves.add(new Move(++clock, to, fork, initialDownload));
        active = branch(to);
        this.initialDownload = initialDownload;
    }

    // ---- what a peer has

    /// When a claim could be understood: at once, or when the header came, if the peer claimed nothing else
    /// that was unknown in between; negative for not yet or never.
    private long understood(Listener by, Claim claim) {
        Long came = learnt.get(claim.block);
        if (came == null) {
            return -1;
        }
        boolean forgotten =
                by.claims.stream()
                        .filter(each -> each.when > claim.when && each.when < came)
                        .anyMatch(each -> learnt.getOrDefault(each.block, clock + 1) > each.when);
        return forgotten && came > claim.when ? -1 : Math.max(came, claim.when);
    }

    /// Of all that it claimed, what has most work; of equals the last.
    private @Nullable HeaderNode bestClaimed(Listener by) {
        HeaderNode best = null;
        List<Claim> inOrder =
                by.claims.stream()
                        .filter(each -> understood(by, each) >= 0)
                        .sorted(Comparator.comparingLong(each -> understood(by, each)))
                        .toList();
        for (Claim each : inOrder) {
            HeaderNode node = Check.present(nodes.get(each.block), "understood, so known");
            if (best == null || node.chainWork().compareTo(best.chainWork()) >= 0) {
                best = node;
            }
        }
        return best;
    }

    /// Whether it has a header: by what it claimed, or by what we showed it last.
    boolean has(Listener one, HeaderNode node) {
        HeaderNode claimed = bestClaimed(one);
        return (claimed != null && branch(claimed).contains(node))
                || (!one.shown.isEmpty() && branch(one.shown.getLast()).contains(node));
    }

    // ---- what must happen

    private void send(Listener to, Message message) {
        out.add(new PeerOutput.Send(to.peer.id(), message));
    }

    /// The same for everybody, until another block is wanted compact.
    private CmpctBlock compact(Block block) {
        if (compacts.isEmpty() || !compacts.getLast().header().equals(block.header())) {
            compacts.add(ShortIds.compact(block, luck.nextLong()));
        }
        return compacts.getLast();
    }

    /// BIP-0152 "high-bandwidth": before it is validated, a block goes to those that lack only this one. Of
    /// one height there is one such block ever, and none that is lower.
    void stored(HeaderNode node, boolean isNew) {
        Block block = atHand(node);
        boolean isNext = !active.isEmpty() && tip().equals(node.parent());
        if (!isNew
                || block == null
                || !isNext
                || initialDownload
                || node.height() < segwitHeight
                || fast.stream().anyMatch(each -> each.height() >= node.height())) {
            return;
        }
        fast.add(node);
        for (Listener each : listeners) {
            if (each.wantsCompact && !each.gone && !has(each, node) && has(each, tip())) {
                send(each, compact(block));
                each.shown.add(node);
            }
        }
    }

    /// What came into the active chain since it had its last turn: of each move the last eight, and nothing
    /// of those of initial download.
    List<HeaderNode> fresh(Listener one) {
        var fresh = new ArrayList<HeaderNode>();
        for (Move each : moves) {
            if (each.when > one.lastTurn && !each.initialDownload) {
                List<HeaderNode> branch = branch(each.to);
                branch = branch.subList(each.fork.height() + 1, branch.size());
                fresh.addAll(branch.subList(Math.max(0, branch.size() - 8), branch.size()));
            }
        }
        return fresh;
    }

    /// Whether these are a part of the active chain, each once and in order.
    private boolean isPartOfActive(List<HeaderNode> some) {
        int from = some.getFirst().height();
        int to = from + some.size();
        return to <= active.size() && active.subList(from, to).equals(some);
    }

    /// A peer has its turn.
    void turn(Listener to) {
        List<HeaderNode> fresh = fresh(to);
        to.lastTurn = ++clock;
        if (!fresh.isEmpty()) {
            announce(to, fresh);
        }
        if (!to.asked.isEmpty()) {
            send(to, new Inv(to.asked.stream().map(InvItem::block).toList()));
            to.asked.clear();
        }
    }

    private void announce(Listener to, List<HeaderNode> fresh) {
        List<HeaderNode> news = fresh.stream().filter(each -> !has(to, each)).toList();
        boolean mayShow = to.wantsHeaders || (to.wantsCompact && fresh.size() == 1);
        boolean connects =
                isPartOfActive(fresh)
                        && (news.isEmpty() || has(to, active.get(news.getFirst().height() - 1)));
        if (!mayShow || !connects || fresh.size() > 8) {
            if (!has(to, fresh.getLast())) {
                to.asked.add(fresh.getLast().hash());
            }
        } else if (news.size() == 1 && to.wantsCompact) {
            Block block = atHand(news.getFirst());
            if (block == null) {
                to.toRead.add(news.getFirst().hash());
            } else {
                send(to, compact(block));
            }
            to.shown.add(news.getFirst());
        } else if (!news.isEmpty()) {
            List<BlockHeader> headers = news.stream().map(HeaderNode::header).toList();
            send(to, new Headers(headers));
            to.shown.add(news.getLast());
        }
    }
}
