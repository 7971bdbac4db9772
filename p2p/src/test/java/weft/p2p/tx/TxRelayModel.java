package weft.p2p.tx;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.p2p.ConnectionType;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TestPeers;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// The rules by which [TxRelay] speaks, with lists of all that happened, read anew at each question.
final class TxRelayModel {
    private static final long SECOND = 1_000_000_000L;

    /// One time that a transaction is in the mempool, from when it came to when it left.
    static final class Stay {
        final Transaction tx;
        final long fee;

        /// A block gave it back.
        final boolean back;

        /// Its turn among all that happened.
        final long came;

        final int ancestors;

        Stay(Transaction tx, long fee, boolean back, long came, int ancestors) {
            this.tx = tx;
            this.fee = fee;
            this.back = back;
            this.came = came;
            this.ancestors = ancestors;
        }

        /// A rate is enough to the last part of a satoshi.
        boolean pays(long perKvB) {
            BigInteger asked = BigInteger.valueOf(perKvB).multiply(BigInteger.valueOf(tx.vsize()));
            return BigInteger.valueOf(fee).multiply(BigInteger.valueOf(1_000)).compareTo(asked)
                    >= 0;
        }

        /// Nobody who waits in a queue can tell them apart.
        boolean isLike(Stay other) {
            return tx.wtxid().equals(other.tx.wtxid()) && ancestors == other.ancestors;
        }
    }

    /// Fewest unconfirmed ancestors first, then the highest rate; what is equal in both, in some order that
    /// does not tell which came first.
    private static final Comparator<Stay> BEST_FIRST =
            Comparator.<Stay>comparingInt(each -> each.ancestors)
                    .thenComparing(
                            (one, other) ->
                                    Long.compare(
                                            other.fee * one.tx.vsize(), one.fee * other.tx.vsize()))
                    .thenComparing(each -> each.tx.wtxid());

    /// What a peer wants to hear of, by its elements. See BIP-0037.
    record Wish(boolean everything, boolean follows, Set<Bytes> elements) {
        boolean suits(Transaction tx) {
            boolean found = elements.contains(Bytes.wrap(tx.txid().toByteArray()));
            for (int i = 0; i < tx.outputs().size(); i++) {
                // All scripts here push just one thing.
                if (elements.contains(tx.outputs().get(i).scriptPubKey().from(1))) {
                    found = true;
                    if (follows) {
                        elements.add(element(new OutPoint(tx.txid(), i)));
                    }
                }
            }
            return everything
                    || found
                    || tx.inputs().stream()
                            .anyMatch(in -> elements.contains(element(in.prevout())));
        }

        static Bytes element(OutPoint outPoint) {
            int index = (int) outPoint.index();
            byte[] number = {
                (byte) index, (byte) (index >> 8), (byte) (index >> 16), (byte) (index >> 24)
            };
            return Bytes.wrap(outPoint.txid().toByteArray()).plus(Bytes.wrap(number));
        }
    }

    /// @param since when it began to wait
    record Wait(Stay stay, long since) {}

    /// One peer.
    static final class Ear {
        final TxPeer peer;
        final TestPeers.Spec spec;
        final boolean byWtxid;

        /// It may hear of transactions, now or once it sends a filter.
        final boolean hears;

        boolean wants;
        @Nullable Wish wish;
        long leastRate;
        boolean asked;
        boolean dropped;
        final Set<Digest256> known = new HashSet<>();

        /// All moments that were drawn for it.
        final List<Long> moments = new ArrayList<>();

        List<Wait> waiting = new ArrayList<>();

        /// The last turn at which it could be told.
        long told;

        Ear(TxPeer peer, TestPeers.Spec spec, boolean byWtxid, boolean bloom) {
            this.peer = peer;
            this.spec = spec;
            this.byWtxid = byWtxid;
            boolean silent =
                    spec.type() == ConnectionType.BLOCK_RELAY_ONLY
                            || spec.type() == ConnectionType.FEELER;
            this.wants = spec.relay() && !silent;
            this.hears = !silent && (spec.relay() || bloom || has(PeerPermissions.BLOOM_FILTER));
        }

        boolean has(int permission) {
            return (spec.permissions() & permission) == permission;
        }

        PeerId id() {
            return peer.id();
        }

        Hash256 name(Transaction tx) {
            return byWtxid ? tx.wtxid() : tx.txid();
        }

        boolean knows(Transaction tx) {
            return known.contains(MempoolMirror.plain(name(tx)));
        }

        /// A moment was drawn for it, and it is over.
        boolean isPast(long nanos) {
            return !moments.isEmpty() && moments.getLast() < nanos;
        }

        private boolean waits(Stay stay) {
            return waiting.stream().anyMatch(each -> each.stay.isLike(stay));
        }

        private void stopWaiting(Stay stay) {
            waiting.removeIf(each -> each.stay.isLike(stay));
        }
    }

    private final TxOptions options;
    private final boolean bloom;
    private final SplittableRandom luck;
    private long turn;
    final List<Stay> mempool = new ArrayList<>();
    private long lastCame;
    final Set<Txid> own = new HashSet<>();
    List<Transaction> lastBlock = List.of();
    boolean uploadLimited;
    final List<Ear> ears = new ArrayList<>();
    private final List<Long> inboundMoments = new ArrayList<>();
    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();

    TxRelayModel(TxOptions options, boolean bloom, SplittableRandom luck) {
        this.options = options;
        this.bloom = bloom;
        this.luck = luck;
    }

    private Set<Wtxid> inMempool() {
        return mempool.stream().map(each -> each.tx.wtxid()).collect(Collectors.toSet());
    }

    private void addAncestors(Transaction tx, Set<Txid> found) {
        for (TxIn in : tx.inputs()) {
            for (Stay each : mempool) {
                if (each.tx.txid().equals(in.prevout().txid()) && found.add(each.tx.txid())) {
                    addAncestors(each.tx, found);
                }
            }
        }
    }

    Stay add(Transaction tx, long fee, Origin origin) {
        boolean back = origin.equals(Origin.CHAIN);
        var above = new HashSet<Txid>();
        addAncestors(tx, above);
        var stay = new Stay(tx, fee, back, ++turn, above.size());
        mempool.add(stay);
        if (origin.equals(Origin.SELF)) {
            own.add(tx.txid());
        }
        if (!back) {
            lastCame = turn;
        }
        return stay;
    }

    void remove(Txid txid) {
        mempool.removeIf(each -> each.tx.txid().equals(txid));
        own.remove(txid);
    }

    private long draw(long nanos, long meanNanos) {
        return nanos + (long) (-Math.log1p(-luck.nextDouble()) * meanNanos);
    }

    /// Inbound peers have their moments in common.
    private void drawFor(Ear to, long nanos) {
        if (to.spec.type() != ConnectionType.INBOUND) {
            to.moments.add(draw(nanos, 2 * SECOND));
            return;
        }
        if (inboundMoments.isEmpty() || inboundMoments.getLast() < nanos) {
            inboundMoments.add(draw(nanos, 5 * SECOND));
        }
        to.moments.add(inboundMoments.getLast());
    }

    /// A moment passed when there was nothing to say to it.
    private void passQuietly(Ear to, long nanos) {
        if (to.hears && to.isPast(nanos) && !to.asked && to.waiting.isEmpty()) {
            drawFor(to, nanos);
        }
    }

    void passQuietly(long nanos) {
        ears.forEach(each -> passQuietly(each, nanos));
    }

    void queue(Stay stay, long nanos) {
        for (Ear each : ears) {
            if (each.hears && !each.moments.isEmpty()) {
                passQuietly(each, nanos);
                if (!each.knows(stay.tx) && !each.waits(stay)) {
                    each.waiting.add(new Wait(stay, nanos));
                }
            }
        }
    }

    private boolean tell(Ear to, Stay stay, List<InvItem> items) {
        if (!stay.pays(to.leastRate) || (to.wish != null && !to.wish.suits(stay.tx))) {
            return false;
        }
        to.known.add(MempoolMirror.plain(to.name(stay.tx)));
        items.add(InvItem.of(to.byWtxid ? InvType.WTX : InvType.TX, to.name(stay.tx)));
        return true;
    }

    /// What left the mempool, or is known to the peer by now, is no news.
    private boolean tellNews(Ear to, Stay stay, Set<Wtxid> there, List<InvItem> items) {
        to.stopWaiting(stay);
        return there.contains(stay.tx.wtxid()) && !to.knows(stay.tx) && tell(to, stay, items);
    }

    /// The peer is looked at.
    void announce(Ear to, long nanos) {
        boolean moment = to.moments.isEmpty() || to.isPast(nanos);
        boolean always = to.has(PeerPermissions.NO_BAN) || options.spreading() == Spreading.FLOOD;
        if (!to.hears || !(moment || always)) {
            return;
        }
        if (moment) {
            drawFor(to, nanos);
        }
        if (!to.wants) {
            to.waiting.clear();
        }
        var items = new ArrayList<InvItem>();
        if (to.asked) {
            to.asked = false;
            for (Stay each : mempool) {
                to.stopWaiting(each);
                tell(to, each, items);
            }
        }
        tellBest(to, items);
        if (to.waiting.size() > 100 + mempool.size() / 4 * 5) {
            Set<Wtxid> there = inMempool();
            to.waiting.stream()
                    .map(Wait::stay)
                    .filter(each -> !there.contains(each.tx.wtxid()))
                    .toList()
                    .forEach(to::stopWaiting);
        }
        Set<Wtxid> there = inMempool();
        for (Wait each : List.copyOf(to.waiting)) {
            if (nanos - each.since >= 30 * SECOND && items.size() < 1_000) {
                tellNews(to, each.stay, there, items);
            }
        }
        to.told = ++turn;
        if (!items.isEmpty()) {
            out.add(new PeerOutput.Send(to.id(), new Inv(items)));
        }
    }

    /// 35, and five more for each thousand that wait.
    private void tellBest(Ear to, List<InvItem> items) {
        int most = Math.min(35 + to.waiting.size() / 1_000 * 5, 1_000);
        int told = 0;
        Set<Wtxid> there = inMempool();
        for (Stay each : to.waiting.stream().map(Wait::stay).sorted(BEST_FIRST).toList()) {
            if (told < most) {
                told += tellNews(to, each, there, items) ? 1 : 0;
            }
        }
    }

    /// The next moment of a peer that there is something for: what waits, an answer to `mempool`, or what it
    /// may ask for from then on.
    long deadline(Ear of) {
        boolean something = lastCame > of.told || of.asked || !of.waiting.isEmpty();
        return something && of.hears && !of.moments.isEmpty()
                ? of.moments.getLast() + 1
                : Long.MAX_VALUE;
    }

    void feeFilter(Ear from, long rate) {
        if (rate >= 0 && rate <= Amount.MAX_SATOSHIS) {
            from.leastRate = rate;
        }
    }

    /// @param wish null if the filter is too large
    /// @return why the peer is to blame; empty if it is not
    String filterLoad(Ear from, @Nullable Wish wish) {
        if (wish == null) {
            return "too-large bloom filter";
        }
        if (from.hears) {
            from.wish = wish;
            from.wants = true;
        }
        return "";
    }

    String filterAdd(Ear from, Bytes element) {
        if (element.length() > 520 || (from.hears && from.wish == null)) {
            return "bad filteradd message";
        }
        if (from.wish != null) {
            from.wish.elements.add(element);
        }
        return "";
    }

    void filterClear(Ear from) {
        from.wish = null;
        from.wants |= from.hears;
    }

    void askMempool(Ear from, long nanos) {
        boolean serves = bloom || from.has(PeerPermissions.BLOOM_FILTER);
        if (from.has(PeerPermissions.MEMPOOL) || (serves && !uploadLimited)) {
            passQuietly(from, nanos);
            from.asked = from.hears;
        } else if (!from.has(PeerPermissions.NO_BAN)) {
            String why = serves ? "bandwidth limit reached" : "bloom filters disabled";
            actions.add("disconnect " + from.id() + ": mempool request with " + why);
            from.dropped = true;
        }
    }

    /// What was in the mempool when the peer was last told of something, what a block gave back, and what
    /// the last block has.
    private @Nullable Transaction served(Ear to, InvItem item) {
        for (Stay each : mempool) {
            Hash256 name = item.type() == InvType.WTX ? each.tx.wtxid() : each.tx.txid();
            if (MempoolMirror.plain(name).equals(item.hash())
                    && (each.back || each.came < to.told)) {
                return each.tx;
            }
        }
        return lastBlock.stream()
                .filter(
                        each ->
                                item.hash().equals(MempoolMirror.plain(each.txid()))
                                        || item.hash().equals(MempoolMirror.plain(each.wtxid())))
                .findFirst()
                .orElse(null);
    }

    boolean getData(Ear from, List<InvItem> items) {
        var missing = new ArrayList<InvItem>();
        boolean any = false;
        for (InvItem item : items) {
            boolean isTx =
                    List.of(InvType.TX, InvType.WTX, InvType.WITNESS_TX).contains(item.type());
            any |= isTx;
            if (!isTx || !from.hears) {
                continue;
            }
            Transaction tx = served(from, item);
            if (tx == null) {
                missing.add(item);
                continue;
            }
            if (own.remove(tx.txid())) {
                var origin = new Origin(from.id().value());
                out.add(new PeerOutput.Chain(new ChainCommand.NoteServed(origin, tx.txid())));
            }
            var encoding =
                    item.type() == InvType.TX
                            ? Transaction.Encoding.LEGACY
                            : Transaction.Encoding.WITNESS;
            out.add(new PeerOutput.Send(from.id(), new TxMessage(tx, encoding)));
        }
        if (!missing.isEmpty()) {
            out.add(new PeerOutput.Send(from.id(), new NotFound(missing)));
        }
        return any;
    }

    /// Moments, and ends of the half minutes that may pass.
    List<Long> limits() {
        var limits = new ArrayList<Long>();
        for (Ear each : ears) {
            if (!each.moments.isEmpty()) {
                limits.add(each.moments.getLast());
            }
            each.waiting.stream().findFirst().ifPresent(old -> limits.add(old.since + 30 * SECOND));
        }
        return limits;
    }
}
