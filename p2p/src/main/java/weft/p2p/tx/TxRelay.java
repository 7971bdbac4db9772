package weft.p2p.tx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerPermissions;
import weft.p2p.bloom.BloomFilter;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.log.LogCategory;
import weft.wire.FeeFilter;
import weft.wire.FilterAdd;
import weft.wire.FilterLoad;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// Announces mempool transactions to peers and serves them.
///
/// - Announcements wait for a random moment: one for all inbound peers, every five seconds on average; one
///   for each
///   outbound peer, every two. *Rationale:* who listens to many nodes at once must not see where a
///   transaction
///   came from, and many inbound connections must not help.
/// - About 35 are sent at a time, those with fewest unconfirmed ancestors and highest rate first, and none
///   twice,
///   none below the peer's `feefilter`. What waits is kept in that order. *Rationale:* to sort it for each
///   peer at each moment took whole cores where thousands waited for a hundred peers (CVE-2023-33297).
/// - What has waited for half a minute goes with the next announcement, the oldest first, whatever its rate.
///   *Rationale:* else whoever keeps the queue filled with what pays more decides that nobody hears of the
///   rest (CVE-2024-55563). Our own users' transactions get no turn of their own: it would show, to who
///   fills the queue, whose they are.
/// - Who set a bloom filter hears of what matches it, and of nothing else. See BIP-0037.
/// - A transaction is served only if it was in the mempool at the last announcement to that peer, or is in
///   the last
///   block. *Rationale:* else asking would tell when we got it.
final class TxRelay {
    static final long INBOUND_MEAN_NANOS = 5_000_000_000L;
    static final long OUTBOUND_MEAN_NANOS = 2_000_000_000L;
    static final int BROADCAST_TARGET = 35;
    static final int BROADCAST_MAX = 1_000;

    /// What has left the mempool is not looked for in the queues until it may be so much.
    private static final int GONE_MAX = 100;

    /// How long a transaction may wait behind others.
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final TxContext context;
    private @Nullable Long nextInboundNanos;
    private Map<Digest256, Transaction> lastBlock = Map.of();

    TxRelay(TxContext context) {
        this.context = context;
    }

    void onConnected(Block block) {
        var transactions = new HashMap<Digest256, Transaction>();
        for (Transaction tx : block.transactions()) {
            transactions.put(MempoolMirror.plain(tx.txid()), tx);
            transactions.put(MempoolMirror.plain(tx.wtxid()), tx);
        }
        lastBlock = transactions;
    }

    /// Queues a transaction for every peer that may not have it.
    void enqueue(MempoolMirror.Entry entry, Now now) {
        Transaction tx = entry.tx();
        for (TxPeer each : context.all()) {
            if (!each.relays || each.nextInvNanos == TxPeer.NEVER) {
                continue;
            }
            letPass(each, now.monotonicNanos());
            long nanos = now.monotonicNanos();
            if (!each.known.contains(each.idOf(tx))
                    && each.toSend.putIfAbsent(entry, nanos) == null) {
                each.byAge.add(new TxPeer.Waiting(entry, nanos));
            }
        }
    }

    /// Something is about to come into the mempool: moments that passed when there was nothing to say are
    /// over. *Rationale:* else it could be had at once, though nobody was told of it.
    void letPass(Now now) {
        for (TxPeer each : context.all()) {
            if (each.relays) {
                letPass(each, now.monotonicNanos());
            }
        }
    }

    /// Of a moment that passed when there was nothing to say comes the next one. *Rationale:* to say at once
    /// what there is now would tell that it came just now.
    private void letPass(TxPeer to, long nanos) {
        boolean passed = to.nextInvNanos != TxPeer.NEVER && to.nextInvNanos < nanos;
        if (passed && !to.sendMempool && to.toSend.isEmpty()) {
            to.nextInvNanos = nextMoment(to, nanos);
        }
    }

    boolean onFeeFilter(TxPeer from, FeeFilter message) {
        long rate = message.satoshisPerKvB();
        if (Amount.isInRange(rate)) {
            from.minFeeFilter = rate;
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "received: feefilter of "
                                    + Amount.format(rate)
                                    + " BTC/kvB from peer="
                                    + from.id());
        }
        return true;
    }

    boolean onFilterLoad(TxPeer from, FilterLoad message) {
        if (!message.isWithinLimits()) {
            throw new PeerFault("too-large bloom filter");
        }
        if (from.relays) {
            from.peer.setBloomFilter(BloomFilter.of(message));
            from.wantsTransactions = true;
        }
        return true;
    }

    boolean onFilterAdd(TxPeer from, FilterAdd message) {
        BloomFilter filter = from.peer.bloomFilter();
        // No script pushes more, so nothing could match.
        if (message.element().length() > FilterAdd.MAX_ELEMENT_BYTES
                || (from.relays && filter == null)) {
            throw new PeerFault("bad filteradd message");
        }
        if (filter != null) {
            filter.insert(message.element());
        }
        return true;
    }

    boolean onFilterClear(TxPeer from) {
        from.peer.setBloomFilter(null);
        from.wantsTransactions |= from.relays;
        return true;
    }

    boolean onMempool(TxPeer from, Now now, Outbox out) {
        boolean allowed = from.may(PeerPermissions.MEMPOOL);
        boolean bloom = from.servesBloom(context.options);
        if (allowed || (bloom && !context.uploadLimited)) {
            letPass(from, now.monotonicNanos());
            from.sendMempool = from.relays;
        } else if (!from.may(PeerPermissions.NO_BAN)) {
            String why = bloom ? "bandwidth limit reached" : "bloom filters disabled";
            context.log.debug(
                    LogCategory.NET,
                    () -> "mempool request with " + why + ", disconnect peer=" + from.id());
            context.peers.disconnect(from.id(), "mempool request with " + why, out);
        }
        return true;
    }

    /// @return whether some entry is about a transaction
    boolean onGetData(TxPeer from, List<InvItem> items, Outbox out) {
        if (items.size() > InvItem.MAX_PER_MESSAGE) {
            throw PeerFault.oversized("getdata message size = " + items.size());
        }
        boolean any = false;
        var missing = new ArrayList<InvItem>();
        for (InvItem item : items) {
            if (!item.isGenTx()) {
                continue;
            }
            any = true;
            if (!from.relays) {
                continue;
            }
            Transaction tx = served(from, item);
            if (tx == null) {
                missing.add(item);
            } else {
                if (context.mempool.isFirstServed(tx.txid())) {
                    var origin = new Origin(from.id().value());
                    out.chain(new ChainCommand.NoteServed(origin, tx.txid()));
                }
                out.send(
                        from.id(),
                        new TxMessage(
                                tx,
                                item.type() == InvType.TX
                                        ? Transaction.Encoding.LEGACY
                                        : Transaction.Encoding.WITNESS));
            }
        }
        if (!missing.isEmpty()) {
            out.send(from.id(), new NotFound(missing));
        }
        return any;
    }

    private @Nullable Transaction served(TxPeer to, InvItem item) {
        MempoolMirror.Entry entry = context.mempool.entry(item.hash(), item.type() == InvType.WTX);
        if (entry != null && entry.sequence() < to.lastInvSequence) {
            return entry.tx();
        }
        return lastBlock.get(item.hash());
    }

    /// Sends what waits for a peer, if its moment has come.
    void announce(TxPeer to, Now now, Outbox out) {
        if (!to.relays) {
            return;
        }
        long nanos = now.monotonicNanos();
        boolean due =
                to.may(PeerPermissions.NO_BAN) || context.options.spreading() == Spreading.FLOOD;
        if (to.nextInvNanos < nanos) {
            due = true;
            to.nextInvNanos = nextMoment(to, nanos);
        }
        if (!due) {
            return;
        }
        if (!to.wantsTransactions) {
            to.toSend.clear();
            to.byAge.clear();
        }
        var items = new ArrayList<InvItem>();
        if (to.sendMempool) {
            to.sendMempool = false;
            addMempool(to, items);
        }
        addWaiting(to, items);
        addOverdue(to, nanos, items);
        to.lastInvSequence = context.mempool.sequence();
        for (int from = 0; from < items.size(); from += InvItem.MAX_PER_MESSAGE) {
            int end = Math.min(items.size(), from + InvItem.MAX_PER_MESSAGE);
            out.send(to.id(), new Inv(items.subList(from, end)));
        }
    }

    private long nextMoment(TxPeer to, long nanos) {
        return to.peer.isInbound()
                ? nextInbound(nanos)
                : nanos + context.exponentialNanos(OUTBOUND_MEAN_NANOS);
    }

    private long nextInbound(long nanos) {
        Long next = nextInboundNanos;
        if (next == null || next < nanos) {
            next = nanos + context.exponentialNanos(INBOUND_MEAN_NANOS);
            nextInboundNanos = next;
        }
        return next;
    }

    private void addMempool(TxPeer to, List<InvItem> items) {
        for (MempoolMirror.Entry entry : context.mempool.all()) {
            to.toSend.remove(entry);
            if (entry.pays(to.minFeeFilter) && to.matches(entry.tx())) {
                to.known.add(to.idOf(entry.tx()));
                items.add(itemOf(to, entry.tx()));
            }
        }
    }

    private void addWaiting(TxPeer to, List<InvItem> items) {
        if (to.toSend.isEmpty()) {
            return;
        }
        int most = Math.min(BROADCAST_MAX, BROADCAST_TARGET + to.toSend.size() / 1_000 * 5);
        int sent = 0;
        var next = to.toSend.pollFirstEntry();
        while (next != null) {
            sent += addOne(to, next.getKey(), items) ? 1 : 0;
            next = sent < most ? to.toSend.pollFirstEntry() : null;
        }
        if (to.toSend.size() > GONE_MAX + context.mempool.size() / 4 * 5) {
            to.toSend.keySet().removeIf(entry -> !context.mempool.has(entry));
        }
    }

    private void addOverdue(TxPeer to, long nanos, List<InvItem> items) {
        if (to.toSend.isEmpty()) {
            if (!to.byAge.isEmpty()) {
                to.byAge.clear();
            }
            return;
        }
        while (items.size() < BROADCAST_MAX && !to.byAge.isEmpty()) {
            TxPeer.Waiting oldest = to.byAge.getFirst();
            if (nanos - oldest.sinceNanos() < PATIENCE_NANOS) {
                break;
            }
            to.byAge.removeFirst();
            if (oldest.isIn(to.toSend)) {
                to.toSend.remove(oldest.entry());
                addOne(to, oldest.entry(), items);
            }
        }
        if (to.byAge.size() > GONE_MAX + 2 * to.toSend.size()) {
            to.byAge.removeIf(each -> !each.isIn(to.toSend));
        }
    }

    /// Whether there was something to say of a transaction.
    private boolean addOne(TxPeer to, MempoolMirror.Entry entry, List<InvItem> items) {
        Transaction tx = entry.tx();
        boolean tells =
                context.mempool.has(entry)
                        && !to.known.contains(to.idOf(tx))
                        && entry.pays(to.minFeeFilter)
                        && to.matches(tx);
        if (tells) {
            to.known.add(to.idOf(tx));
            items.add(itemOf(to, tx));
        }
        return tells;
    }

    private static InvItem itemOf(TxPeer to, Transaction tx) {
        return to.peer.wtxidRelay() ? InvItem.wtx(tx.wtxid()) : InvItem.tx(tx.txid());
    }

    /// The moment for which something waits for a peer; the largest number if nothing does.
    long deadline(TxPeer of) {
        boolean waiting =
                of.lastInvSequence != context.mempool.sequence()
                        || of.sendMempool
                        || !of.toSend.isEmpty();
        return waiting && of.relays && of.nextInvNanos != TxPeer.NEVER
                ? of.nextInvNanos + 1
                : Long.MAX_VALUE;
    }
}
