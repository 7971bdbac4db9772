package weft.p2p.addr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.crypto.SipHash;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerPermissions;
import weft.p2p.PeerTable;
import weft.p2p.peers.PeerMap;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// Gossip about addresses: `getaddr`, `addr`, `addrv2`. See BIP-0155.
///
/// - Each outbound peer is asked once for addresses. Each inbound peer may ask us once, and gets at most 23
///   % of the book and 1,000 addresses, the same for a day for all who come in over the same network at the
///   same address of ours. *Rationale:* nobody can read the book, or tell by its changes who our peers are,
///   or know us again on another network.
/// - Fresh addresses go on to one or two peers, the same for a day. *Rationale:* repeating an address gains
///   nothing.
/// - A peer's addresses are looked at ten seconds apart on average. *Rationale:* floods of made-up addresses.
/// - We tell each peer our own address about once a day.
/// - Nothing of this happens on block-relay-only connections.
///
/// In a laboratory ([AddrPolicy#isLaboratory]) nobody spies and nobody floods: answers hold the whole
/// book, what is fresh goes to everybody, and nothing waits. *Rationale:* 23 % of a book of four is
/// nothing, and what the limit drops nobody repeats before tomorrow: five nodes would stay strangers.
public final class AddrRelay {
    /// Most of the book that one answer holds, in percent.
    public static final int MAX_PERCENT = 23;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long DAY_SECONDS = 24 * 3600;
    private static final long SEND_INTERVAL_NANOS = 30 * SECOND_NANOS;

    /// Where local addresses count, a network is a laboratory on one machine, and nobody has half a minute.
    private static final long LOCAL_SEND_INTERVAL_NANOS = SECOND_NANOS / 2;

    private static final long SELF_INTERVAL_NANOS = DAY_SECONDS * SECOND_NANOS;
    private static final double RATE_PER_SECOND = 0.1;
    private static final double BUCKET_MAX = AddressEntry.MAX_PER_MESSAGE;
    private static final int RELAYED_MESSAGE_MAX = 10;
    private static final long FRESH_SECONDS = 600;
    private static final long STALE_SECONDS = 5 * DAY_SECONDS;
    private static final long EARLIEST_SECONDS = 100_000_000;
    private static final long PENALTY_SECONDS = 2 * 3600;
    private static final long CACHE_NANOS_MIN = 21 * 3600 * SECOND_NANOS;
    private static final long CACHE_NANOS_SPREAD = 6 * 3600 * SECOND_NANOS;
    private static final int CACHES_MAX = 64;

    /// So many come for addresses alone before we take ourselves for a seed.
    private static final int PASSERS_BY = 3;

    /// Whoever knows fewer addresses asks again; see `AddressHunger`.
    private static final int NEXT_TO_NOTHING = 8;

    private static final long POOR_NANOS = 900 * SECOND_NANOS;

    private static final long PASSING_NANOS = 60 * SECOND_NANOS;
    private static final int KNOWN_MAX = 5000;
    private static final int KNOWN_BITS = 15;

    private final AddrMan book;
    private final AddrPolicy policy;
    private final PeerTable peers;
    private final RandomGenerator random;
    private final Log log;
    private final PeerMap<State> states = new PeerMap<>();

    /// In the order in which they were made.
    private final SequencedMap<Door, Cached> caches = new LinkedHashMap<>();

    private final long salt0;
    private final long salt1;
    private long lastNanos = Long.MIN_VALUE;
    private int passersBy;

    /// Gossip for a book.
    public AddrRelay(
            AddrMan book, AddrPolicy policy, PeerTable peers, RandomGenerator random, Log log) {
        this.book = book;
        this.policy = policy;
        this.peers = peers;
        this.random = random;
        this.log = log;
        this.salt0 = random.nextLong();
        this.salt1 = random.nextLong();
        book.testFirst(policy.measures().testFirst());
    }

    /// @param known addresses in the book when it was made
    private record Cached(
            List<AddressEntry> entries, long madeNanos, long expiresNanos, int known) {}

    /// Where a peer came in.
    ///
    /// @param network by which it came; of IPv6 that has an IPv4 address inside that is IPv4
    private record Door(String network, NetAddress local) implements Comparable<Door> {
        private static final Comparator<Door> ORDER =
                Comparator.comparing(Door::network).thenComparing(Door::local);

        @Override
        public int compareTo(Door other) {
            return ORDER.compare(this, other);
        }

        static Door of(Peer peer) {
            NetAddress from = peer.address();
            NetworkId named = peer.onionBind() ? NetworkId.TORV3 : NetworkId.IPV4;
            return new Door(
                    peer.onionBind() || from.linkedIpv4().isPresent()
                            ? named.label()
                            : from.networkLabel(),
                    peer.local());
        }
    }

    private static final class State {
        final Peer peer;
        @Nullable KeyedFilter known;
        final List<AddressEntry> toSend = new ArrayList<>();
        double tokens = 1;
        long tokensNanos;
        long nextSendNanos = Long.MIN_VALUE;
        long nextSelfNanos = Long.MIN_VALUE;
        boolean asked;
        boolean answered;
        long processed;
        long rateLimited;

        State(Peer peer) {
            this.peer = peer;
            this.tokensNanos = peer.connectedAtNanos();
        }
    }

    private State stateOf(Peer peer) {
        State known = states.get(peer.id());
        if (known != null) {
            return known;
        }
        var fresh = new State(peer);
        states.put(peer.id(), fresh);
        return fresh;
    }

    /// Begins the exchange with a peer, unless its connection is for blocks only.
    private boolean setUp(State state) {
        if (state.peer.type() == ConnectionType.BLOCK_RELAY_ONLY) {
            return false;
        }
        if (state.known == null) {
            state.known = new KeyedFilter(KNOWN_MAX, KNOWN_BITS, random);
        }
        return true;
    }

    /// A peer that we dialled has sent its `version`: ask it for addresses.
    public void onOutboundVersion(Peer peer, Outbox out) {
        State state = stateOf(peer);
        if (setUp(state)) {
            out.send(peer.id(), new GetAddr());
            state.asked = true;
            state.tokens += AddressEntry.MAX_PER_MESSAGE;
        }
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer) {
        State state = states.get(peer);
        if (state != null) {
            boolean passed = lastNanos - state.peer.connectedAtNanos() < PASSING_NANOS;
            passersBy += passed && state.answered ? 1 : 0;
            states.remove(peer);
        }
    }

    /// `addr` or `addrv2` came.
    ///
    /// @param command which of them
    /// @throws PeerFault if there are too many
    public void onAddr(Peer peer, String command, List<AddressEntry> entries, Now now, Outbox out) {
        State state = stateOf(peer);
        if (!setUp(state)) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "ignoring "
                                    + command
                                    + " message from "
                                    + peer.type().rpcName()
                                    + " peer="
                                    + peer.id());
            return;
        }
        if (entries.size() > AddressEntry.MAX_PER_MESSAGE) {
            throw PeerFault.oversized(command + " message size = " + entries.size());
        }
        refill(state, now);
        var mixed = new ArrayList<>(entries);
        shuffle(mixed);
        var kept = new ArrayList<AddressEntry>();
        boolean limited =
                !peer.permissions().has(PeerPermissions.ADDR)
                        && !policy.isLaboratory()
                        && policy.measures().addrLimit();
        long processedBefore = state.processed;
        long limitedBefore = state.rateLimited;
        for (AddressEntry each : mixed) {
            if (state.tokens >= 1) {
                state.tokens--;
            } else if (limited) {
                state.rateLimited++;
                continue;
            }
            hear(state, each, entries.size(), kept, now);
        }
        log.debug(
                LogCategory.NET,
                () ->
                        "Received addr: "
                                + entries.size()
                                + " addresses ("
                                + (state.processed - processedBefore)
                                + " processed, "
                                + (state.rateLimited - limitedBefore)
                                + " rate-limited) from peer="
                                + peer.id());
        book.add(kept, peer.address(), PENALTY_SECONDS, now.unixSeconds());
        if (entries.size() < AddressEntry.MAX_PER_MESSAGE) {
            state.asked = false;
        }
        if (peer.type() == ConnectionType.ADDR_FETCH && entries.size() > 1) {
            log.debug(
                    LogCategory.NET,
                    () -> "addrfetch connection completed peer=" + peer.id() + "; disconnecting");
            peers.disconnect(peer.id(), "addresses fetched", out);
        }
    }

    private void shuffle(List<AddressEntry> entries) {
        for (int i = entries.size() - 1; i > 0; i--) {
            Collections.swap(entries, i, random.nextInt(i + 1));
        }
    }

    private static void refill(State state, Now now) {
        if (state.tokens < BUCKET_MAX) {
            long elapsed = Math.max(0, now.monotonicNanos() - state.tokensNanos);
            double more = elapsed / (double) SECOND_NANOS * RATE_PER_SECOND;
            state.tokens = Math.min(state.tokens + more, BUCKET_MAX);
        }
        state.tokensNanos = now.monotonicNanos();
    }

    private void hear(
            State from, AddressEntry heard, int inMessage, List<AddressEntry> kept, Now now) {
        if (!ServiceFlags.mayHaveUsefulAddresses(heard.services())
                && !policy.isDesirable(heard.services())) {
            return;
        }
        long seconds = now.unixSeconds();
        boolean oddTime =
                heard.time() <= EARLIEST_SECONDS || heard.time() > seconds + FRESH_SECONDS;
        AddressEntry entry =
                oddTime
                        ? new AddressEntry(
                                (seconds - STALE_SECONDS) & 0xffff_ffffL,
                                heard.services(),
                                heard.address())
                        : heard;
        markKnown(from, entry.address());
        if (policy.isUnwanted(entry.address())) {
            return;
        }
        from.processed++;
        boolean reachable = policy.isReachable(entry.address());
        boolean fresh = entry.time() > seconds - FRESH_SECONDS;
        if (fresh
                && !from.asked
                && inMessage <= RELAYED_MESSAGE_MAX
                && book.groups.isRoutable(entry.address())) {
            relay(from.peer.id(), entry, reachable, now);
        }
        if (reachable) {
            kept.add(entry);
        }
    }

    private static void markKnown(State state, NetAddress address) {
        if (state.known != null) {
            state.known.add(address.key());
        }
    }

    /// Hands an address on to one or two peers, chosen by its hash and the day; in a laboratory to all.
    private void relay(PeerId origin, AddressEntry entry, boolean reachable, Now now) {
        if (!reachable && !entry.address().isRelayable()) {
            return;
        }
        long hash = SipHash.hash(0, 0, entry.address().key().toByteArray());
        long day = Long.divideUnsigned(now.unixSeconds() + hash, DAY_SECONDS);
        int few = reachable || (choice(hash, day, -1) & 1) == 1 ? 2 : 1;
        int wanted = policy.isLaboratory() ? states.size() : few;
        var best = new TreeMap<Long, State>(Collections.reverseOrder(Long::compareUnsigned));
        for (State each : states.values()) {
            boolean takesPart =
                    each.known != null && each.peer.isReady() && !each.peer.id().equals(origin);
            if (takesPart && fits(each.peer, entry.address())) {
                best.put(choice(hash, day, each.peer.id().value()), each);
            }
        }
        best.values().stream().limit(wanted).forEach(each -> push(each, entry, now));
    }

    private long choice(long hash, long day, long peer) {
        return SipHash.hash(salt0, salt1, hash, day, peer, 0);
    }

    private static boolean fits(Peer peer, NetAddress address) {
        return peer.addrV2() || address.isV1Compatible();
    }

    private void push(State to, AddressEntry entry, Now now) {
        KeyedFilter known = to.known;
        NetAddress address = entry.address();
        if (known == null
                || !address.isValid()
                || known.contains(address.key())
                || !fits(to.peer, address)) {
            return;
        }
        if (to.toSend.isEmpty()
                && to.nextSendNanos != Long.MIN_VALUE
                && to.nextSendNanos < now.monotonicNanos()) {
            // Its moment passed when there was nothing to say; another one will do.
            to.nextSendNanos = nextMoment(now);
        }
        if (to.toSend.size() >= AddressEntry.MAX_PER_MESSAGE) {
            to.toSend.set(random.nextInt(to.toSend.size()), entry);
        } else {
            to.toSend.add(entry);
        }
    }

    /// `getaddr` came.
    public void onGetAddr(Peer peer, Now now) {
        if (!peer.isInbound()) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Ignoring \"getaddr\" from "
                                    + peer.type().rpcName()
                                    + " connection. peer="
                                    + peer.id());
            return;
        }
        State state = stateOf(peer);
        setUp(state);
        if (state.answered) {
            log.debug(LogCategory.NET, () -> "Ignoring repeated \"getaddr\". peer=" + peer.id());
            return;
        }
        state.answered = true;
        state.toSend.clear();
        answer(peer, now).forEach(each -> push(state, each, now));
    }

    private List<AddressEntry> answer(Peer peer, Now now) {
        if (policy.isLaboratory()) {
            return sample(100, now);
        }
        return peer.permissions().has(PeerPermissions.ADDR)
                ? sample(MAX_PERCENT, now)
                : cached(peer, now);
    }

    private List<AddressEntry> sample(int percent, Now now) {
        return book
                .sample(AddressEntry.MAX_PER_MESSAGE, percent, null, true, now.unixSeconds())
                .stream()
                .filter(each -> !policy.isUnwanted(each.address()))
                .toList();
    }

    /// One answer for each address of ours and network of theirs, for about a day; the oldest is forgotten
    /// where there are too many. Made anew when we know twice as many addresses:
    ///
    /// - by a seed, whom newcomers ask and leave. *Rationale:* all whom a young seed sends away with a
    ///   quarter of the few that it knows would crowd round those few; and a book doubles some ten times at
    ///   most.
    /// - when the answer is next to nothing, and a quarter of an hour old. *Rationale:* a newcomer whose only
    ///   friend was asked as soon as it was there, when it knew nobody, would stay alone with it for minutes.
    ///   Were it renewed at once, all who come early would crowd round those who came first.
    private List<AddressEntry> cached(Peer peer, Now now) {
        var door = Door.of(peer);
        Cached found = caches.get(door);
        if (found == null
                || found.expiresNanos < now.monotonicNanos()
                || (isYoung(found, now) && book.size() > 2 * found.known)) {
            long lifetime = CACHE_NANOS_MIN + random.nextLong(CACHE_NANOS_SPREAD);
            found =
                    new Cached(
                            sample(MAX_PERCENT, now),
                            now.monotonicNanos(),
                            now.monotonicNanos() + lifetime,
                            book.size());
            caches.putLast(door, found);
            if (caches.size() > CACHES_MAX) {
                caches.pollFirstEntry();
            }
        }
        return found.entries;
    }

    private boolean isYoung(Cached answer, Now now) {
        boolean poor =
                answer.entries.size() < NEXT_TO_NOTHING
                        && now.monotonicNanos() - answer.madeNanos >= POOR_NANOS;
        return poor || passersBy >= PASSERS_BY;
    }

    /// Time passed: sends what is due.
    public void onTick(Now now, Outbox out) {
        lastNanos = now.monotonicNanos();
        for (State each : states.values()) {
            if (each.known != null && each.peer.isReady()) {
                send(each, each.known, now, out);
            }
        }
    }

    private void send(State state, KeyedFilter known, Now now, Outbox out) {
        long nanos = now.monotonicNanos();
        if (state.nextSelfNanos < nanos && policy.announcesSelf()) {
            announceSelf(state, known, now);
        }
        if (nanos <= state.nextSendNanos) {
            return;
        }
        state.nextSendNanos = nextMoment(now);
        var fresh = new ArrayList<AddressEntry>();
        for (AddressEntry each : state.toSend) {
            if (!known.contains(each.address().key())) {
                known.add(each.address().key());
                fresh.add(each);
            }
        }
        state.toSend.clear();
        if (!fresh.isEmpty()) {
            out.send(state.peer.id(), state.peer.addrV2() ? new AddrV2(fresh) : new Addr(fresh));
        }
    }

    private long nextMoment(Now now) {
        long mean = policy.isLaboratory() ? LOCAL_SEND_INTERVAL_NANOS : SEND_INTERVAL_NANOS;
        return now.monotonicNanos() + exponential(mean);
    }

    private void announceSelf(State state, KeyedFilter known, Now now) {
        if (state.nextSelfNanos != Long.MIN_VALUE) {
            known.clear();
        }
        NetAddress local = policy.localAddressFor(state.peer);
        if (!local.equals(NetAddress.UNSPECIFIED)) {
            log.debug(
                    LogCategory.NET,
                    () -> "Advertising address " + local + " to peer=" + state.peer.id());
            push(
                    state,
                    new AddressEntry(
                            now.unixSeconds() & 0xffff_ffffL,
                            policy.ourServices(state.peer),
                            local),
                    now);
        }
        state.nextSelfNanos = now.monotonicNanos() + exponential(SELF_INTERVAL_NANOS);
    }

    private long exponential(long meanNanos) {
        return (long) (random.nextExponential() * meanNanos);
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        long earliest = Long.MAX_VALUE;
        boolean announces = policy.announcesSelf();
        for (State each : states.values()) {
            if (each.known == null || !each.peer.isReady()) {
                continue;
            }
            if (!each.toSend.isEmpty()) {
                earliest = Math.min(earliest, each.nextSendNanos + 1);
            }
            if (announces) {
                earliest = Math.min(earliest, each.nextSelfNanos + 1);
            }
        }
        return earliest == Long.MAX_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(earliest, lastNanos));
    }

    /// What is known of a peer.
    public AddrRelayStats stats(PeerId peer) {
        State state = states.get(peer);
        return state == null
                ? AddrRelayStats.UNKNOWN
                : new AddrRelayStats(state.known != null, state.processed, state.rateLimited);
    }
}
