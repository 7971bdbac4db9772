package weft.p2p.tx;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerPermissions;
import weft.primitives.Block;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.log.LogCategory;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.ServiceFlags;

/// Gets transactions from peers into the mempool.
///
/// - Nothing is asked for in initial download, and nothing that was had, rejected or confirmed lately.
/// - A request waits two seconds for each of: a peer that dialled us, an announcement by txid where others
///   use wtxids, a peer with a hundred open requests; and is given up after sixty.
/// - A transaction without its parents waits in [TxOrphanage] while they are asked for by txid. When one
///   comes, its children are judged one at a time for each peer that sent some. *Rationale:* a hundred slow
///   ones must not stand before what others send.
/// - A transaction whose fee is too low alone is offered again with a child, see [PackageFinder].
/// - Only a transaction that breaks consensus is held against its sender. Who wastes too much of our time
///   with others is not heard for a while, see [WastedWork].
final class TxDownload {
    static final long DELAY_NANOS = 2_000_000_000L;
    static final long EXPIRY_NANOS = 60_000_000_000L;
    static final int IN_FLIGHT_MAX = 100;
    static final int ANNOUNCEMENTS_MAX = 5_000;

    /// While so much of a peer's is judged, its next transaction waits: the largest that is relayed.
    private static final long WEIGHT_AT_ONCE = 400_000;

    private static final int GETDATA_MAX = 1_000;
    private static final int NOTFOUND_BLOCKS_MAX = 16;

    private final TxContext context;
    private final TxRelay relay;
    private final Stems stems;
    private final TxRequestTracker tracker;
    private final TxOrphanage orphanage;
    private final RecentRejects rejects;
    private final PackageFinder packages;
    private final Judging judging = new Judging();

    TxDownload(TxContext context, TxRelay relay, Stems stems) {
        this.context = context;
        this.relay = relay;
        this.stems = stems;
        this.tracker = new TxRequestTracker(context.random);
        this.orphanage = new TxOrphanage(context.log);
        this.rejects = new RecentRejects(context.random);
        this.packages = new PackageFinder(orphanage, rejects, context.random);
    }

    void onGone(PeerId peer) {
        tracker.removePeer(peer);
        orphanage.removePeer(peer);
        judging.onGone(peer);
    }

    void onTip(boolean initialBlockDownload) {
        if (!initialBlockDownload) {
            rejects.onTip();
        }
    }

    void onConnected(Block block) {
        orphanage.onConnected(block);
        rejects.onConnected(block);
        block.transactions().forEach(this::forget);
    }

    void onDisconnected() {
        rejects.onDisconnected();
    }

    boolean isRequested(PeerId peer, Digest256 hash) {
        return tracker.isRequested(peer, hash);
    }

    int inFlight(PeerId peer) {
        return tracker.inFlight(peer);
    }

    int announced(PeerId peer) {
        return tracker.count(peer);
    }

    /// @return whether some entry is about a transaction
    boolean onInv(TxPeer from, List<InvItem> items, Now now, Outbox out) {
        if (items.size() > InvItem.MAX_PER_MESSAGE) {
            throw PeerFault.oversized("inv message size = " + items.size());
        }
        boolean any = false;
        int ignoredType = from.peer.wtxidRelay() ? InvType.TX : InvType.WTX;
        for (InvItem item : items) {
            if (!item.isGenTx()) {
                if (item.type() != InvType.BLOCK) {
                    context.log.debug(
                            LogCategory.NET,
                            () ->
                                    "Unknown inv type \""
                                            + item
                                            + "\" received from peer="
                                            + from.id());
                }
                continue;
            }
            any = true;
            if (item.type() == ignoredType) {
                continue;
            }
            if (from.mayNotSend) {
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                "transaction ("
                                        + item.hash()
                                        + ") inv sent in violation of protocol, disconnecting peer="
                                        + from.id());
                context.peers.disconnect(
                        from.id(), "transaction inv sent in violation of protocol", out);
                return true;
            }
            onAnnounced(from, item, now);
        }
        return any;
    }

    private void onAnnounced(TxPeer from, InvItem item, Now now) {
        if (from.isTooCostly(now)) {
            return;
        }
        boolean wtxid = item.type() == InvType.WTX;
        boolean have = isHad(item.hash(), wtxid, true);
        context.log.debug(
                LogCategory.NET,
                () -> "got inv: " + item + "  " + (have ? "have" : "new") + " peer=" + from.id());
        from.known.add(item.hash());
        if (!have && !context.initialBlockDownload) {
            track(from, new TxRequestTracker.Request(item.hash(), wtxid), now);
        } else if (wtxid) {
            orphanage.announce(wtxid(item.hash()), from.id());
        }
    }

    private void track(TxPeer from, TxRequestTracker.Request request, Now now) {
        boolean unlimited = from.may(PeerPermissions.RELAY);
        if (!unlimited && tracker.count(from.id()) >= ANNOUNCEMENTS_MAX) {
            return;
        }
        long earliest = now.monotonicNanos();
        if (!from.preferred) {
            earliest += DELAY_NANOS;
        }
        if (!request.wtxid() && context.all().stream().anyMatch(each -> each.peer.wtxidRelay())) {
            earliest += DELAY_NANOS;
        }
        if (!unlimited && tracker.inFlight(from.id()) >= IN_FLIGHT_MAX) {
            earliest += DELAY_NANOS;
        }
        tracker.announced(from.id(), request, from.preferred, earliest);
    }

    private boolean isHad(Digest256 hash, boolean wtxid, boolean reconsiderableToo) {
        return orphanage.contains(wtxid(hash))
                || (reconsiderableToo && rejects.isReconsiderable(hash))
                || rejects.isConfirmed(hash)
                || rejects.isRejected(hash)
                || context.mempool.entry(hash, wtxid) != null;
    }

    private static Wtxid wtxid(Digest256 hash) {
        return new Wtxid(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    boolean onNotFound(TxPeer from, List<InvItem> items) {
        boolean any = false;
        if (items.size() <= ANNOUNCEMENTS_MAX + NOTFOUND_BLOCKS_MAX) {
            for (InvItem item : items) {
                if (item.isGenTx()) {
                    any = true;
                    tracker.responded(from.id(), item.hash());
                }
            }
        }
        return any;
    }

    boolean onTx(TxPeer from, Transaction tx, Now now, Outbox out) {
        if (from.mayNotSend) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "transaction sent in violation of protocol peer=" + from.id());
            context.peers.disconnect(from.id(), "transaction sent in violation of protocol", out);
            return true;
        }
        if (context.initialBlockDownload) {
            return true;
        }
        from.known.add(from.idOf(tx));
        if (stems.onPublic(tx, now, out)) {
            responded(from, tx);
            return true;
        }
        if (isHad(MempoolMirror.plain(tx.wtxid()), true, true)) {
            responded(from, tx);
            if (from.may(PeerPermissions.FORCE_RELAY)) {
                forceRelay(from, tx, now);
            }
            orphanage.announce(tx.wtxid(), from.id());
            if (rejects.isReconsiderable(tx.wtxid())) {
                context.log.debug(
                        LogCategory.TXPACKAGES,
                        () ->
                                "found tx "
                                        + name(tx)
                                        + " in reconsiderable rejects, looking for child in"
                                        + " orphanage");
                offerWithChild(from, tx, out);
            }
            return true;
        }
        if (from.isTooCostly(now)) {
            responded(from, tx);
            String why = " not looked at, scripts failed too often peer=" + from.id();
            context.log.debug(LogCategory.MEMPOOLREJ, () -> name(tx) + why);
            return true;
        }
        if (judging.begin(tx, from.id())) {
            out.chain(new ChainCommand.SubmitTx(new Origin(from.id().value()), tx));
        } else {
            responded(from, tx);
        }
        return true;
    }

    private void offerWithChild(TxPeer from, Transaction parent, Outbox out) {
        ChainCommand.SubmitPackage found = packages.find(parent, from.id());
        if (found != null) {
            judging.beginPackage(found.txs(), from.id());
            out.chain(found);
        }
    }

    private static String name(Transaction tx) {
        return tx.txid() + " (wtxid=" + tx.wtxid() + ")";
    }

    private void responded(TxPeer from, Transaction tx) {
        tracker.responded(from.id(), MempoolMirror.plain(tx.txid()));
        if (tx.hasWitness()) {
            tracker.responded(from.id(), MempoolMirror.plain(tx.wtxid()));
        }
    }

    private void forceRelay(TxPeer from, Transaction tx, Now now) {
        String names = "transaction " + name(tx) + " from forcerelay peer=";
        MempoolMirror.Entry entry = context.mempool.entry(tx.wtxid());
        if (entry != null) {
            context.log.info("Force relaying tx " + name(tx) + " from peer=" + from.id());
            relay.enqueue(entry, now);
        } else {
            context.log.info("Not relaying non-mempool " + names + from.id());
        }
    }

    /// Asks a peer for what it is its turn to send.
    void request(TxPeer to, Now now, Outbox out) {
        List<TxRequestTracker.Request> requests =
                tracker.requestable(
                        to.id(),
                        now.monotonicNanos(),
                        (peer, request) ->
                                context.log.debug(
                                        LogCategory.NET,
                                        () ->
                                                "timeout of inflight "
                                                        + request.kind()
                                                        + " "
                                                        + request.hash()
                                                        + " from peer="
                                                        + peer));
        var items = new ArrayList<InvItem>();
        for (TxRequestTracker.Request request : requests) {
            if (isHad(request.hash(), request.wtxid(), false)) {
                tracker.forget(request.hash());
                continue;
            }
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Requesting "
                                    + request.kind()
                                    + " "
                                    + request.hash()
                                    + " peer="
                                    + to.id());
            items.add(InvItem.of(typeFor(to, request), request.hash()));
            tracker.requested(to.id(), request.hash(), now.monotonicNanos() + EXPIRY_NANOS);
            if (items.size() == GETDATA_MAX) {
                out.send(to.id(), new GetData(items));
                items.clear();
            }
        }
        if (!items.isEmpty()) {
            out.send(to.id(), new GetData(items));
        }
    }

    private static int typeFor(TxPeer to, TxRequestTracker.Request request) {
        if (request.wtxid()) {
            return InvType.WTX;
        }
        return to.peer.hasServices(ServiceFlags.WITNESS) ? InvType.WITNESS_TX : InvType.TX;
    }

    private void forget(Transaction tx) {
        tracker.forget(MempoolMirror.plain(tx.txid()));
        tracker.forget(MempoolMirror.plain(tx.wtxid()));
    }

    void onAccepted(ChainEvent.TxAccepted event, Now now, Outbox out) {
        Transaction tx = event.tx();
        TxPeer from = context.find(event.origin());
        Judging.Case offered = judged(event.origin(), tx);
        // What came in otherwise is not judged again when it comes from a peer.
        judging.end(tx, null);
        forget(tx);
        orphanage.onParent(tx);
        orphanage.remove(tx.wtxid());
        if (from != null) {
            if (isOffered(offered, Judging.Offer.ORPHAN)) {
                context.log.debug(
                        LogCategory.TXPACKAGES, () -> "   accepted orphan tx " + name(tx));
            } else if (isOffered(offered, Judging.Offer.ALONE)) {
                from.lastTransactionSeconds = now.unixSeconds();
            }
            context.log.debug(
                    LogCategory.MEMPOOL,
                    () ->
                            "AcceptToMemoryPool: peer="
                                    + from.id()
                                    + ": accepted "
                                    + name(tx)
                                    + " (poolsz "
                                    + context.mempool.size()
                                    + " txn)");
        }
        MempoolMirror.Entry entry = context.mempool.entry(tx.wtxid());
        if (event.origin().id() >= 0 && entry != null) {
            relay.enqueue(entry, now);
        }
        reconsider(out);
    }

    /// A transaction is judged.
    ///
    /// @return how it was offered; null if a peer did not offer it
    private Judging.@Nullable Case judged(Origin origin, Transaction tx) {
        return origin.id() < 0 ? null : judging.end(tx, new PeerId(origin.id()));
    }

    private static boolean isOffered(Judging.@Nullable Case offered, Judging.Offer how) {
        return offered != null && offered.offer() == how;
    }

    /// Whether something that a peer sent is judged by the chain engine.
    ///
    /// @param more whether the next is a transaction too: these keep their order anyway, but wait for
    /// orphans, and many large ones for what others send
    boolean isAwaitedBy(PeerId peer, boolean more) {
        return more
                ? judging.hasTurn(peer) || judging.weightOf(peer) >= WEIGHT_AT_ONCE
                : judging.isAwaitedBy(peer);
    }

    /// Offers the next orphan of each peer that has none with the chain engine, if a parent of it has come.
    private void reconsider(Outbox out) {
        if (orphanage.size() == 0) {
            return;
        }
        for (TxPeer each : context.all()) {
            Transaction orphan =
                    judging.hasTurn(each.id()) ? null : orphanage.pollToReconsider(each.id());
            while (orphan != null) {
                if (judging.beginOrphan(orphan, each.id())) {
                    out.chain(new ChainCommand.SubmitTx(new Origin(each.id().value()), orphan));
                    break;
                }
                orphan = orphanage.pollToReconsider(each.id());
            }
        }
    }

    void onRejected(ChainEvent.TxRejected event, Now now, Outbox out) {
        Transaction tx = event.tx();
        if (event.origin().id() < 0) {
            return;
        }
        Judging.Case offered = judged(event.origin(), tx);
        TxPeer from = context.find(event.origin());
        TxFailure failure = event.failure();
        logRefused(event.origin(), tx, failure.toString());
        if (isOffered(offered, Judging.Offer.ORPHAN)) {
            context.log.debug(
                    LogCategory.TXPACKAGES,
                    () ->
                            "   invalid orphan tx "
                                    + name(tx)
                                    + " from peer="
                                    + event.origin().id()
                                    + ". "
                                    + failure);
        }
        if (from != null && isOffered(offered, Judging.Offer.ALONE)) {
            responded(from, tx);
        }
        remember(tx, failure.kind());
        orphanage.remove(tx.wtxid());
        if (from != null && failure.isByScripts()) {
            from.wasted.add(tx.weight(), now.monotonicNanos());
        }
        if (failure.kind() == TxFailure.Kind.CONSENSUS && from != null) {
            context.peers.misbehaving(from.id(), "", out);
        }
        if (failure.kind() == TxFailure.Kind.RECONSIDERABLE) {
            askAgain(tx, isOffered(offered, Judging.Offer.ALONE) ? from : null, now);
        }
        if (offered != null
                && offered.offer() == Judging.Offer.ALONE
                && failure.kind() == TxFailure.Kind.RECONSIDERABLE) {
            context.log.debug(
                    LogCategory.TXPACKAGES,
                    () ->
                            "tx "
                                    + name(tx)
                                    + " failed but reconsiderable, looking for child in orphanage");
            if (from != null) {
                offerWithChild(from, tx, out);
            }
            offerForOthers(tx, offered.others(), out);
        }
        reconsider(out);
    }

    /// A parent that failed for its fee is asked of all who have a child of it here that was not tried, but
    /// not of who just sent it. *Rationale:* else who sends it first, with a false child, would keep the
    /// true child waiting. (Bitcoin Core 28.1 does not ask again for a parent without witness.)
    private void askAgain(Transaction parent, @Nullable TxPeer sender, Now now) {
        for (PeerId each : packages.peersToAsk(parent)) {
            TxPeer other = context.find(new Origin(each.value()));
            if (other != null && other != sender) {
                Digest256 hash = MempoolMirror.plain(parent.txid());
                track(other, new TxRequestTracker.Request(hash, false), now);
            }
        }
    }

    /// Those who sent a parent while it was judged have children of their own.
    private void offerForOthers(Transaction tx, SortedSet<PeerId> others, Outbox out) {
        for (PeerId each : others) {
            TxPeer other = context.find(new Origin(each.value()));
            if (other != null) {
                offerWithChild(other, tx, out);
            }
        }
    }

    private void logRefused(Origin origin, Transaction tx, String why) {
        context.log.debug(
                LogCategory.MEMPOOLREJ,
                () -> name(tx) + " from peer=" + origin.id() + " was not accepted: " + why);
    }

    void onPackage(ChainEvent.PackageJudged event) {
        if (event.origin().id() < 0) {
            return;
        }
        boolean accepted = event.failure().isEmpty();
        packages.onJudged(event.txs(), accepted);
        judging.endPackage(event.txs(), new PeerId(event.origin().id()));
        context.log.debug(
                LogCategory.TXPACKAGES,
                () ->
                        "package evaluation for parent "
                                + name(event.txs().getFirst())
                                + " and child "
                                + name(event.txs().getLast())
                                + (accepted ? ": package accepted" : ": package rejected"));
    }

    /// A wrong witness says nothing about the txid, and a missing one nothing about either id.
    private void remember(Transaction tx, TxFailure.Kind kind) {
        switch (kind) {
            case WITNESS_STRIPPED, MISSING_INPUTS -> {
                return;
            }
            case RECONSIDERABLE -> rejects.rejectAlone(tx.wtxid());
            case CONSENSUS,
                    INPUTS_NOT_STANDARD,
                    NOT_STANDARD,
                    PREMATURE_SPEND,
                    WITNESS_MUTATED,
                    CONFLICT,
                    MEMPOOL_POLICY ->
                    rejects.reject(tx.wtxid());
        }
        tracker.forget(MempoolMirror.plain(tx.wtxid()));
        if (kind == TxFailure.Kind.INPUTS_NOT_STANDARD && tx.hasWitness()) {
            rejects.reject(tx.txid());
            tracker.forget(MempoolMirror.plain(tx.txid()));
        }
    }

    void onMissingInputs(ChainEvent.TxMissingInputs event, Now now, Outbox out) {
        Transaction tx = event.tx();
        Judging.Case offered = judged(event.origin(), tx);
        TxPeer from = context.find(event.origin());
        if (from != null
                && offered != null
                && offered.offer() == Judging.Offer.ALONE
                && !orphanage.contains(tx.wtxid())) {
            keep(tx, from, now);
            offered.others().stream()
                    .filter(each -> context.find(new Origin(each.value())) != null)
                    .forEach(each -> orphanage.announce(tx.wtxid(), each));
        }
        if (event.origin().id() >= 0 && !isOffered(offered, Judging.Offer.ORPHAN)) {
            logRefused(event.origin(), tx, "bad-txns-inputs-missingorspent");
        }
        reconsider(out);
    }

    private void keep(Transaction tx, TxPeer from, Now now) {
        responded(from, tx);
        context.log.debug(
                LogCategory.MEMPOOLREJ,
                () ->
                        tx.txid()
                                + " (wtxid="
                                + tx.wtxid()
                                + ") from peer="
                                + from.id()
                                + " was not accepted: bad-txns-inputs-missingorspent");
        var parents = new TreeSet<Txid>();
        for (TxIn in : tx.inputs()) {
            parents.add(in.prevout().txid());
        }
        if (rejects.areHopeless(parents, context.mempool)) {
            context.log.debug(
                    LogCategory.MEMPOOL,
                    () -> "not keeping orphan with rejected parents " + name(tx));
            rejects.reject(tx.txid());
            rejects.reject(tx.wtxid());
            forget(tx);
            return;
        }
        for (Txid parent : parents) {
            Digest256 hash = MempoolMirror.plain(parent);
            from.known.add(hash);
            if (!isHad(hash, false, false)) {
                track(from, new TxRequestTracker.Request(hash, false), now);
            }
        }
        orphanage.add(tx, from.id(), now.monotonicNanos());
        forget(tx);
        orphanage.limit(context.options.orphansMax(), now.monotonicNanos(), context.random);
    }

    long deadline() {
        return tracker.deadlineNanos();
    }

    /// Whether it is some peer's turn now.
    boolean hasRequestable() {
        return !tracker.isEmpty()
                && context.all().stream()
                        .anyMatch(each -> each.peer.isReady() && tracker.hasRequestable(each.id()));
    }
}
