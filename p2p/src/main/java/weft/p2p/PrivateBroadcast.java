package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.p2p.addr.AddrMan;
import weft.p2p.tx.PrivateQueue;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// Opens short-lived connections for what is in the [PrivateQueue], and asks the chain engine now and then
/// whether it is still worth it.
///
/// - To Tor and I2P; to IPv4 and IPv6 through Tor, once a peer of Tor answered. *Rationale:* what is named as
///   the proxy for Tor may be any proxy, until then.
/// - One after another, with pauses by chance. *Rationale:* three at once are of one owner.
/// - Past all limits of connections but one of its own: they last seconds.
/// - The address book learns nothing of them but that an address was tried. *Rationale:* addresses are
///   told to whoever asks.
final class PrivateBroadcast {
    static final int CONNECTIONS_MAX = 64;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = SECOND_NANOS / 5;
    private static final long STEP_MORE_NANOS = SECOND_NANOS;
    private static final long NOBODY_NANOS = 5 * SECOND_NANOS;
    private static final long TEST_NANOS = 120 * SECOND_NANOS;
    private static final long TEST_MORE_NANOS = 60 * SECOND_NANOS;
    private static final int TESTS_MAX = 200;
    private static final int TRIES = 100;
    private static final int TRIES_WITHOUT_RECENT = 30;
    private static final long RECENTLY_TRIED_SECONDS = 600;

    private final EngineParts parts;
    private final Dialler dialler;
    private final PrivateQueue queue;
    private final Log log;
    private long nextDialNanos = Long.MIN_VALUE;
    private long nextTestNanos = Long.MIN_VALUE;

    PrivateBroadcast(EngineParts parts, Dialler dialler) {
        this.parts = parts;
        this.dialler = dialler;
        this.queue = parts.txs.privateQueue();
        this.log = parts.log;
    }

    /// The ids of a transaction as Bitcoin Core's lines have them.
    static String ids(Transaction tx) {
        String txid = "txid=" + tx.txid();
        return tx.hasWitness() ? txid + ", wtxid=" + tx.wtxid() : txid;
    }

    private void log(String line) {
        log.debug(LogCategory.PRIVATEBROADCAST, () -> line);
    }

    /// Our own user wants a transaction known and nobody to know whose it is.
    void begin(Transaction tx, Now now, Outbox out) {
        String why = refusal(tx, now);
        out.emit(new PeerEvent.Answered(why.isEmpty(), why));
    }

    private String refusal(Transaction tx, Now now) {
        boolean hidden =
                parts.reachable.contains(NetworkId.TORV3)
                        || parts.reachable.contains(NetworkId.I2P);
        if (!hidden) {
            return "none of the Tor or I2P networks is reachable";
        }
        if (queue.isEmpty()) {
            nextTestNanos = nextTest(now);
        }
        return switch (queue.add(tx, now)) {
            case NEW -> {
                nextDialNanos = Math.min(nextDialNanos, now.monotonicNanos());
                log("Requesting " + PrivateQueue.RECEIVERS + " new connections due to " + ids(tx));
                yield "";
            }
            case KNOWN -> {
                log(
                        "Ignoring unnecessary request to schedule an already scheduled"
                                + " transaction: "
                                + ids(tx));
                yield "";
            }
            case FULL -> "the queue for private broadcast is full";
        };
    }

    void abort(Wtxid wtxid, Outbox out) {
        out.emit(new PeerEvent.Answered(queue.remove(wtxid), ""));
    }

    private long nextTest(Now now) {
        return now.monotonicNanos() + TEST_NANOS + parts.random.nextLong(TEST_MORE_NANOS);
    }

    void onTick(Now now, Outbox out) {
        if (queue.isEmpty()) {
            return;
        }
        if (now.monotonicNanos() >= nextTestNanos) {
            test(now, out);
        }
        if (now.monotonicNanos() >= nextDialNanos && wantsDial()) {
            dial(now, out);
        }
    }

    // ---- whether it is still worth it

    private void test(Now now, Outbox out) {
        List<Transaction> stale = queue.takeStale(TESTS_MAX, now);
        for (Transaction tx : stale) {
            if (parts.txs.isInMempool(tx.wtxid())) {
                giveUp(tx, "it is in the mempool");
            } else {
                out.chain(new ChainCommand.TestTx(Origin.SELF, List.of(tx)));
            }
        }
        nextTestNanos =
                stale.size() < TESTS_MAX ? nextTest(now) : now.monotonicNanos() + SECOND_NANOS;
    }

    private void giveUp(Transaction tx, String why) {
        queue.remove(tx.wtxid());
        log(
                "Giving up broadcast attempts for txid="
                        + tx.txid()
                        + " wtxid="
                        + tx.wtxid()
                        + ": "
                        + why);
    }

    void onChainEvent(ChainEvent event) {
        boolean ours =
                event instanceof ChainEvent.TxTested tested
                        && tested.origin().equals(Origin.SELF)
                        && queue.contains(tested.tx().wtxid());
        if (!ours || !(event instanceof ChainEvent.TxTested(_, Transaction tx, var failure))) {
            return;
        }
        if (failure.isPresent()) {
            giveUp(tx, failure.get().toString());
        } else if (queue.again(tx.wtxid())) {
            log("Reattempting broadcast of stale txid=" + tx.txid() + " wtxid=" + tx.wtxid());
        }
    }

    // ---- dialling

    private boolean wantsDial() {
        int preparing = 0;
        for (Dial each : dialler.underWay()) {
            preparing += each.type() == ConnectionType.PRIVATE_BROADCAST ? 1 : 0;
        }
        int all = preparing;
        for (Connection each : parts.connections.open()) {
            if (PrivateTalks.isOn(each)) {
                all++;
                preparing += each.peer.isReady() ? 0 : 1;
            }
        }
        return dialler.isActive() && all < CONNECTIONS_MAX && queue.lacking() > preparing;
    }

    private void dial(Now now, Outbox out) {
        AddressEntry found = choose(now);
        if (found == null) {
            log("Unable to find an address to open a connection to");
            nextDialNanos = now.monotonicNanos() + NOBODY_NANOS;
            return;
        }
        nextDialNanos = now.monotonicNanos() + STEP_NANOS + parts.random.nextLong(STEP_MORE_NANOS);
        boolean v2 =
                ServiceFlags.has(parts.options.self().services(), ServiceFlags.P2P_V2)
                        && ServiceFlags.has(found.services(), ServiceFlags.P2P_V2);
        log("About to open a connection to " + found.address());
        Dial dial =
                Dial.of(found.address(), found.services(), ConnectionType.PRIVATE_BROADCAST)
                        .withV2(v2);
        dialler.dial(dial, now, out);
    }

    private @Nullable AddressEntry choose(Now now) {
        List<NetworkId> networks = networks();
        if (networks.isEmpty()) {
            return null;
        }
        for (int tries = 1; tries <= TRIES; tries++) {
            NetworkId network = networks.get(parts.random.nextInt(networks.size()));
            AddrMan.Selected found = parts.book.select(false, network, now.unixSeconds());
            if (found != null && isFit(found, tries, now)) {
                return found.entry();
            }
        }
        return null;
    }

    /// Networks over which nobody learns where we are and of which we know somebody.
    private List<NetworkId> networks() {
        var all = new ArrayList<NetworkId>();
        for (NetworkId each : parts.reachable) {
            boolean hides =
                    switch (each) {
                        case TORV3, I2P -> true;
                        case IPV4, IPV6 ->
                                parts.torWorks && parts.reachable.contains(NetworkId.TORV3);
                        case CJDNS, INTERNAL -> false;
                    };
            if (hides && parts.book.size(each, null) > 0) {
                all.add(each);
            }
        }
        return all;
    }

    private boolean isFit(AddrMan.Selected found, int tries, Now now) {
        NetAddress address = found.entry().address();
        long sinceTry = now.unixSeconds() - found.lastTrySeconds();
        boolean recent = sinceTry >= 0 && sinceTry < RECENTLY_TRIED_SECONDS;
        return !(recent && tries < TRIES_WITHOUT_RECENT)
                && PrivateTalks.mayRelay(found.entry().services())
                && !parts.locals.contains(address)
                && !parts.isUnwanted(address)
                && !dialler.isConnected(address);
    }

    OptionalLong nextDeadlineNanos() {
        if (queue.isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                wantsDial() ? Math.min(nextDialNanos, nextTestNanos) : nextTestNanos);
    }
}
