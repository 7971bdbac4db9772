package weft.p2p.tx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.p2p.Outbox;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.log.LogCategory;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;

/// Dandelion (`-relaypolicy=dandelion`): a transaction goes from node to node on a stem before it is
/// announced to all, so that where it is first announced is not where it came from. See BIP-0156.
///
/// - Our own is handed to one peer. What a peer handed to us goes on to another, but with a chance of one in
///   ten it becomes public here: it fluffs. So a stem has ten steps on average.
/// - Peers that dial us are told that we take stems; we hand stems only to peers that told us so.
/// - A transaction on its stem is in no mempool, is announced to nobody, served to nobody, and stands in no
///   answer to `mempool` and no compact block; if it is announced to us we ask for it, as if we had never
///   heard of it. Our own is in our mempool, for our users, and hidden from peers in the same way.
/// - Each node starts an embargo when it hands a transaction on: ten seconds and some. If the transaction
///   is not public then, it fluffs here.
/// - It goes on only if our mempool would take it, alone or after those of its parents that are on a stem.
final class Stems {
    static final long EMBARGO_MIN_NANOS = 10_000_000_000L;
    static final long EMBARGO_MORE_MEAN_NANOS = 20_000_000_000L;

    /// Parents that are judged with a transaction: with it, as many as may come together.
    private static final int ANCESTORS_MAX = 24;

    private static final int PERCENT = 100;

    private final TxContext context;
    private final TxRelay relay;
    private final StemRoutes routes;
    private final StemPool pool = new StemPool();
    private TxSync.Shelter shelter = TxSync.Shelter.NONE;

    Stems(TxContext context, TxRelay relay) {
        this.context = context;
        this.relay = relay;
        this.routes = new StemRoutes(context);
    }

    void shelterIn(TxSync.Shelter other) {
        shelter = other;
    }

    private boolean isOn() {
        return context.options.spreading() == Spreading.DANDELION;
    }

    void onReady(TxPeer peer, Outbox out) {
        if (isOn() && peer.peer.isInbound() && peer.relays && !peer.mayNotSend) {
            out.send(peer.id(), new DandelionAcc());
        }
    }

    void onGone(PeerId peer) {
        routes.onGone(peer);
    }

    /// @return whether we know of Dandelion
    boolean onAcc(TxPeer from) {
        from.takesStems = !from.peer.isInbound();
        return isOn();
    }

    /// A peer hands us a transaction on its stem.
    ///
    /// @return whether we know of Dandelion
    boolean onTx(TxPeer from, Transaction tx, Now now, Outbox out) {
        boolean heard =
                isOn()
                        && from.peer.isInbound()
                        && !from.mayNotSend
                        && !context.initialBlockDownload
                        && !from.isTooCostly(now)
                        && context.mempool.entry(tx.wtxid()) == null;
        if (!heard) {
            return isOn();
        }
        StemPool.Stem known = pool.find(tx.wtxid());
        if (known == null) {
            take(from, tx, now, out);
        } else if (!known.from.add(from.id()) && known.tested) {
            // It went in a circle: there is no next step.
            fluff(known, now, out);
        } else if (known.tested) {
            handOn(known, from.id(), now, out);
        }
        return true;
    }

    private void take(TxPeer from, Transaction tx, Now now, Outbox out) {
        String refusal = pool.refusal(from.id(), tx);
        if (!refusal.isEmpty()) {
            log(tx, "not taken from peer=" + from.id() + ": " + refusal);
            return;
        }
        var together = new ArrayList<Transaction>();
        pool.ancestors(tx, ANCESTORS_MAX).stream()
                .filter(each -> !each.isOwn())
                .forEach(each -> together.add(each.tx));
        together.add(tx);
        pool.add(tx, from.id(), 0, embargo(now));
        out.chain(new ChainCommand.TestTx(new Origin(from.id().value()), together));
    }

    private long embargo(Now now) {
        return now.monotonicNanos()
                + EMBARGO_MIN_NANOS
                + context.exponentialNanos(EMBARGO_MORE_MEAN_NANOS);
    }

    private void log(Transaction tx, String what) {
        context.log.debug(LogCategory.MEMPOOL, () -> "stem of " + tx.txid() + " " + what);
    }

    void onTested(ChainEvent.TxTested event, Now now, Outbox out) {
        StemPool.Stem stem = pool.find(event.tx().wtxid());
        if (stem == null || stem.tested) {
            return;
        }
        TxFailure failure = event.failure().orElse(null);
        if (failure != null) {
            refuse(stem, failure, now, out);
            return;
        }
        stem.tested = true;
        for (PeerId each : List.copyOf(stem.from)) {
            if (pool.find(stem.tx.wtxid()) == stem) {
                handOn(stem, each, now, out);
            }
        }
    }

    private void refuse(StemPool.Stem stem, TxFailure failure, Now now, Outbox out) {
        pool.remove(stem);
        log(stem.tx, "ends: " + failure);
        PeerId first = stem.first;
        TxPeer from = first == null ? null : context.find(first);
        if (from != null && failure.isByScripts()) {
            from.wasted.add(stem.tx.weight(), now.monotonicNanos());
        }
        if (from != null && failure.kind() == TxFailure.Kind.CONSENSUS) {
            context.peers.misbehaving(from.id(), "", out);
        }
    }

    private void handOn(StemPool.Stem stem, PeerId from, Now now, Outbox out) {
        TxPeer to = routes.of(from, now);
        if (to == null || context.random.nextInt(PERCENT) < context.options.fluffPercent()) {
            fluff(stem, now, out);
        } else {
            send(stem, to, out);
        }
    }

    private void send(StemPool.Stem stem, TxPeer to, Outbox out) {
        log(stem.tx, "goes on to peer=" + to.id());
        out.send(to.id(), new DandelionTx(stem.tx));
    }

    /// Our own user's transaction sets out.
    ///
    /// @return false if it is to be announced to all: it is not our own, or nobody takes stems
    boolean begin(MempoolMirror.Entry entry, Now now, Outbox out) {
        Txid txid = entry.tx().txid();
        TxPeer to =
                isOn() && context.mempool.isOwn(txid) && !context.initialBlockDownload
                        ? routes.ofOwn(now)
                        : null;
        if (to == null) {
            return false;
        }
        context.mempool.remove(txid);
        shelter.hide().accept(txid);
        send(pool.add(entry.tx(), null, entry.fee(), embargo(now)), to, out);
        return true;
    }

    /// Makes a transaction public, after those of its parents that are not.
    private void fluff(StemPool.Stem stem, Now now, Outbox out) {
        pool.ancestors(stem.tx, Integer.MAX_VALUE).forEach(each -> publish(each, now, out));
        publish(stem, now, out);
    }

    private void publish(StemPool.Stem stem, Now now, Outbox out) {
        Transaction tx = stem.tx;
        pool.remove(stem);
        log(tx, "ends: public from here");
        PeerId first = stem.first;
        if (first == null) {
            MempoolMirror.Entry entry = context.mempool.add(tx, stem.fee, Origin.SELF);
            context.mempool.setOwn(tx.txid());
            shelter.show().accept(tx);
            relay.enqueue(entry, now);
        } else if (stem.tested) {
            out.chain(new ChainCommand.SubmitTx(new Origin(first.value()), tx));
        }
    }

    /// A peer sent a transaction that is on all lips.
    ///
    /// @return whether it is our own, which is in the mempool and was hidden
    boolean onPublic(Transaction tx, Now now, Outbox out) {
        StemPool.Stem stem = pool.find(tx.wtxid());
        if (stem == null || !stem.isOwn()) {
            return false;
        }
        fluff(stem, now, out);
        if (context.mempool.isFirstServed(tx.txid())) {
            // Others know it; it need not be announced again and again.
            out.chain(new ChainCommand.NoteServed(Origin.SELF, tx.txid()));
        }
        return true;
    }

    /// A transaction came into the mempool: it is public, and what spends the same has no chance.
    void onAccepted(Transaction tx) {
        pool.rivals(tx).stream().filter(each -> !each.isOwn()).forEach(pool::remove);
    }

    /// A transaction left the mempool.
    void onRemoved(Txid txid) {
        StemPool.Stem stem = pool.find(txid);
        if (stem != null && stem.isOwn()) {
            pool.remove(stem);
        }
    }

    void onConnected(Block block) {
        block.transactions().forEach(this::onAccepted);
    }

    /// Makes public whose embargo is over.
    void onTime(Now now, Outbox out) {
        StemPool.Stem stem = pool.due(now.monotonicNanos());
        while (stem != null) {
            fluff(stem, now, out);
            stem = pool.due(now.monotonicNanos());
        }
    }

    long deadline() {
        return pool.deadline();
    }

    /// Transactions on their stem, for tests.
    int size() {
        return pool.size();
    }

    /// Whether a transaction is on its stem here, for tests.
    StemPool.@Nullable Stem find(Txid txid) {
        return pool.find(txid);
    }
}
