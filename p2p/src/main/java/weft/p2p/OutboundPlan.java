package weft.p2p;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.defence.Countermeasures;
import weft.p2p.peers.RandomProbe;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// Decides whom to dial, and when.
///
/// - Eight connections relay everything, two more blocks only; each in a group of addresses of its own.
///   *Rationale:* one operator should not be all our peers.
/// - Block-relay-only peers of the last run come first. *Rationale:* an attacker who makes us restart gains
///   nothing.
/// - Half of the eight are nodes known for long, as far as there are such ([LongKnownPeers]).
/// - Every two minutes or so an address is only tried out (feeler), every five a block-relay-only peer is
///   changed for another, and networks without a peer get one.
/// - When the book is empty: DNS seeds, then addresses that came with the program, after a minute.
/// - Who was asked for addresses only is rather not dialled to stay.
///   *Rationale:* every newcomer asks the same few, and those first nodes shall not carry the network.
/// - While dials find nobody, they come less and less often; any change brings them back to two a second.
final class OutboundPlan {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = SECOND_NANOS / 2;
    private static final long STEP_NANOS_MAX = 16 * SECOND_NANOS;
    private static final long FIXED_SEEDS_NANOS = 60 * SECOND_NANOS;
    private static final long FEELER_NANOS = 120 * SECOND_NANOS;
    private static final long EXTRA_BLOCK_RELAY_NANOS = 300 * SECOND_NANOS;
    private static final long EXTRA_NETWORK_NANOS = 300 * SECOND_NANOS;
    private static final long WEEK_SECONDS = 7 * 86_400;
    private static final long RECENTLY_TRIED_SECONDS = 600;
    private static final int TRIES = 100;
    private static final int OLD_FRIEND_TRIES = 10;
    private static final int TRIES_WITHOUT_RECENT = 30;
    private static final int TRIES_WITHOUT_BAD_PORTS = 50;
    private static final int TRIES_WITHOUT_SOURCES = 60;
    private static final int ADDR_FETCHES_MAX = 64;
    private static final int FULL_RELAY_USUAL = 8;
    private static final int SHORT_LIVED = 1;
    private static final NetAddress FIXED_SOURCE = NetAddress.internal("fixedseeds");
    private static final int SINGLE_SOURCE_MIN = 8;
    private static final int SECOND_SOURCES = 3;

    private final EngineParts parts;
    private final Dialler dialler;
    private final AddedNodes added;
    private final DnsSeeding dns;
    private final ExtraPeers extra;
    private final AddressHunger hunger;
    private final Log log;
    private final P2pOptions.Sources sources;
    private final Countermeasures measures;
    private final ArrayDeque<Dial> addrFetches = new ArrayDeque<>();
    private final ArrayDeque<AddressEntry> anchors = new ArrayDeque<>();
    private final Set<NetAddress> askedForAddresses = new HashSet<>();
    private final @Nullable RandomProbe probe;
    private boolean started;
    private boolean choseOne;
    private boolean fixedSeedsWanted;
    private boolean sourcesCounted;
    private long startNanos;
    private long nextStepNanos = Long.MIN_VALUE;
    private long pauseNanos = STEP_NANOS;
    private int bookSize;
    private long nextFeelerNanos;
    private long nextBlockRelayNanos;
    private long nextNetworkNanos;
    private long nextProbeNanos = Long.MIN_VALUE;

    OutboundPlan(EngineParts parts, Dialler dialler) {
        this.parts = parts;
        this.dialler = dialler;
        this.log = parts.log;
        this.sources = parts.options.sources();
        this.measures = parts.measures();
        this.added = new AddedNodes(parts, dialler);
        this.dns = new DnsSeeding(parts, dialler, this::fetchFrom);
        this.extra = new ExtraPeers(parts);
        this.hunger = new AddressHunger(parts, dialler);
        this.anchors.addAll(sources.anchors());
        this.sourcesCounted = !sources.automatic() || sources.groups().allowLocal();
        this.fixedSeedsWanted = sources.automatic() && sources.fallBack();
        sources.seedNodes().forEach(this::fetchFrom);
        boolean local = sources.groups().allowLocal();
        this.probe =
                sources.probe().ranges().isEmpty()
                        ? null
                        : new RandomProbe(
                                sources.probe().ranges(),
                                local,
                                parts.options.self().port(),
                                parts.random);
    }

    AddedNodes added() {
        return added;
    }

    private boolean speaksV2() {
        return ServiceFlags.has(parts.options.self().services(), ServiceFlags.P2P_V2);
    }

    private void fetchFrom(String name) {
        if (addrFetches.size() < ADDR_FETCHES_MAX) {
            addrFetches.add(Dial.named(name, ConnectionType.ADDR_FETCH, speaksV2()));
        }
    }

    /// A connection to ask for addresses is open.
    void onAsked(NetAddress address) {
        if (askedForAddresses.size() < ADDR_FETCHES_MAX) {
            askedForAddresses.add(address);
        }
    }

    /// Something changed that makes a dial worth a try.
    void wake(Now now) {
        pauseNanos = STEP_NANOS;
        nextStepNanos = Math.min(nextStepNanos, now.monotonicNanos() + STEP_NANOS);
    }

    boolean onResolved(String name, List<NetAddress> addresses, Now now) {
        wake(now);
        return dns.onResolved(name, addresses, now);
    }

    void onTick(Now now, Outbox out) {
        if (!started) {
            start(now);
        }
        dns.onTick(now, out);
        added.onTick(now, out);
        extra.onTick(now, out);
        hunger.onTick(now, out);
        dialler.trySecondTime(now, out);
        lookForSecondSource(now);
        addFixedSeeds(now);
        if (now.monotonicNanos() >= nextStepNanos && dialler.isActive()) {
            step(now, out);
        }
        probe(now, out);
    }

    private void start(Now now) {
        started = true;
        startNanos = now.monotonicNanos();
        hunger.start(now);
        nextStepNanos = startNanos;
        nextFeelerNanos = later(now, FEELER_NANOS);
        nextBlockRelayNanos = later(now, EXTRA_BLOCK_RELAY_NANOS);
        nextNetworkNanos = later(now, EXTRA_NETWORK_NANOS);
        if (sources.automatic() || !sources.connect().isEmpty()) {
            // Part of our one thread; who waits for it in the log shall find it.
            log.info("opencon thread start");
        }
        if (sources.automatic() && !sources.fallBack()) {
            log.info("Fixed seeds are disabled");
        }
    }

    private long later(Now now, long meanNanos) {
        return now.monotonicNanos() + (long) (parts.random.nextExponential() * meanNanos);
    }

    // ---- addresses to fall back on

    private void addFixedSeeds(Now now) {
        if (!fixedSeedsWanted) {
            return;
        }
        Set<NetworkId> empty = reachableWithoutAddresses();
        if (empty.isEmpty()) {
            return;
        }
        if (now.monotonicNanos() > startNanos + FIXED_SEEDS_NANOS) {
            log.info(
                    "Adding fixed seeds as 60 seconds have passed and addrman is empty for at least"
                            + " one reachable network");
        } else if (!sources.dns().enabled() && sources.seedNodes().isEmpty() && !added.hasAdded()) {
            log.info(
                    "Adding fixed seeds as -dnsseed=0 (or IPv4/IPv6 connections are disabled via"
                            + " -onlynet) and neither -addnode nor -seednode are provided");
        } else {
            return;
        }
        List<AddressEntry> chosen =
                sources.fixed().stream()
                        .filter(each -> empty.contains(each.address().network()))
                        .map(each -> seenOneOrTwoWeeksAgo(each, now))
                        .toList();
        parts.book.add(chosen, FIXED_SOURCE, 0, now.unixSeconds());
        fixedSeedsWanted = false;
        log.info("Added " + chosen.size() + " fixed seeds from reachable networks.");
        wake(now);
    }

    /// Once, after a minute: whoever told us of every address that we know may have told us of his own alone.
    /// *Rationale:* a few of the addresses that came with the program are asked too, so that one liar cannot
    /// keep us for himself.
    private void lookForSecondSource(Now now) {
        boolean due = now.monotonicNanos() > startNanos + FIXED_SEEDS_NANOS;
        if (sourcesCounted || !due) {
            return;
        }
        sourcesCounted = true;
        NetAddress only = parts.book.onlySource();
        boolean ours = FIXED_SOURCE.equals(only);
        if (only == null || ours || parts.book.size() < SINGLE_SOURCE_MIN) {
            return;
        }
        log.warning(
                "Single-source address book: all "
                        + parts.book.size()
                        + " addresses come from "
                        + only.addressText());
        List<AddressEntry> fixed =
                sources.fixed().stream().filter(each -> parts.isReachable(each.address())).toList();
        for (int i = 0; i < SECOND_SOURCES && !fixed.isEmpty(); i++) {
            fetchFrom(fixed.get(parts.random.nextInt(fixed.size())).address().toString());
        }
        wake(now);
    }

    /// Whatever peers tell later is newer.
    private AddressEntry seenOneOrTwoWeeksAgo(AddressEntry seed, Now now) {
        long age = WEEK_SECONDS + parts.random.nextLong(WEEK_SECONDS);
        long seconds = Math.max(0, now.unixSeconds() - age) & 0xffff_ffffL;
        return new AddressEntry(seconds, seed.services(), seed.address());
    }

    private Set<NetworkId> reachableWithoutAddresses() {
        var empty = EnumSet.noneOf(NetworkId.class);
        for (NetworkId each : parts.reachable) {
            if (parts.book.size(each, null) == 0) {
                empty.add(each);
            }
        }
        return empty;
    }

    private void probe(Now now, Outbox out) {
        boolean due = probe != null && now.monotonicNanos() >= nextProbeNanos && wantsProbing();
        if (!due || probe == null) {
            return;
        }
        nextProbeNanos = now.monotonicNanos() + sources.probe().interval().toNanos();
        NetAddress address = probe.next();
        if (address != null) {
            dialler.dial(Dial.named(address.toString(), ConnectionType.MANUAL, false), now, out);
        }
    }

    private boolean wantsProbing() {
        return dialler.isActive() && parts.book.size() == 0 && parts.connections.open().isEmpty();
    }

    // ---- one step

    private void step(Now now, Outbox out) {
        if (parts.book.size() != bookSize) {
            bookSize = parts.book.size();
            pauseNanos = STEP_NANOS;
        }
        // Who was told whom to dial learns nothing of others.
        Dial fetch = sources.automatic() && hasRoom() ? addrFetches.poll() : null;
        if (fetch != null) {
            dialler.dial(fetch, now, out);
        }
        Need need = sources.automatic() && hasRoom() ? need(now) : null;
        boolean dialled = fetch != null;
        if (need != null) {
            parts.book.resolveCollisions(now.unixSeconds());
            Dial dial = choose(need, now);
            if (dial != null) {
                need.log(dial, log);
                dialler.dial(dial, now, out);
                dialled = true;
            }
        }
        pauseNanos = dialled ? STEP_NANOS : Math.min(2 * pauseNanos, STEP_NANOS_MAX);
        nextStepNanos = now.monotonicNanos() + pauseNanos;
    }

    /// Whether one more may be dialled by itself: all that are lasting, and one that is there for a short
    /// time, an attempt, a change or an extra one. *Rationale:* as in Core; moments by chance may come close
    /// together, and each would add one more.
    private boolean hasRoom() {
        P2pOptions.Limits limits = parts.limits;
        return dialler.countAutomatic() < limits.fullRelay() + limits.blockRelay() + SHORT_LIVED;
    }

    private @Nullable Need need(Now now) {
        P2pOptions.Limits limits = parts.limits;
        int full = dialler.count(ConnectionType.OUTBOUND_FULL_RELAY);
        int block = dialler.count(ConnectionType.BLOCK_RELAY_ONLY);
        if (!anchors.isEmpty() && block < limits.blockRelay()) {
            return Need.anchor();
        }
        if (full < limits.fullRelay()) {
            return Need.longKnown();
        }
        if (block < limits.blockRelay()) {
            return Need.of(ConnectionType.BLOCK_RELAY_ONLY);
        }
        if (extra.wantsFullRelay() && full == limits.fullRelay()) {
            return Need.of(ConnectionType.OUTBOUND_FULL_RELAY);
        }
        return timedNeed(full, limits, now);
    }

    private @Nullable Need timedNeed(int full, P2pOptions.Limits limits, Now now) {
        long nanos = now.monotonicNanos();
        if (nanos > nextBlockRelayNanos && extra.wantsBlockRelay()) {
            nextBlockRelayNanos = later(now, EXTRA_BLOCK_RELAY_NANOS);
            return Need.of(ConnectionType.BLOCK_RELAY_ONLY);
        }
        if (measures.feelers() && nanos > nextFeelerNanos) {
            nextFeelerNanos = later(now, FEELER_NANOS);
            return Need.of(ConnectionType.FEELER);
        }
        if (full == FULL_RELAY_USUAL && nanos > nextNetworkNanos) {
            NetworkId network = networkWithoutPeers();
            if (network != null) {
                nextNetworkNanos = later(now, EXTRA_NETWORK_NANOS);
                return Need.of(network);
            }
        }
        if (full == limits.fullRelay() && parts.variety.isDue(now)) {
            return Need.mixed();
        }
        return null;
    }

    private @Nullable NetworkId networkWithoutPeers() {
        var candidates = new ArrayList<NetworkId>();
        for (NetworkId each : parts.reachable) {
            boolean has =
                    parts.connections.open().stream()
                            .anyMatch(
                                    any ->
                                            !any.peer.isInbound()
                                                    && any.peer.address().network() == each);
            if (!has && parts.book.size(each, null) > 0) {
                candidates.add(each);
            }
        }
        return candidates.isEmpty()
                ? null
                : candidates.get(parts.random.nextInt(candidates.size()));
    }

    // ---- choosing an address

    private @Nullable Dial choose(Need need, Now now) {
        Taken taken = Taken.of(parts, dialler.underWay());
        AddressEntry found =
                switch (need.from()) {
                    case ANCHORS -> nextAnchor(taken);
                    case BOOK -> fromBook(need, taken, now);
                    case ACQUAINTANCES -> lacking(need, taken, now);
                    case LONG_KNOWN -> longKnownOrFromBook(need, taken, now);
                };
        if (found == null) {
            return null;
        }
        P2pOptions.Limits limits = parts.limits;
        int automatic = limits.fullRelay() + limits.blockRelay() + limits.inbound();
        boolean online = taken.groups().size() + taken.hidden() >= Math.min(automatic - 1, 2);
        parts.longKnown.onTried(found.address(), online, now);
        boolean v2 = speaksV2() && ServiceFlags.has(found.services(), ServiceFlags.P2P_V2);
        return Dial.of(found.address(), found.services(), need.type()).withV2(v2).counting(online);
    }

    private @Nullable AddressEntry nextAnchor(Taken taken) {
        while (!anchors.isEmpty()) {
            AddressEntry anchor = anchors.pollLast();
            NetAddress address = anchor.address();
            if (address.isValid()
                    && !parts.locals.contains(address)
                    && parts.isReachable(address)
                    && parts.isDesirable(anchor.services())
                    && !taken.groups().contains(sources.groups().groupOf(address))) {
                return anchor;
            }
        }
        return null;
    }

    private @Nullable AddressEntry fromBook(Need need, Taken taken, Now now) {
        AddressEntry overdue = need.type() == ConnectionType.FEELER ? overdue(need, now) : null;
        // After a week offline all 256 are, and those whose places in the book others want shall be
        // asked too.
        if (overdue != null && parts.random.nextBoolean()) {
            return overdue;
        }
        for (int tries = 1; tries <= TRIES; tries++) {
            AddrMan.Selected selected = select(need, tries, now);
            if (selected == null) {
                return null;
            }
            NetAddress address = selected.entry().address();
            if (measures.groups()
                    && need.type() != ConnectionType.FEELER
                    && taken.groups().contains(sources.groups().groupOf(address))) {
                continue;
            }
            // In a book of ten, all tried lately, our own address is the one found most. Core
            // begins anew there, and so for ten minutes hardly dials again whom it lost.
            if (!parts.locals.contains(address) && isFit(need, selected, tries, now)) {
                choseOne = true;
                return selected.entry();
            }
        }
        return null;
    }

    /// One of a list, by chance, with whom nothing is wrong but that it may have been dialled lately.
    private @Nullable AddressEntry anyFit(
            Need need, List<AddrMan.Selected> all, Taken taken, Now now) {
        List<AddrMan.Selected> fit =
                all.stream().filter(each -> isFit(need, each, TRIES, taken, now)).toList();
        return fit.isEmpty() ? null : fit.get(parts.random.nextInt(fit.size())).entry();
    }

    private @Nullable AddressEntry longKnown(Need need, Taken taken, Now now) {
        return anyFit(need, parts.longKnown.candidates(dialler.underWay(), now), taken, now);
    }

    private @Nullable AddressEntry longKnownOrFromBook(Need need, Taken taken, Now now) {
        AddressEntry found = longKnown(need, taken, now);
        return found == null ? fromBook(need, taken, now) : found;
    }

    /// One such as there are too few of among our peers, for whom another may have to go.
    private @Nullable AddressEntry lacking(Need need, Taken taken, Now now) {
        List<AddrMan.Selected> unlike = parts.variety.candidates(now);
        AddressEntry found = extra.canSpareOne() ? longKnown(need, taken, now) : null;
        for (int i = 0; found == null && i < unlike.size(); i++) {
            found = isFit(need, unlike.get(i), 1, taken, now) ? unlike.get(i).entry() : null;
        }
        return found;
    }

    private boolean isFit(Need need, AddrMan.Selected each, int tries, Taken taken, Now now) {
        NetAddress address = each.entry().address();
        return !taken.groups().contains(sources.groups().groupOf(address))
                && !parts.locals.contains(address)
                && isFit(need, each, tries, now);
    }

    /// Who is known for long and was not seen for a week. Whom we cannot or would not dial counts as tried,
    /// and keeps no place for ever; but not whom we do not dial because somebody there has dialled us.
    private @Nullable AddressEntry overdue(Need need, Now now) {
        for (AddrMan.Selected each : parts.longKnown.overdue(now)) {
            NetAddress address = each.entry().address();
            if (dialler.isConnected(address)) {
                continue;
            }
            if (!parts.locals.contains(address) && isFit(need, each, TRIES, now)) {
                return each.entry();
            }
            parts.longKnown.onTried(address, true, now);
        }
        return null;
    }

    private AddrMan.@Nullable Selected select(Need need, int tries, Now now) {
        if (measures.oldFriends() && !choseOne && tries <= OLD_FRIEND_TRIES) {
            // Old friends first: whoever starts dials somebody it has shaken hands with, if it can.
            AddrMan.Selected friend = parts.book.selectTried(need.network(), now.unixSeconds());
            if (friend != null) {
                return friend;
            }
        }
        if (need.type() != ConnectionType.FEELER) {
            return parts.book.select(false, need.network(), now.unixSeconds());
        }
        AddrMan.Selected rival = parts.book.selectTriedCollision();
        if (rival != null && !dialler.isConnected(rival.entry().address())) {
            return rival;
        }
        if (rival != null) {
            parts.book.good(rival.entry().address(), now.unixSeconds());
        }
        return parts.book.select(true, null, now.unixSeconds());
    }

    private boolean isFit(Need need, AddrMan.Selected selected, int tries, Now now) {
        NetAddress address = selected.entry().address();
        long services = selected.entry().services();
        long sinceTry = now.unixSeconds() - selected.lastTrySeconds();
        if (!parts.isReachable(address)
                || (sinceTry >= 0 // below that, the clock was set back
                        && sinceTry < RECENTLY_TRIED_SECONDS
                        && tries < TRIES_WITHOUT_RECENT)
                || (askedForAddresses.contains(address) && tries < TRIES_WITHOUT_SOURCES)) {
            return false;
        }
        boolean offersEnough =
                need.type() == ConnectionType.FEELER
                        ? ServiceFlags.mayHaveUsefulAddresses(services)
                        : parts.isDesirable(services);
        boolean ip = address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        boolean badPort =
                ip && BadPorts.contains(address.port()) && tries < TRIES_WITHOUT_BAD_PORTS;
        if (!offersEnough || badPort || dialler.isConnected(address) || parts.isUnwanted(address)) {
            return false;
        }
        if (added.contains(address)) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Not making automatic "
                                    + need.type().rpcName()
                                    + " connection to "
                                    + address.networkLabel()
                                    + " peer selected for manual (addnode) connection: "
                                    + address);
            return false;
        }
        return true;
    }

    // ---- when

    OptionalLong nextDeadlineNanos() {
        if (!started) {
            return OptionalLong.of(Long.MIN_VALUE);
        }
        long earliest =
                Math.min(
                        dns.nextDeadlineNanos().orElse(Long.MAX_VALUE),
                        added.nextDeadlineNanos().orElse(Long.MAX_VALUE));
        earliest = Math.min(earliest, extra.nextDeadlineNanos().orElse(Long.MAX_VALUE));
        earliest = Math.min(earliest, hunger.nextDeadlineNanos().orElse(Long.MAX_VALUE));
        if (!sourcesCounted && dialler.isActive()) {
            earliest = Math.min(earliest, startNanos + FIXED_SEEDS_NANOS + 1);
        }
        if (fixedSeedsWanted && dialler.isActive()) {
            earliest =
                    Math.min(earliest, Math.max(nextStepNanos, startNanos + FIXED_SEEDS_NANOS + 1));
        }
        if (dialler.isActive()) {
            earliest = Math.min(earliest, stepDeadlineNanos());
            if (probe != null && wantsProbing()) {
                earliest = Math.min(earliest, nextProbeNanos);
            }
        }
        return OptionalLong.of(earliest);
    }

    private long stepDeadlineNanos() {
        if (dialler.hasSecondTries()) {
            return nextStepNanos;
        }
        if (!sources.automatic() || !hasRoom()) {
            return Long.MAX_VALUE;
        }
        if (!addrFetches.isEmpty()) {
            return nextStepNanos;
        }
        if (parts.book.size() == 0 && anchors.isEmpty()) {
            return Long.MAX_VALUE;
        }
        P2pOptions.Limits limits = parts.limits;
        boolean full =
                dialler.count(ConnectionType.OUTBOUND_FULL_RELAY) >= limits.fullRelay()
                        && dialler.count(ConnectionType.BLOCK_RELAY_ONLY) >= limits.blockRelay();
        long timed =
                Math.min(
                        measures.feelers() ? nextFeelerNanos : Long.MAX_VALUE,
                        extra.wantsBlockRelay() ? nextBlockRelayNanos : Long.MAX_VALUE);
        long next = timed == Long.MAX_VALUE ? timed : Math.max(timed + 1, nextStepNanos);
        return full && !extra.wantsFullRelay() ? next : nextStepNanos;
    }
}
