package weft.p2p.sync;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerId;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.wire.ServiceFlags;

/// The rules by which [BlockDownload] asks and drops, with everything worked out anew from lists at each
/// question.
final class BlockDownloadModel {
    private static final int SPACING = BlockDownloadRules.SPACING;

    /// One block asked of one peer.
    record Ask(SyncPeer of, HeaderNode block) {}

    private final BlockDownloadRules rules;
    final List<SyncPeer> peers = new ArrayList<>();

    /// Oldest first.
    final List<Ask> asked = new ArrayList<>();

    final Map<PeerId, Long> waitingSince = new HashMap<>();
    final Map<PeerId, Long> stallingSince = new HashMap<>();

    /// The blocks that a peer and we shared when it was last looked at, from genesis on.
    final Map<PeerId, List<HeaderNode>> shared = new HashMap<>();

    final Set<HeaderNode> stored = new HashSet<>();
    final Set<HeaderNode> submitted = new HashSet<>();
    final Set<HeaderNode> invalid = new HashSet<>();
    List<HeaderNode> active = List.of();
    boolean initialDownload;
    @Nullable HeaderNode historyTip;
    @Nullable HeaderNode historyBase;
    long patienceSeconds = 2;

    BlockDownloadModel(BlockDownloadRules rules) {
        this.rules = rules;
    }

    /// From genesis on.
    static List<HeaderNode> branch(HeaderNode tip) {
        var nodes = new ArrayList<HeaderNode>();
        for (HeaderNode node = tip; node != null; node = node.parent()) {
            nodes.add(node);
        }
        return nodes.reversed();
    }

    HeaderNode tip() {
        return active.getLast();
    }

    boolean isActive(HeaderNode node) {
        return node.height() < active.size() && active.get(node.height()).equals(node);
    }

    List<HeaderNode> askedOf(SyncPeer peer) {
        return asked.stream().filter(ask -> ask.of == peer).map(Ask::block).toList();
    }

    List<SyncPeer> askedFor(HeaderNode block) {
        return asked.stream().filter(ask -> ask.block.equals(block)).map(Ask::of).toList();
    }

    long downloadingFrom() {
        return peers.stream().filter(each -> !askedOf(each).isEmpty()).count();
    }

    void ask(SyncPeer peer, HeaderNode block, long nanos) {
        if (askedOf(peer).isEmpty()) {
            waitingSince.put(peer.id(), nanos);
        }
        asked.add(new Ask(peer, block));
    }

    void forget(SyncPeer peer, HeaderNode block, long nanos) {
        if (askedOf(peer).contains(block)) {
            if (askedOf(peer).getFirst().equals(block)) {
                waitingSince.merge(peer.id(), nanos, Math::max);
            }
            asked.remove(new Ask(peer, block));
            stallingSince.remove(peer.id());
        }
    }

    /// Nobody is asked for more than 1024 blocks above the last that we shared at the last look, nor for
    /// more than 16 at a time. Who cannot be asked for anything, but could for one block further up, shows
    /// that the one we wait for holds up everybody.
    List<HeaderNode> request(SyncPeer peer, boolean useful, long nanos) {
        boolean limited = isLimited(peer);
        int most = 16 - askedOf(peer).size();
        if (most <= 0 || !hasBlocks(peer) || (initialDownload && (!useful || limited))) {
            return List.of();
        }
        var found = new ArrayList<HeaderNode>();
        SyncPeer staller = peer.bestKnown == null ? null : search(peer, most, found);
        if (historyBase != null && !limited) {
            searchHistory(peer, most, found);
        }
        found.forEach(each -> ask(peer, each, nanos));
        if (staller != null && askedOf(peer).isEmpty()) {
            stallingSince.putIfAbsent(staller.id(), nanos);
        }
        return found;
    }

    /// @return who is to blame that nothing was found
    private @Nullable SyncPeer search(SyncPeer peer, int most, List<HeaderNode> found) {
        HeaderNode known = Check.present(peer.bestKnown, "looked at peers with headers only");
        if (known.chainWork().compareTo(tip().chainWork()) < 0
                || known.chainWork().compareTo(rules.minimumChainWork()) < 0) {
            return null;
        }
        List<HeaderNode> branch = branch(known);
        List<HeaderNode> before = shared.getOrDefault(peer.id(), active);
        int start = 0;
        while (start + 1 < Math.min(branch.size(), before.size())
                && branch.get(start + 1).equals(before.get(start + 1))) {
            start++;
        }
        shared.put(peer.id(), branch.subList(0, start + 1));
        SyncPeer firstAsked = null;
        for (int i = start + 1; i < Math.min(branch.size(), start + 1026); i++) {
            HeaderNode block = branch.get(i);
            if (lacksWitness(peer, block) || invalid.contains(block)) {
                return null;
            }
            if (stored.contains(block) || isActive(block)) {
                if (shared.get(peer.id()).size() == i) {
                    shared.put(peer.id(), branch.subList(0, i + 1));
                }
            } else if (!askedFor(block).isEmpty() && !submitted.contains(block)) {
                firstAsked = firstAsked == null ? askedFor(block).getFirst() : firstAsked;
            } else if (!submitted.contains(block) && i == start + 1025) {
                return found.isEmpty() && firstAsked != peer ? firstAsked : null;
            } else if (!submitted.contains(block)
                    && found.size() < most
                    && (!isLimited(peer) || known.height() - i < 286)) {
                found.add(block);
            }
        }
        return null;
    }

    private void searchHistory(SyncPeer peer, int most, List<HeaderNode> found) {
        HeaderNode base = Check.present(historyBase, "looked for with a snapshot only");
        HeaderNode tip = Check.present(historyTip, "looked for with a snapshot only");
        if (peer.bestKnown == null || !branch(peer.bestKnown).contains(base)) {
            return;
        }
        List<HeaderNode> branch = branch(base);
        int from = tip.height() + 1;
        for (int i = from; i < branch.size() && i < from + 1024 && found.size() < most; i++) {
            HeaderNode block = branch.get(i);
            if (lacksWitness(peer, block)) {
                return;
            }
            if (!stored.contains(block)
                    && !submitted.contains(block)
                    && askedFor(block).isEmpty()) {
                found.add(block);
            }
        }
    }

    /// Up to seventeen blocks from a new header down to the active chain, lowest first.
    List<HeaderNode> direct(SyncPeer peer, HeaderNode last, Now now) {
        boolean recent = tip().time() > now.unixSeconds() - 20 * SPACING;
        if (!recent
                || invalid.contains(last)
                || last.chainWork().compareTo(tip().chainWork()) < 0) {
            return List.of();
        }
        var wanted = new ArrayList<HeaderNode>();
        HeaderNode node = last;
        for (; node != null && !isActive(node) && wanted.size() < 17; node = node.parent()) {
            boolean free = askedFor(node).isEmpty() || (node.equals(last) && mayRace(peer, node));
            if (free
                    && !stored.contains(node)
                    && !submitted.contains(node)
                    && !lacksWitness(peer, node)) {
                wanted.addFirst(node);
            }
        }
        if (node == null || !isActive(node)) {
            return List.of();
        }
        int most = Math.clamp(16 - askedOf(peer).size(), 0, wanted.size());
        List<HeaderNode> found = List.copyOf(wanted.subList(0, most));
        found.forEach(each -> ask(peer, each, now.monotonicNanos()));
        return found;
    }

    /// One outbound peer is asked too where inbound ones, two at most, were asked.
    boolean mayRace(SyncPeer peer, HeaderNode block) {
        return peer.isOutbound()
                && askedFor(block).size() < 3
                && askedFor(block).stream().noneMatch(SyncPeer::isOutbound);
    }

    /// Alone under way, on top of a block that is here.
    boolean asCompact(SyncPeer peer, List<HeaderNode> found, HeaderNode last) {
        return found.equals(List.of(last))
                && peer.providesCompact
                && asked.stream().allMatch(ask -> ask.block.equals(last))
                && stored.contains(last.parent());
    }

    boolean lacksWitness(SyncPeer peer, HeaderNode block) {
        return !peer.peer.hasServices(ServiceFlags.WITNESS) && block.height() >= rules.segwit();
    }

    static boolean isLimited(SyncPeer peer) {
        return !peer.peer.hasServices(ServiceFlags.NETWORK)
                && peer.peer.hasServices(ServiceFlags.NETWORK_LIMITED);
    }

    static boolean hasBlocks(SyncPeer peer) {
        return peer.peer.hasServices(ServiceFlags.NETWORK) || isLimited(peer);
    }

    boolean mayDownloadFrom(SyncPeer peer) {
        boolean others = peers.stream().anyMatch(each -> each.preferred);
        return peer.preferred || (hasBlocks(peer) && (asked.isEmpty() || !others));
    }

    long stallDeadline(SyncPeer peer) {
        Long since = stallingSince.get(peer.id());
        return since == null ? Long.MAX_VALUE : since + patienceSeconds * 1_000_000_000;
    }

    /// An interval, and half of one for each other peer that is asked.
    long blockDeadline(SyncPeer peer) {
        return askedOf(peer).isEmpty()
                ? Long.MAX_VALUE
                : Check.present(waitingSince.get(peer.id()), "a block was asked for")
                        + (SPACING + SPACING / 2 * (downloadingFrom() - 1)) * 1_000_000_000;
    }

    boolean timesOut(SyncPeer peer, long nanos) {
        boolean stalls = nanos > stallDeadline(peer);
        boolean late = nanos > blockDeadline(peer);
        if (stalls) {
            patienceSeconds = Math.min(64, 2 * patienceSeconds);
        }
        return stalls || late;
    }
}
