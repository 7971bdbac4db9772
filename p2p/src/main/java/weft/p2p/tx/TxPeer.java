package weft.p2p.tx;

import java.util.ArrayDeque;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerPermissions;
import weft.p2p.bloom.BloomFilter;
import weft.primitives.Hash256;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.wire.ServiceFlags;

/// One peer as transaction relay sees it. Times are on the monotonic clock in nanoseconds.
final class TxPeer {
    /// A time that did not come yet.
    static final long NEVER = Long.MIN_VALUE;

    private static final int KNOWN = 50_000;

    /// From this version of the protocol on, `feefilter` is understood. See BIP-0133.
    private static final int FEES_VERSION_MIN = 70_013;

    final Peer peer;

    /// Transactions are asked of it before others: we dialled it, or trust it.
    final boolean preferred;

    /// It may not send us transactions at all.
    final boolean mayNotSend;

    /// We may announce transactions to it, now or later.
    final boolean relays;

    /// It wants announcements now; a filter changes that.
    boolean wantsTransactions;

    /// What it has or was told of, by the id that it uses.
    final RollingFilter known;

    /// What waits to be announced, in the order in which it will be, with the moment from which it waits.
    /// Some of it may have left the mempool.
    final NavigableMap<MempoolMirror.Entry, Long> toSend = new TreeMap<>(MempoolMirror.Entry.ORDER);

    /// The same by age, the oldest first, and some that do not wait any more, or wait again since later.
    final ArrayDeque<Waiting> byAge = new ArrayDeque<>();

    /// A transaction and its age.
    ///
    /// @param sinceNanos when it was to be announced
    record Waiting(MempoolMirror.Entry entry, long sinceNanos) {
        /// Whether it waits since then.
        boolean isIn(NavigableMap<MempoolMirror.Entry, Long> toSend) {
            Long since = toSend.get(entry);
            return since != null && since == sinceNanos;
        }
    }

    /// It said that it takes transactions on their stem. See BIP-0156.
    boolean takesStems;

    /// The moment for the next announcement; [#NEVER] before the first.
    long nextInvNanos = NEVER;

    boolean sendMempool;

    /// Mempool transactions with a lower number than this may be served: they were announced or could have
    /// been.
    long lastInvSequence = 1;

    long minFeeFilter;

    /// Whether it hears at all of the rate below which nothing is worth announcing to us.
    final boolean hearsFees;

    /// The last rate that it heard of; -1 if of none.
    long feeFilterSent = -1;

    long nextFeeFilterNanos = NEVER;
    long lastTransactionSeconds;
    final WastedWork wasted = new WastedWork();

    TxPeer(Peer peer, TxOptions options, RandomGenerator random) {
        this.peer = peer;
        boolean trusted =
                peer.type().isOutbound() || peer.permissions().has(PeerPermissions.NO_BAN);
        boolean shortLived =
                peer.type() == ConnectionType.FEELER || peer.type() == ConnectionType.ADDR_FETCH;
        this.preferred =
                trusted
                        && !shortLived
                        && (peer.services() & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED))
                                != 0;
        boolean blocksOnly = peer.type() == ConnectionType.BLOCK_RELAY_ONLY;
        this.mayNotSend =
                blocksOnly
                        || peer.type() == ConnectionType.FEELER
                        || (options.blocksOnly() && !peer.permissions().has(PeerPermissions.RELAY));
        var version = peer.version();
        this.wantsTransactions =
                version != null
                        && version.relay()
                        && !blocksOnly
                        && peer.type() != ConnectionType.FEELER;
        this.relays =
                wantsTransactions
                        || (!blocksOnly
                                && peer.type() != ConnectionType.FEELER
                                && servesBloom(options));
        this.hearsFees =
                !options.blocksOnly()
                        && peer.commonVersion() >= FEES_VERSION_MIN
                        && !may(PeerPermissions.FORCE_RELAY)
                        && !blocksOnly
                        && peer.type() != ConnectionType.FEELER;
        this.known = new RollingFilter(KNOWN, random);
    }

    /// Whether filters are served to it: to everybody, or to it alone.
    boolean servesBloom(TxOptions options) {
        return ServiceFlags.has(options.ourServices(), ServiceFlags.BLOOM)
                || may(PeerPermissions.BLOOM_FILTER);
    }

    /// Whether a transaction is of interest to it; a match may change its filter.
    boolean matches(Transaction tx) {
        BloomFilter filter = peer.bloomFilter();
        return filter == null || filter.matches(tx);
    }

    /// Whether its transactions failed too late too often, so that they are not looked at for a while.
    boolean isTooCostly(Now now) {
        return !may(PeerPermissions.RELAY) && wasted.isTooMuch(now.monotonicNanos());
    }

    PeerId id() {
        return peer.id();
    }

    boolean may(int permission) {
        return peer.permissions().has(permission);
    }

    /// The id under which this peer announces and hears of a transaction.
    Hash256 idOf(Transaction tx) {
        return peer.wtxidRelay() ? tx.wtxid() : tx.txid();
    }
}
