package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.wire.BlockLocator;
import weft.wire.GetHeaders;
import weft.wire.SendHeaders;
import weft.wire.ServiceFlags;

/// The rules by which [HeadersSync] asks for headers and takes them, told one after the other over plain
/// lists. What is walked without being kept has a model of its own; here it is taken as it is.
final class HeadersModel {
    private static final long MINUTE = 60_000_000_000L;
    private static final int DAY = 86_400;

    /// Headers that the chain engine was given, in the order of the questions.
    ///
    /// @param waiting to be looked at once the engine comes to them
    record Given(boolean full, boolean askMore, List<BlockHeader> waiting) {}

    /// One who sends.
    static final class Sender {
        final SyncPeer peer;
        final List<Given> given = new ArrayList<>();
        @Nullable Long askedAt;
        @Nullable Long timeoutAt;
        @Nullable HeadersSyncState lowWork;
        @Nullable HeaderNode claim;
        @Nullable BlockHash unknown;

        /// The last header given to the engine, and the work up to it.
        @Nullable BlockHash end;

        BigInteger endWork = BigInteger.ZERO;
        boolean started;
        boolean askedForInv;
        boolean isProtected;
        boolean blocksUnderWay;
        boolean saidSendHeaders;
        boolean dropped;
        long announcedAt;

        Sender(SyncPeer peer) {
            this.peer = peer;
        }

        boolean isNoBan() {
            return peer.peer.permissions().has(PeerPermissions.NO_BAN);
        }
    }

    private final SyncRules rules;

    /// Like the machine's, random numbers included.
    private final SyncContext twin;

    final List<Sender> senders = new ArrayList<>();

    /// Headers in the order in which they came.
    final Map<BlockHash, HeaderNode> known = new HashMap<>();

    HeaderNode best;
    HeaderNode tip;
    boolean initialDownload;
    private @Nullable BlockHash lastInv;
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();

    HeadersModel(SyncRules rules, SyncContext twin, HeaderNode tip) {
        this.rules = rules;
        this.twin = twin;
        this.tip = tip;
        this.best = tip;
        for (HeaderNode node = tip; node != null; node = node.parent()) {
            known.put(node.hash(), node);
        }
    }

    void add(HeaderNode node) {
        known.put(node.hash(), node);
        if (node.chainWork().compareTo(best.chainWork()) > 0) {
            best = node;
        }
    }

    private BigInteger work(List<BlockHeader> headers) {
        return headers.stream().map(rules::work).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /// What our chain had 144 blocks ago, but the network's minimum at least.
    private boolean isEnough(BigInteger work) {
        BigInteger day = rules.work(tip.header()).multiply(BigInteger.valueOf(144));
        return work.add(day).compareTo(tip.chainWork()) >= 0
                && work.compareTo(rules.minimumChainWork()) >= 0;
    }

    private BigInteger enough() {
        BigInteger day = rules.work(tip.header()).multiply(BigInteger.valueOf(144));
        return tip.chainWork().subtract(day).max(rules.minimumChainWork()).max(BigInteger.ZERO);
    }

    /// The first eleven next to each other, then ever farther apart.
    static List<BlockHash> locator(HeaderNode from) {
        var hashes = new ArrayList<BlockHash>();
        int gap = 1;
        int height = from.height();
        while (height > 0) {
            hashes.add(Check.present(from.ancestor(height), "it is that high").hash());
            gap = hashes.size() > 10 ? 2 * gap : gap;
            height -= gap;
        }
        hashes.add(Check.present(from.ancestor(0), "genesis").hash());
        return hashes;
    }

    /// One question at a time, for two minutes.
    private boolean ask(Sender to, List<BlockHash> locator, Now now) {
        long nanos = now.monotonicNanos();
        if (to.askedAt != null && nanos - to.askedAt <= 2 * MINUTE) {
            return false;
        }
        to.askedAt = nanos;
        var message = new GetHeaders(BlockLocator.of(locator), BlockHash.ZERO);
        out.add(new PeerOutput.Send(to.peer.id(), message));
        return true;
    }

    private void drop(Sender who, String why) {
        actions.add("disconnect " + who.peer.id() + ": " + why);
        who.dropped = true;
    }

    // ---- headers come

    /// @return what the sender is to blame for; empty if it is not
    String headers(Sender from, List<BlockHeader> headers, Now now) {
        if (headers.size() > 2_000) {
            return "headers message size = " + headers.size();
        }
        if (headers.isEmpty()) {
            from.lowWork = null;
            from.askedAt = null;
            return "";
        }
        if (!headers.stream().allMatch(each -> rules.hasValidWork(each, each.hash()))) {
            return "header with invalid proof of work";
        }
        for (int i = 1; i < headers.size(); i++) {
            if (!headers.get(i).parent().equals(headers.get(i - 1).hash())) {
                return "non-continuous headers sequence";
            }
        }
        boolean full = headers.size() == 2_000;
        List<BlockHeader> batch = headers;
        boolean proven = false;
        if (from.lowWork != null) {
            HeadersSyncState.Result result = walk(from, headers, now);
            proven = result.success();
            batch = proven ? result.headers() : headers;
        }
        if (!batch.isEmpty()) {
            take(from, batch, full, proven, now);
        }
        return "";
    }

    private HeadersSyncState.Result walk(Sender from, List<BlockHeader> headers, Now now) {
        HeadersSyncState state = Check.present(from.lowWork, "looked at before");
        HeadersSyncState.Result result = state.process(headers, headers.size() == 2_000);
        from.askedAt = result.success() ? null : from.askedAt;
        if (result.requestMore()) {
            ask(from, state.locator(), now);
        } else {
            from.lowWork = null;
        }
        return result;
    }

    private void take(Sender from, List<BlockHeader> batch, boolean full, boolean proven, Now now) {
        HeaderNode start = known.get(batch.getFirst().parent());
        BlockHash last = batch.getLast().hash();
        boolean askMore = full && from.lowWork == null;
        if (start == null) {
            takeUnconnecting(from, batch, full, askMore, now);
            return;
        }
        from.askedAt = null;
        HeaderNode lastNode = known.get(last);
        boolean ours =
                lastNode != null && (best.hasAncestor(lastNode) || tip.hasAncestor(lastNode));
        boolean trusted = proven || from.isNoBan() || ours;
        if (!trusted && !isEnough(start.chainWork().add(work(batch)))) {
            if (batch.size() == 2_000) {
                from.lowWork = new HeadersSyncState(from.peer.id(), twin, start, enough(), now);
                walk(from, batch, now);
            }
            return;
        }
        from.end = start.hash();
        from.endWork = start.chainWork();
        give(from, batch, new Given(full, askMore, List.of()));
    }

    /// They go on where those end that the engine has; or the engine may bring what lies between; or we ask.
    private void takeUnconnecting(
            Sender from, List<BlockHeader> batch, boolean full, boolean askMore, Now now) {
        boolean goesOn = batch.getFirst().parent().equals(from.end);
        boolean engineBusy = from.given.stream().anyMatch(each -> each.waiting.isEmpty());
        if (goesOn && isEnough(from.endWork.add(work(batch)))) {
            give(from, batch, new Given(full, askMore, List.of()));
        } else if (from.blocksUnderWay || (engineBusy && from.given.size() < 17)) {
            from.blocksUnderWay = false;
            from.given.add(new Given(full, false, batch));
            submit(from, List.of());
        } else {
            ask(from, locator(best), now);
            has(from, batch.getLast().hash());
        }
    }

    private void give(Sender from, List<BlockHeader> batch, Given given) {
        if (from.end != null) {
            from.end = batch.getLast().hash();
            from.endWork = from.endWork.add(work(batch));
        }
        from.given.add(given);
        submit(from, batch);
    }

    private void submit(Sender from, List<BlockHeader> batch) {
        var origin = new Origin(from.peer.id().value());
        out.add(new PeerOutput.Chain(new ChainCommand.SubmitHeaders(origin, batch, true)));
    }

    /// The peer has a block, whether we know it or not.
    void has(Sender from, BlockHash hash) {
        if (from.unknown != null && known.containsKey(from.unknown)) {
            claim(from, Check.present(known.get(from.unknown), "just seen"));
            from.unknown = null;
        }
        HeaderNode node = known.get(hash);
        if (node == null) {
            from.unknown = hash;
        } else {
            claim(from, node);
        }
    }

    private static void claim(Sender from, HeaderNode node) {
        if (from.claim == null || node.chainWork().compareTo(from.claim.chainWork()) >= 0) {
            from.claim = node;
        }
    }

    // ---- the engine answers

    void accepted(Sender from, @Nullable HeaderNode last, boolean isNew, Now now) {
        Given given = from.given.removeFirst();
        if (last == null) {
            take(from, given.waiting, given.full, false, now);
            return;
        }
        if (given.askMore) {
            ask(from, locator(last), now);
        }
        has(from, last.hash());
        if (isNew && last.chainWork().compareTo(tip.chainWork()) > 0) {
            from.announcedAt = now.unixSeconds();
        }
        HeaderNode claim = Check.present(from.claim, "it has the last one");
        ConnectionType type = from.peer.peer.type();
        boolean full = type == ConnectionType.OUTBOUND_FULL_RELAY;
        if (initialDownload
                && !given.full
                && claim.chainWork().compareTo(rules.minimumChainWork()) < 0
                && (full || type == ConnectionType.BLOCK_RELAY_ONLY)) {
            drop(from, "headers chain has insufficient work");
        } else if (full
                && senders.stream().filter(each -> each.isProtected).count() < 4
                && claim.chainWork().compareTo(tip.chainWork()) >= 0) {
            from.isProtected = true;
        }
    }

    void rejected(Sender from, BlockFailure.Kind kind) {
        from.given.removeFirst();
        from.end = null;
        boolean guilty =
                kind == BlockFailure.Kind.INVALID_HEADER
                        || (kind == BlockFailure.Kind.CACHED_INVALID && from.peer.isOutbound());
        if (guilty) {
            actions.add("misbehaving " + from.peer.id() + ": invalid header received");
            from.dropped = true;
        }
    }

    // ---- who is asked

    /// Of those that we neither know nor wait for the last counts. Who is not asked yet for headers is asked
    /// for one such block, and each block makes us ask one.
    void inv(Sender from, List<BlockHash> hashes, List<BlockHash> inFlight, Now now) {
        BlockHash wanted = null;
        for (BlockHash hash : hashes) {
            has(from, hash);
            wanted = known.containsKey(hash) || inFlight.contains(hash) ? wanted : hash;
        }
        if (wanted == null || (!from.started && (from.askedForInv || wanted.equals(lastInv)))) {
            return;
        }
        ask(from, locator(best), now);
        if (!from.started) {
            from.askedForInv = true;
            lastInv = wanted;
        }
    }

    private long age(Now now) {
        return now.unixSeconds() - best.time();
    }

    private long startedCount() {
        return senders.stream().filter(each -> each.started).count();
    }

    /// While our best header is a day old or older, only one is asked.
    void maybeStart(Sender each, boolean useful, Now now) {
        long services = each.peer.peer.services();
        boolean hasBlocks = (services & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED)) != 0;
        boolean first = startedCount() == 0 && useful;
        if (each.started || !hasBlocks || (!first && age(now) >= DAY)) {
            return;
        }
        HeaderNode from = best.parent() == null ? best : best.parent();
        if (ask(each, locator(from), now)) {
            each.started = true;
            long blocks = age(now) / rules.targetSpacingSeconds();
            each.timeoutAt = now.monotonicNanos() + 15 * MINUTE + blocks * 1_000_000;
        }
    }

    private boolean mayTimeOut(Sender each) {
        return startedCount() == 1
                && senders.stream().anyMatch(other -> other != each && other.peer.preferred);
    }

    boolean timesOut(Sender each, Now now) {
        if (!each.started || each.timeoutAt == null) {
            return false;
        }
        if (age(now) < DAY) {
            each.timeoutAt = null;
            return false;
        }
        if (now.monotonicNanos() <= each.timeoutAt || !mayTimeOut(each)) {
            return false;
        }
        if (each.isNoBan()) {
            each.started = false;
            each.timeoutAt = null;
            return false;
        }
        drop(each, "timeout downloading headers");
        return true;
    }

    long deadline(Sender each) {
        long earliest = Long.MAX_VALUE;
        if (each.timeoutAt != null && mayTimeOut(each)) {
            earliest = each.timeoutAt + 1;
        }
        if (each.askedAt != null && !each.started) {
            earliest = Math.min(earliest, each.askedAt + 2 * MINUTE + 1);
        }
        return earliest;
    }

    /// Once it is known to have more than the least work.
    void maybeSaySendHeaders(Sender each) {
        if (!each.saidSendHeaders
                && each.claim != null
                && each.claim.chainWork().compareTo(rules.minimumChainWork()) > 0) {
            each.saidSendHeaders = true;
            out.add(new PeerOutput.Send(each.peer.id(), new SendHeaders()));
        }
    }
}
