package weft.p2p.tx;

import java.util.List;
import java.util.OptionalLong;
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
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
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
    private long lastNanos = Long.MIN_VALUE;
    private long allWorkedNanos = Long.MIN_VALUE;

    /// @param random moments of announcements and choice of peers; in production from real entropy
    public TxSync(TxOptions options, PeerTable peers, RandomGenerator random, Log log) {
        this.context = new TxContext(options, peers, random, log);
        this.relay = new TxRelay(context);
        this.download = new TxDownload(context, relay);
        this.feeFilters = new FeeFilters(context);
    }

    /// The handshake with a peer is complete.
    public void onReady(Peer peer, Now now, Outbox out) {
        context.add(new TxPeer(peer, context.options, context.random));
        work(now, out);
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer, Now now, Outbox out) {
        if (context.find(peer) != null) {
            download.onGone(peer);
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
        boolean handled =
                switch (message) {
                    case Inv(List<InvItem> items) -> download.onInv(from, items, now, out);
                    case TxMessage each -> download.onTx(from, each.tx(), now, out);
                    case NotFound(List<InvItem> items) -> download.onNotFound(from, items);
                    case GetData(List<InvItem> items) -> relay.onGetData(from, items, out);
                    case FeeFilter each -> relay.onFeeFilter(from, each);
                    case FilterLoad each -> relay.onFilterLoad(from, each);
                    case FilterAdd each -> relay.onFilterAdd(from, each);
                    case FilterClear _ -> relay.onFilterClear(from);
                    case Mempool _ -> relay.onMempool(from, out);
                    default -> false;
                };
        if (handled && context.find(peer.id()) != null) {
            work(from, now, out);
        }
        return handled;
    }

    /// The chain engine said something.
    public void onChainEvent(ChainEvent event, Now now, Outbox out) {
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
                }
            }
            case ChainEvent.BlockDisconnected _ -> download.onDisconnected();
            case ChainEvent.TxAccepted each -> {
                context.mempool.add(each.tx(), each.fee(), each.origin());
                if (each.origin().equals(Origin.SELF)) {
                    context.mempool.setOwn(each.tx().txid());
                }
                download.onAccepted(each, now, out);
            }
            case ChainEvent.TxRemoved each -> context.mempool.remove(each.txid());
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
            relay.enqueue(entry);
            work(now, out);
        }
    }

    /// The lowest rate that our mempool takes now, in satoshis a kvB; peers hear of it as `feefilter`.
    public void onMempoolMinFee(long satoshisPerKvB) {
        context.mempoolMinFee = satoshisPerKvB;
    }

    /// The upload target (`-maxuploadtarget`) is reached, or no more: `mempool` is not answered.
    public void limitUpload(boolean limited) {
        context.uploadLimited = limited;
    }

    /// Time passed.
    public void onTick(Now now, Outbox out) {
        work(now, out);
    }

    private void work(Now now, Outbox out) {
        allWorkedNanos = now.monotonicNanos();
        for (TxPeer each : List.copyOf(context.all())) {
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

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        if (download.hasRequestable()) {
            return OptionalLong.of(lastNanos);
        }
        long earliest = notYetSeen(download.deadline());
        earliest = Math.min(earliest, notYetSeen(relay.deadline()));
        earliest = Math.min(earliest, notYetSeen(feeFilters.deadline()));
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
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
