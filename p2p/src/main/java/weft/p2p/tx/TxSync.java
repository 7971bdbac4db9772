package weft.p2p.tx;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerTable;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;
import weft.wire.FeeFilter;
import weft.wire.FilterAdd;
import weft.wire.FilterClear;
import weft.wire.FilterLoad;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// Transactions: which peer to ask for which, what to do with those whose parents are missing, whom to tell
/// of
/// ours and when.
///
/// Owned by the peer engine. Offers transactions to the chain engine as `SubmitTx` with the peer's number as
/// origin,
/// and must hear all its events.
public final class TxSync {
    private final TxContext context;
    private final TxDownload download;
    private final TxRelay relay;
    private final FeeFilters feeFilters;
    private final Stems stems;
    private final PrivateQueue privately = new PrivateQueue();
    private long lastNanos = Long.MIN_VALUE;
    private long allWorkedNanos = Long.MIN_VALUE;

    /// Something changed since all peers were looked at.
    private boolean changed = true;

    /// Until then there is nothing to do for any peer unless something changes.
    private long quietUntilNanos = Long.MIN_VALUE;

    /// Whether [#deadlineNanos] still holds: nobody was looked at, and nothing happened, since.
    private boolean deadlineKnown;

    private long deadlineNanos;

    /// @param random moments of announcements and choice of peers; in production from real entropy
    public TxSync(TxOptions options, PeerTable peers, RandomGenerator random, Log log) {
        this.context = new TxContext(options, peers, random, log);
        this.relay = new TxRelay(context);
        this.stems = new Stems(context, relay);
        this.download = new TxDownload(context, relay, stems);
        this.feeFilters = new FeeFilters(context);
    }

    /// Who else knows the mempool, and must not show peers what is on its stem.
    ///
    /// @param hide a transaction of the mempool is secret
    /// @param show it is not any more
    public record Shelter(Consumer<Txid> hide, Consumer<Transaction> show) {
        /// Nobody else.
        static final Shelter NONE = new Shelter(_ -> {}, _ -> {});
    }

    /// Names who else knows the mempool.
    public void shelterIn(Shelter shelter) {
        stems.shelterIn(shelter);
    }

    /// The handshake with a peer is complete.
    public void onReady(Peer peer, Now now, Outbox out) {
        var fresh = new TxPeer(peer, context.options, context.random);
        context.add(fresh);
        stems.onReady(fresh, out);
        work(now, out);
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer, Now now, Outbox out) {
        if (context.find(peer) != null) {
            download.onGone(peer);
            stems.onGone(peer);
            context.remove(peer);
            work(now, out);
        }
    }

    /// A message of a peer whose handshake is complete. Of `inv`, `getdata` and `notfound` only the entries
    /// about
    /// transactions are heard; the caller offers these messages to `BlockSync` too.
    ///
    /// @return whether the message, or some entry of it, was for this class
    /// @throws PeerFault if the peer broke the protocol
    public boolean onMessage(Peer peer, Message message, Now now, Outbox out) {
        TxPeer from = context.find(peer.id());
        if (from == null) {
            return false;
        }
        deadlineKnown = false;
        boolean handled =
                switch (message) {
                    case Inv(List<InvItem> items) -> download.onInv(from, items, now, out);
                    case TxMessage each -> {
                        cameBack(each.tx(), peer.id());
                        yield download.onTx(from, each.tx(), now, out);
                    }
                    case NotFound(List<InvItem> items) -> download.onNotFound(from, items);
                    case GetData(List<InvItem> items) -> relay.onGetData(from, items, out);
                    case FeeFilter each -> relay.onFeeFilter(from, each);
                    case FilterLoad each -> relay.onFilterLoad(from, each);
                    case FilterAdd each -> relay.onFilterAdd(from, each);
                    case FilterClear _ -> relay.onFilterClear(from);
                    case Mempool _ -> relay.onMempool(from, now, out);
                    case DandelionAcc _ -> stems.onAcc(from);
                    case DandelionTx each -> stems.onTx(from, each.tx(), now, out);
                    default -> false;
                };
        changed |= handled;
        if (handled && context.find(peer.id()) != null) {
            work(from, now, out);
        }
        return handled;
    }

    /// Whoever sends us what we handed out in secret has it from the network.
    private void cameBack(Transaction tx, PeerId from) {
        if (privately.remove(tx.wtxid())) {
            context.log.debug(
                    LogCategory.PRIVATEBROADCAST,
                    () ->
                            "Received our privately broadcast transaction (txid="
                                    + tx.txid()
                                    + ") from the network from peer="
                                    + from
                                    + "; stopping private broadcast attempts");
        }
    }

    /// Our own transactions that are handed out in secret.
    public PrivateQueue privateQueue() {
        return privately;
    }

    /// Whether our mempool has a transaction.
    public boolean isInMempool(Wtxid wtxid) {
        return context.mempool.entry(wtxid) != null;
    }

    /// The chain engine said something.
    public void onChainEvent(ChainEvent event, Now now, Outbox out) {
        deadlineKnown = false;
        switch (event) {
            case ChainEvent.Loaded each ->
                    context.initialBlockDownload = each.initialBlockDownload();
            case ChainEvent.TipChanged each -> {
                context.initialBlockDownload = each.initialBlockDownload();
                download.onTip(each.initialBlockDownload());
            }
            case ChainEvent.BlockConnected each -> {
                Block block = each.block();
                if (block != null) {
                    if (!context.initialBlockDownload) {
                        relay.onConnected(block);
                    }
                    download.onConnected(block);
                    stems.onConnected(block);
                }
            }
            case ChainEvent.BlockDisconnected _ -> download.onDisconnected();
            case ChainEvent.TxAccepted each -> {
                relay.letPass(now);
                context.mempool.add(each.tx(), each.fee(), each.origin());
                if (each.origin().equals(Origin.SELF)) {
                    context.mempool.setOwn(each.tx().txid());
                }
                stems.onAccepted(each.tx());
                download.onAccepted(each, now, out);
            }
            case ChainEvent.TxRemoved each -> {
                context.mempool.remove(each.txid());
                stems.onRemoved(each.txid());
            }
            case ChainEvent.TxTested each -> stems.onTested(each, now, out);
            case ChainEvent.TxRejected each -> download.onRejected(each, now, out);
            case ChainEvent.TxMissingInputs each -> download.onMissingInputs(each, now, out);
            case ChainEvent.PackageJudged each -> download.onPackage(each);
            case ChainEvent.TxUnrequested(Wtxid wtxid) -> relay(wtxid, now, out);
            case ChainEvent.MempoolMinFee(long perKvb) -> onMempoolMinFee(perKvb);
            case ChainEvent.HeadersAccepted _,
                    ChainEvent.HeadersRejected _,
                    ChainEvent.BlockStored _,
                    ChainEvent.BlocksPruned _,
                    ChainEvent.HistoryMoved _,
                    ChainEvent.BlockRejected _,
                    ChainEvent.HeaderValidity _,
                    ChainEvent.BlockFetched _ -> {
                return;
            }
        }
        work(now, out);
    }

    /// Announces a mempool transaction to every peer, whether or not it was announced before; unknown ones
    /// do not
    /// matter.
    public void relay(Wtxid wtxid, Now now, Outbox out) {
        MempoolMirror.Entry entry = context.mempool.entry(wtxid);
        if (entry != null) {
            relay.enqueue(entry, now);
            work(now, out);
        }
    }

    /// Our own user wants a mempool transaction known: it sets out on a stem, or is announced to all as by
    /// [#relay].
    public void send(Wtxid wtxid, Now now, Outbox out) {
        MempoolMirror.Entry entry = context.mempool.entry(wtxid);
        touch();
        if (entry != null && !stems.begin(entry, now, out)) {
            relay(wtxid, now, out);
        }
    }

    /// The lowest rate that our mempool takes now, in satoshis a kvB; peers hear of it as `feefilter`.
    public void onMempoolMinFee(long satoshisPerKvB) {
        touch();
        context.mempoolMinFee = satoshisPerKvB;
    }

    /// The upload target (`-maxuploadtarget`) is reached, or no more: `mempool` is not answered.
    public void limitUpload(boolean limited) {
        if (context.uploadLimited != limited) {
            touch();
        }
        context.uploadLimited = limited;
    }

    /// Time passed.
    public void onTick(Now now, Outbox out) {
        if (changed || now.monotonicNanos() >= quietUntilNanos) {
            work(now, out);
        }
    }

    /// Something changed that may let any peer go on.
    private void touch() {
        changed = true;
        deadlineKnown = false;
    }

    private void work(Now now, Outbox out) {
        deadlineKnown = false;
        allWorkedNanos = now.monotonicNanos();
        quietUntilNanos = allWorkedNanos;
        changed = false;
        stems.onTime(now, out);
        for (TxPeer each : context.all()) {
            work(each, now, out);
        }
    }

    private void work(TxPeer each, Now now, Outbox out) {
        lastNanos = now.monotonicNanos();
        if (each.peer.isReady()) {
            relay.announce(each, now, out);
            download.request(each, now, out);
            feeFilters.maybeSend(each, now, out);
        }
    }

    /// A peer came, went, or is about to go, so what [#nextDeadlineNanos] said may not hold any more.
    public void forgetDeadline() {
        deadlineKnown = false;
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        if (download.hasRequestable()) {
            return OptionalLong.of(lastNanos);
        }
        if (!deadlineKnown) {
            deadlineNanos = earliestDeadline();
            deadlineKnown = true;
        }
        return deadlineNanos == Long.MAX_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(deadlineNanos);
    }

    private long earliestDeadline() {
        long quiet = Math.min(download.deadline(), stems.deadline());
        long earliest = Math.min(notYetSeen(download.deadline()), notYetSeen(stems.deadline()));
        for (TxPeer each : context.all()) {
            long announced = relay.deadline(each);
            long told = FeeFilters.deadline(each);
            if (Math.min(announced, told) < Math.max(quiet, earliest) && each.peer.isReady()) {
                quiet = Math.min(quiet, Math.min(announced, told));
                earliest = Math.min(earliest, notYetSeen(announced));
                earliest = Math.min(earliest, notYetSeen(told));
            }
        }
        quietUntilNanos = quiet;
        return earliest;
    }

    /// A deadline at which all peers were looked at already came to nothing; naming it again would spin.
    private long notYetSeen(long deadline) {
        return deadline > allWorkedNanos ? deadline : Long.MAX_VALUE;
    }

    /// Whether a message of a peer must wait for the verdict on what it sent before, so that who asks
    /// after a transaction hears of a node that knows it.
    public boolean mustWait(PeerId peer, Message message) {
        return download.isAwaitedBy(peer, message instanceof TxMessage);
    }

    /// Whether a peer sends a transaction that we asked it for.
    public boolean isAwaited(PeerId peer, TxMessage message) {
        var tx = message.tx();
        return download.isRequested(peer, MempoolMirror.plain(tx.wtxid()))
                || download.isRequested(peer, MempoolMirror.plain(tx.txid()));
    }

    /// What is known of a peer.
    public TxSyncStats stats(PeerId peer) {
        TxPeer state = context.find(peer);
        return state == null
                ? TxSyncStats.UNKNOWN
                : new TxSyncStats(
                        state.wantsTransactions,
                        state.minFeeFilter,
                        state.lastTransactionSeconds,
                        state.toSend.size(),
                        download.inFlight(peer),
                        download.announced(peer));
    }
}
