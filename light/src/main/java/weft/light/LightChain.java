package weft.light;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainRules;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderIndex;
import weft.chain.api.HeaderNode;
import weft.chain.api.HeaderTable;
import weft.p2p.PeerId;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;

/// Headers of several peers, and which of them each peer stands by. Proof of work, difficulty and times are
/// checked as a full node checks them; of the blocks themselves nothing is known.
///
/// - The branch with most work is followed. *Rationale:* it costs most to forge.
/// - A branch that full nodes refuse to follow may well be invalid: so a block is disputed if at least two
///   peers had the time to follow it and do not, and those that do are fewer than half. Blocks on a disputed
///   one are disputed too. *Rationale:* in July 2015 clients that counted work alone showed six confirmations
///   on blocks that every full node refused (BIP-0066).
/// - A peer had the time if, a minute after headers with more work than its own came, it showed another
///   branch, or if ten minutes passed.
///   *Rationale:* a block spreads in seconds, so that an ordinary race is no dispute.
/// - If a peer is trusted, its branch is followed and nothing is disputed; of several the one with most work.
///
/// Peers that one attacker runs count as many: they can raise a warning that is not deserved, and, if they
/// are the most, silence one that is.
///
/// One owner. Does no I/O.
public final class LightChain {
    /// After so long an answer counts as a peer's own choice of branch.
    public static final Duration ANSWER_AFTER = Duration.ofMinutes(1);

    /// After so long silence counts too.
    public static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final int DISSENTERS_MIN = 2;

    private final ChainRules rules;
    private final HeaderTable table = new HeaderTable();
    private final HeaderIndex index = new HeaderIndex();
    private final Map<PeerId, Voucher> vouchers = new TreeMap<>();
    private final TreeSet<Integer> tips = new TreeSet<>();
    private long[] arrivalNanos = new long[64];
    private HeaderNode mostWork;

    /// What a peer stands by.
    private static final class Voucher {
        final boolean trusted;
        final long sinceNanos;
        HeaderNode best;
        long heardNanos;

        Voucher(boolean trusted, HeaderNode best, long nowNanos) {
            this.trusted = trusted;
            this.sinceNanos = nowNanos;
            this.best = best;
        }
    }

    /// What became of headers.
    ///
    /// @param headers those that are in the tree now, in the order given
    /// @param added those of them that are new
    /// @param refused the first that was refused; null if all were taken
    /// @param failure why; null if all were taken
    public record Taken(
            List<HeaderNode> headers,
            List<HeaderNode> added,
            @Nullable BlockHash refused,
            @Nullable BlockFailure failure) {
        /// Copies the lists.
        public Taken {
            headers = List.copyOf(headers);
            added = List.copyOf(added);
        }
    }

    /// A chain of the first header alone.
    public LightChain(ChainRules rules) {
        this.rules = rules;
        BlockHeader first = rules.genesis().header();
        mostWork = table.addGenesis(first, first.hash(), rules.work(first));
        index.add(mostWork);
        tips.add(mostWork.id());
    }

    /// Takes in a header of an earlier run, checked as one that comes from a peer but for the limit on times
    /// ahead of ours, which was kept when it came. Parents come before children; nobody stands by it yet.
    ///
    /// @return why it is none; null if it was taken, or known
    public @Nullable BlockFailure restore(BlockHeader header, Now now) {
        BlockHash hash = header.hash();
        if (index.find(hash) != null) {
            return null;
        }
        var then = new Now(now.monotonicNanos(), Instant.ofEpochSecond(header.time()));
        BlockFailure failure = check(header, hash, then);
        if (failure == null) {
            add(header, hash, now);
        }
        return failure;
    }

    /// A peer sends headers that follow one another: it stands by the last one.
    ///
    /// @param trusted a full node of the user's; decided by its first headers
    public Taken onHeaders(PeerId peer, boolean trusted, List<BlockHeader> headers, Now now) {
        Taken taken = take(headers, now);
        if (!taken.headers().isEmpty()) {
            vouch(peer, trusted, taken.headers().getLast(), now);
        }
        return taken;
    }

    /// Takes headers that follow one another of somebody who has no say: nobody stands by them yet.
    public Taken take(List<BlockHeader> headers, Now now) {
        var all = new ArrayList<HeaderNode>(headers.size());
        var added = new ArrayList<HeaderNode>();
        BlockHash refused = null;
        BlockFailure failure = null;
        for (BlockHeader header : headers) {
            BlockHash hash = header.hash();
            HeaderNode node = index.find(hash);
            if (node == null) {
                failure = check(header, hash, now);
                if (failure != null) {
                    refused = hash;
                    break;
                }
                node = add(header, hash, now);
                added.add(node);
            }
            all.add(node);
        }
        return new Taken(all, added, refused, failure);
    }

    /// A peer says that it has a block: if the header is known, it stands by it.
    public void onAnnounced(PeerId peer, boolean trusted, BlockHash hash, Now now) {
        HeaderNode node = index.find(hash);
        if (node != null) {
            vouch(peer, trusted, node, now);
        }
    }

    private @Nullable BlockFailure check(BlockHeader header, BlockHash hash, Now now) {
        BlockFailure failure = rules.checkHeader(header, hash);
        if (failure != null) {
            return failure;
        }
        HeaderNode parent = index.find(header.parent());
        return parent == null
                ? new BlockFailure(BlockFailure.Kind.MISSING_PREV, "prev-blk-not-found", "")
                : rules.checkHeaderInContext(header, parent, now);
    }

    private HeaderNode add(BlockHeader header, BlockHash hash, Now now) {
        HeaderNode parent = Check.present(index.find(header.parent()), "the parent was found");
        HeaderNode node = table.add(header, hash, parent, rules.work(header));
        index.add(node);
        tips.remove(parent.id());
        tips.add(node.id());
        if (node.id() >= arrivalNanos.length) {
            arrivalNanos = Arrays.copyOf(arrivalNanos, arrivalNanos.length * 2);
        }
        arrivalNanos[node.id()] = now.monotonicNanos();
        if (node.compareWork(mostWork) > 0) {
            mostWork = node;
        }
        return node;
    }

    private void vouch(PeerId peer, boolean trusted, HeaderNode last, Now now) {
        Voucher voucher =
                vouchers.computeIfAbsent(
                        peer, _ -> new Voucher(trusted, last, now.monotonicNanos()));
        // Headers on the way to what it stands by already say nothing new, but that it is there.
        if (!voucher.best.hasAncestor(last)) {
            voucher.best = last;
        }
        voucher.heardNanos = now.monotonicNanos();
    }

    /// A peer is gone, and its word with it.
    public void onGone(PeerId peer) {
        vouchers.remove(peer);
    }

    /// How many headers there are, the first one of the network included.
    public int size() {
        return table.size();
    }

    /// All headers, parents before children.
    public List<HeaderNode> all() {
        var nodes = new ArrayList<HeaderNode>(table.size());
        for (int id = 0; id < table.size(); id++) {
            nodes.add(table.at(id));
        }
        return nodes;
    }

    /// The highest header of each branch, in the order in which they came.
    public List<HeaderNode> tips() {
        return tips.stream().map(table::at).toList();
    }

    /// The header of a hash; null if it is not known.
    public @Nullable HeaderNode find(BlockHash hash) {
        return index.find(hash);
    }

    /// The highest header of the branch that is followed.
    public HeaderNode best() {
        HeaderNode chosen = trustedBest();
        return chosen == null ? mostWork : chosen;
    }

    private @Nullable HeaderNode trustedBest() {
        HeaderNode chosen = null;
        for (Voucher each : vouchers.values()) {
            if (each.trusted && (chosen == null || each.best.compareWork(chosen) > 0)) {
                chosen = each.best;
            }
        }
        return chosen;
    }

    /// The highest header of the branch that is followed that is not disputed.
    public HeaderNode settled(Now now) {
        HeaderNode disputed = firstDisputed(now);
        return disputed == null ? best() : Check.present(disputed.parent(), "genesis is agreed on");
    }

    /// The lowest disputed header of the branch that is followed; null if the peers agree: otherwise the
    /// user is to be warned.
    public @Nullable HeaderNode firstDisputed(Now now) {
        if (trustedBest() != null) {
            return null;
        }
        HeaderNode best = mostWork;
        HeaderNode lowest = null;
        for (Voucher each : vouchers.values()) {
            HeaderNode left = best.ancestor(HeaderNode.fork(each.best, best).height() + 1);
            boolean lower = left != null && (lowest == null || left.height() < lowest.height());
            if (left != null && lower && isDisputed(left, now)) {
                lowest = left;
            }
        }
        return lowest;
    }

    private boolean isDisputed(HeaderNode node, Now now) {
        int supporters = 0;
        int dissenters = 0;
        for (Voucher each : vouchers.values()) {
            if (each.best.hasAncestor(node)) {
                supporters++;
            } else if (hadTime(each, now)) {
                dissenters++;
            }
        }
        return dissenters >= DISSENTERS_MIN && supporters * 2 < vouchers.size();
    }

    /// Whether a peer knew the branch with most work for long enough and still stands by one with less.
    private boolean hadTime(Voucher voucher, Now now) {
        HeaderNode overtaking = overtaking(voucher.best);
        if (overtaking == null) {
            return false;
        }
        long arrived = arrivalNanos[overtaking.id()];
        boolean answered =
                voucher.heardNanos - arrived >= ANSWER_AFTER.toNanos()
                        && !mostWork.hasAncestor(voucher.best);
        long knownSince = Math.max(arrived, voucher.sinceNanos);
        return answered || now.monotonicNanos() - knownSince >= PATIENCE.toNanos();
    }

    /// The lowest header of the branch with most work that has more work than another one; null if none has.
    private @Nullable HeaderNode overtaking(HeaderNode other) {
        if (mostWork.compareWork(other) <= 0) {
            return null;
        }
        int above = mostWork.height();
        int below = HeaderNode.fork(other, mostWork).height();
        while (above - below > 1) {
            int middle = (above + below) >>> 1;
            HeaderNode node = Check.present(mostWork.ancestor(middle), "it is that high");
            if (node.compareWork(other) > 0) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return mostWork.ancestor(above);
    }

    /// Whether a peer stands by the header with most work.
    public boolean isUpToDate(PeerId peer) {
        Voucher voucher = vouchers.get(peer);
        return voucher != null && voucher.best.hasAncestor(mostWork);
    }

    /// The header that a peer stands by; null if it has not shown any.
    public @Nullable HeaderNode vouchedBy(PeerId peer) {
        Voucher voucher = vouchers.get(peer);
        return voucher == null ? null : voucher.best;
    }

    /// How deep a block lies, and what that is worth.
    public Confirmations confirmations(BlockHash block, Now now) {
        HeaderNode node = index.find(block);
        HeaderNode best = best();
        if (node == null || !best.hasAncestor(node)) {
            return new Confirmations(0, Confirmations.Standing.NOT_IN_CHAIN);
        }
        int count = best.height() - node.height() + 1;
        if (trustedBest() != null) {
            return new Confirmations(count, Confirmations.Standing.TRUSTED);
        }
        HeaderNode disputed = firstDisputed(now);
        if (disputed == null) {
            return new Confirmations(count, Confirmations.Standing.AGREED);
        }
        if (node.hasAncestor(disputed)) {
            return new Confirmations(count, Confirmations.Standing.UNVERIFIED);
        }
        // Only what lies below the dispute counts for a block below it.
        return new Confirmations(disputed.height() - node.height(), Confirmations.Standing.AGREED);
    }
}
