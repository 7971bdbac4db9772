package weft.p2p;

import static weft.p2p.ConnectionType.ADDR_FETCH;
import static weft.p2p.ConnectionType.BLOCK_RELAY_ONLY;
import static weft.p2p.ConnectionType.FEELER;
import static weft.p2p.ConnectionType.INBOUND;
import static weft.p2p.ConnectionType.MANUAL;
import static weft.p2p.ConnectionType.OUTBOUND_FULL_RELAY;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.defence.Countermeasures;
import weft.p2p.peers.RandomProbe;
import weft.primitives.Bytes;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// Which connections [OutboundPlan] opens, and when, by the rules of Bitcoin Core and those of our own: read
/// out of a diary of all dials and all moments at which something happened.
///
/// The address book and [RandomProbe] are machines with tests of their own: the model has copies of them, and
/// of the generator, so that it knows every choice that is made by chance.
final class OutboundPlanModel extends OutboundLines {
    static final long MINUTE = 60 * SECOND;
    private static final long WEEK = 7 * 86_400;
    private static final Set<Integer> ODD_PORTS = Set.of(22, 25, 6667);
    private static final NetAddress FIXED_SOURCE = NetAddress.internal("fixedseeds");

    /// What decides when the next step comes.
    private enum Beat {
        START,
        WAKE,
        FOUND,
        NOTHING
    }

    private record Note(Beat beat, long nanos, int bookSize) {}

    private final Countermeasures measures;
    private final SplittableRandom luck;
    private final @Nullable RandomProbe probe;

    /// When we heard of a block last, or asked whether there is one for the first time.
    @Nullable Long lastBlockNanos;

    private final List<Note> notes = new ArrayList<>();
    private final List<String> fetches = new ArrayList<>();
    private final List<AddressEntry> anchors;
    private final Set<NetAddress> asked = new HashSet<>();
    private final List<Dial> again = new ArrayList<>();
    private final List<NetAddress> chosen = new ArrayList<>();
    private long startNanos;
    private long nextFeeler;
    private long nextBlockRelay;
    private long nextNetwork;
    private long nextHunger = Long.MAX_VALUE;
    private int meals;
    private long nextProbe = Long.MIN_VALUE;
    private boolean sourcesCounted;
    private boolean fixedSeedsWanted;
    private final List<Long> checks = new ArrayList<>();
    private long lastStaleCheck;
    private boolean wantsFullRelay;
    private boolean wantsBlockRelay;
    private final OutboundSeedsModel dns;

    OutboundPlanModel(
            P2pOptions options, AddrMan book, SplittableRandom luck, Map<String, Integer> met) {
        super(options, book, met);
        this.measures = options.defence().measures();
        this.luck = luck;
        this.anchors = new ArrayList<>(sources.anchors());
        this.fetches.addAll(sources.seedNodes());
        this.sourcesCounted = !sources.automatic() || isLaboratory();
        this.fixedSeedsWanted = sources.automatic() && sources.fallBack();
        P2pOptions.Probe ranges = sources.probe();
        this.probe =
                ranges.ranges().isEmpty()
                        ? null
                        : new RandomProbe(ranges.ranges(), isLaboratory(), port(), luck);
        this.dns = new OutboundSeedsModel(this, sources, luck);
    }

    // ---- what the world tells

    void wake() {
        notes.add(new Note(Beat.WAKE, nanos, 0));
    }

    void askedForAddresses(NetAddress address) {
        if (asked.size() < 64) {
            asked.add(address);
        }
    }

    void tryOldTransport(Line line) {
        again.add(line.dial.withV2(false));
    }

    void fetchFrom(String name) {
        if (fetches.size() < 64) {
            fetches.add(name);
        }
    }

    void resolved(String name, List<NetAddress> addresses) {
        wake();
        if (dns.resolved(name, addresses)) {
            return;
        }
        List<Dial> ours =
                waiting.stream().filter(each -> hostOf(each.name()).equals(name)).toList();
        waiting.removeAll(ours);
        if (active && !addresses.isEmpty()) {
            ours.forEach(each -> start(each.at(addresses.get(luck.nextInt(addresses.size())))));
        }
    }

    // ---- time passes

    void tick() {
        if (checks.isEmpty()) {
            begin();
        }
        dns.tick();
        keepNodes();
        checkExtra();
        eat();
        again.forEach(this::dialAgain);
        again.clear();
        lookForSecondSource();
        addFixedSeeds();
        if (active && nanos >= nextStep()) {
            step();
        }
        probe();
    }

    private void begin() {
        startNanos = nanos;
        notes.add(new Note(Beat.START, nanos, 0));
        nextFeeler = later(2 * MINUTE);
        nextBlockRelay = later(5 * MINUTE);
        nextNetwork = later(5 * MINUTE);
        if (sources.automatic() && !isLaboratory()) {
            nextHunger = nanos + MINUTE;
        }
    }

    private long later(long mean) {
        return nanos + (long) (luck.nextExponential() * mean);
    }

    private void dialAgain(Dial dial) {
        if (active) {
            meet("second try");
            start(dial);
        }
    }

    /// Two a second; each that finds nobody doubles the pause, up to 16 seconds, until something changes.
    long nextStep() {
        int last = notes.size() - 1;
        long woken = Long.MAX_VALUE;
        while (notes.get(last).beat == Beat.WAKE) {
            woken = notes.get(last--).nanos + SECOND / 2;
        }
        Note step = notes.get(last);
        if (step.beat == Beat.START) {
            return step.nanos;
        }
        int fruitless = 0;
        for (int i = last; notes.get(i).beat == Beat.NOTHING; i--) {
            fruitless++;
            if (notes.get(i).bookSize != sizeBefore(i)) {
                break;
            }
        }
        long pause = Math.min((SECOND / 2) << Math.min(fruitless, 10), 16 * SECOND);
        return Math.min(step.nanos + pause, woken);
    }

    /// What the book held at the step before.
    private int sizeBefore(int index) {
        int i = index - 1;
        while (notes.get(i).beat == Beat.WAKE) {
            i--;
        }
        return notes.get(i).bookSize;
    }

    private void step() {
        int size = book.size();
        boolean found = false;
        if (sources.automatic() && hasRoom() && !fetches.isEmpty()) {
            dial(Dial.named(fetches.removeFirst(), ADDR_FETCH, speaksV2()));
            found = true;
        }
        Need need = sources.automatic() && hasRoom() ? need() : null;
        if (need != null) {
            book.resolveCollisions(seconds);
            Dial dial = choose(need);
            String what = need.from() == Need.From.ANCHORS ? "anchor" : "need of " + need.type();
            String of = need.network() == null ? "" : " of a network";
            meet(what + of + (dial == null ? ": nobody" : ": found"));
            if (dial != null) {
                dial(dial);
                found = true;
            }
        }
        notes.add(new Note(found ? Beat.FOUND : Beat.NOTHING, nanos, size));
    }

    /// Who is missing, apart from those who come by the clock.
    private @Nullable Need missing() {
        int full = count(OUTBOUND_FULL_RELAY);
        int block = count(BLOCK_RELAY_ONLY);
        if (block < limits.blockRelay() && !anchors.isEmpty()) {
            return Need.anchor();
        }
        if (full < limits.fullRelay()) {
            return Need.of(OUTBOUND_FULL_RELAY);
        }
        if (block < limits.blockRelay()) {
            return Need.of(BLOCK_RELAY_ONLY);
        }
        boolean extra = wantsFullRelay && full == limits.fullRelay();
        if (extra) {
            meet("extra for a stale tip");
        }
        return extra ? Need.of(OUTBOUND_FULL_RELAY) : null;
    }

    private @Nullable Need need() {
        Need missing = missing();
        if (missing != null) {
            return missing;
        }
        if (wantsBlockRelay && nanos > nextBlockRelay) {
            nextBlockRelay = later(5 * MINUTE);
            return Need.of(BLOCK_RELAY_ONLY);
        }
        if (measures.feelers() && nanos > nextFeeler) {
            nextFeeler = later(2 * MINUTE);
            return Need.of(FEELER);
        }
        // Who may have fewer than eight does not go through the networks.
        boolean eight = count(OUTBOUND_FULL_RELAY) == 8;
        List<NetworkId> lonely =
                options.access().reachable().stream().sorted().filter(this::isLonely).toList();
        if (eight && nanos > nextNetwork && !lonely.isEmpty()) {
            NetworkId network = lonely.get(luck.nextInt(lonely.size()));
            nextNetwork = later(5 * MINUTE);
            return Need.of(network);
        }
        return null;
    }

    /// We know addresses of the network, and have dialled none that is there.
    private boolean isLonely(NetworkId network) {
        return book.size(network, null) > 0
                && open().stream()
                        .filter(each -> each.type() != INBOUND)
                        .noneMatch(each -> each.address.network() == network);
    }

    // ---- choosing

    private @Nullable Dial choose(Need need) {
        AddressEntry found = need.from() == Need.From.ANCHORS ? anchor() : proposed(need);
        if (found == null) {
            return null;
        }
        boolean v2 = speaksV2() && ServiceFlags.has(found.services(), ServiceFlags.P2P_V2);
        return Dial.of(found.address(), found.services(), need.type())
                .withV2(v2)
                .counting(isOnline());
    }

    /// The last first; each has one chance.
    private @Nullable AddressEntry anchor() {
        while (!anchors.isEmpty()) {
            AddressEntry each = anchors.removeLast();
            NetAddress address = each.address();
            boolean isFit =
                    address.isValid()
                            && isReachable(address)
                            && !own.contains(address)
                            && isDesirable(each.services())
                            && !takenGroups().contains(sources.groups().groupOf(address));
            meet("anchor is fit: " + isFit);
            if (isFit) {
                return each;
            }
        }
        return null;
    }

    /// The book proposes a hundred times.
    private @Nullable AddressEntry proposed(Need need) {
        boolean oneEach = measures.groups() && need.type() != FEELER;
        Set<Bytes> taken = oneEach ? takenGroups() : Set.of();
        for (int tries = 1; tries <= 100; tries++) {
            AddrMan.Selected one = propose(need, tries);
            if (one == null) {
                return null;
            }
            NetAddress address = one.entry().address();
            boolean isCrowded = taken.contains(sources.groups().groupOf(address));
            String objection = isCrowded ? "group" : objection(need, one, tries);
            meet(objection);
            if (objection.isEmpty()) {
                meet("found at " + (tries < 30 ? 1 : tries < 50 ? 30 : tries < 60 ? 50 : 60));
                chosen.add(address);
                return one.entry();
            }
        }
        return null;
    }

    private AddrMan.@Nullable Selected propose(Need need, int tries) {
        if (measures.oldFriends() && chosen.isEmpty() && tries <= 10) {
            AddrMan.Selected friend = book.selectTried(need.network(), seconds);
            if (friend != null) {
                meet("old friend");
                return friend;
            }
        }
        if (need.type() != FEELER) {
            return book.select(false, need.network(), seconds);
        }
        AddrMan.Selected rival = book.selectTriedCollision();
        if (rival != null && !isHostThere(rival.entry().address())) {
            meet("rival");
            return rival;
        }
        if (rival != null) {
            meet("rival is there");
            book.good(rival.entry().address(), seconds);
        }
        return book.select(true, null, seconds);
    }

    /// What speaks against dialling it; empty if nothing does.
    private String objection(Need need, AddrMan.Selected one, int tries) {
        NetAddress address = one.entry().address();
        long services = one.entry().services();
        boolean feeler = need.type() == FEELER;
        long blocks = ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED;
        long since = seconds - one.lastTrySeconds();
        if (isKept(address)) {
            return "added";
        }
        if (!isReachable(address)) {
            return "unreachable";
        }
        if (feeler ? (services & blocks) == 0 : !isDesirable(services)) {
            return "services for " + need.type();
        }
        if (isIp(address) && ODD_PORTS.contains(address.port()) && tries < 50) {
            return "odd port";
        }
        if (asked.contains(address) && tries < 60) {
            return "asked for addresses";
        }
        if (own.contains(address) || isUnwanted(address)) {
            return own.contains(address) ? "own" : "unwanted";
        }
        // Before now only: else the clock was set back.
        if (since >= 0 && since < 600 && tries < 30) {
            return "tried lately";
        }
        return isHostThere(address) ? "there" : "";
    }

    // ---- too many peers, too few addresses

    /// Every 45 seconds who is too much goes; every ten minutes it is asked whether the tip is stale.
    private void checkExtra() {
        boolean first = checks.isEmpty();
        if (!first && nanos < checks.getLast() + 45 * SECOND) {
            return;
        }
        checks.add(nanos);
        if (first) {
            lastStaleCheck = nanos;
        }
        List<Line> blocks =
                open().stream().filter(each -> each.type() == BLOCK_RELAY_ONLY).toList();
        if (blocks.size() > limits.blockRelay()) {
            drop(blocks.getLast(), "extra block-relay-only peer");
        }
        List<Line> full = ready(OUTBOUND_FULL_RELAY);
        List<Line> superfluous = full.stream().filter(each -> !isOnlyOne(each)).toList();
        if (full.size() > limits.fullRelay()
                && !superfluous.isEmpty()
                && drop(superfluous.getLast(), "extra outbound peer")) {
            wantsFullRelay = false;
        }
        if (nanos > lastStaleCheck + 10 * MINUTE) {
            lastStaleCheck = nanos;
            wantsFullRelay = sources.automatic() && isTipStale();
        }
        wantsBlockRelay |= tipTime > seconds - 20 * 600 && tipTime > 0;
    }

    /// The one peer of a network stays.
    private boolean isOnlyOne(Line one) {
        return open().stream()
                        .filter(each -> each.type() == OUTBOUND_FULL_RELAY || each.type() == MANUAL)
                        .filter(each -> each.address.network() == one.address.network())
                        .count()
                == 1;
    }

    /// Who has been there for less than half a minute stays.
    private boolean drop(Line one, String why) {
        boolean mayGo = nanos - one.openedNanos >= 30 * SECOND;
        meet(why + ": " + mayGo);
        if (mayGo) {
            one.fate = Fate.CLOSING;
            out.add(new PeerOutput.Disconnect(one.peer, why));
        }
        return mayGo;
    }

    /// No block for three times the usual.
    private boolean isTipStale() {
        if (lastBlockNanos == null) {
            lastBlockNanos = nanos;
        }
        return nanos - lastBlockNanos > 30 * MINUTE;
    }

    private boolean isHungry() {
        return active && meals < 5 && book.size() < 8;
    }

    /// Who knows fewer than eight addresses asks a peer on a line of its own, less and less often.
    private void eat() {
        if (nanos < nextHunger || !isHungry()) {
            return;
        }
        List<Line> friends = ready(OUTBOUND_FULL_RELAY, MANUAL);
        if (friends.isEmpty()) {
            meet("nobody to ask");
            nextHunger = nanos + 10 * SECOND;
            return;
        }
        nextHunger = nanos + (MINUTE << ++meals);
        meet("asked once more");
        Line one = friends.get(luck.nextInt(friends.size()));
        open(Dial.of(one.address, one.services, ADDR_FETCH));
    }

    private boolean isMinuteOver() {
        return nanos > startNanos + MINUTE;
    }

    /// Once: who told us of every address is not the only one to ask.
    private void lookForSecondSource() {
        if (sourcesCounted || !isMinuteOver()) {
            return;
        }
        sourcesCounted = true;
        NetAddress only = book.onlySource();
        if (only == null || only.equals(FIXED_SOURCE) || book.size() < 8) {
            return;
        }
        meet("second source");
        List<AddressEntry> fixed =
                sources.fixed().stream().filter(each -> isReachable(each.address())).toList();
        for (int i = 0; i < 3 && !fixed.isEmpty(); i++) {
            fetchFrom(fixed.get(luck.nextInt(fixed.size())).address().toString());
        }
        wake();
    }

    private List<NetworkId> emptyNetworks() {
        return options.access().reachable().stream()
                .filter(each -> book.size(each, null) == 0)
                .toList();
    }

    /// After a minute, or at once if nobody else is to be asked; of the networks without an address alone.
    private void addFixedSeeds() {
        boolean nobodyElse =
                !sources.dns().enabled()
                        && sources.seedNodes().isEmpty()
                        && kept.stream().noneMatch(each -> each.added);
        List<NetworkId> empty = emptyNetworks();
        if (!fixedSeedsWanted || empty.isEmpty() || !(isMinuteOver() || nobodyElse)) {
            return;
        }
        meet("fixed seeds " + (nobodyElse ? "at once" : "after a minute"));
        fixedSeedsWanted = false;
        var seeds = new ArrayList<AddressEntry>();
        for (AddressEntry each : sources.fixed()) {
            if (empty.contains(each.address().network())) {
                long seen = seconds - WEEK - luck.nextLong(WEEK);
                seeds.add(new AddressEntry(Math.max(0, seen), each.services(), each.address()));
            }
        }
        book.add(seeds, FIXED_SOURCE, 0, seconds);
        wake();
    }

    private boolean wantsProbing() {
        return probe != null && active && book.size() == 0 && open().isEmpty();
    }

    private void probe() {
        if (probe == null || !wantsProbing() || nanos < nextProbe) {
            return;
        }
        nextProbe = nanos + sources.probe().interval().toNanos();
        NetAddress address = probe.next();
        meet("probe");
        if (address != null) {
            dial(Dial.named(address.toString(), MANUAL, false));
        }
    }

    // ---- when

    /// Limits of time that are worth to be met exactly.
    List<Long> moments() {
        var all = new ArrayList<Long>();
        all.addAll(List.of(nextFeeler, nextBlockRelay, nextNetwork));
        all.add(lastStaleCheck + 10 * MINUTE);
        all.add(checks.getLast() + 45 * SECOND);
        if (lastBlockNanos != null) {
            all.add(lastBlockNanos + 30 * MINUTE);
        }
        open().forEach(each -> all.add(each.openedNanos + 30 * SECOND));
        return all;
    }

    /// When something must be done at the latest, if nothing else happens.
    long demand() {
        long earliest = Math.min(checks.getLast() + 45 * SECOND, dns.demand());
        if (!active) {
            return earliest;
        }
        if (isHungry()) {
            earliest = Math.min(earliest, nextHunger);
        }
        if (!sourcesCounted) {
            earliest = Math.min(earliest, startNanos + MINUTE + 1);
        }
        if (fixedSeedsWanted && !emptyNetworks().isEmpty()) {
            earliest = Math.min(earliest, Math.max(nextStep(), startNanos + MINUTE + 1));
        }
        for (Kept each : kept) {
            boolean mayBe = !each.added || count(MANUAL) < 8;
            if (mayBe && !isConnected(each) && !isUnderWay(each.name)) {
                earliest = Math.min(earliest, each.nextTry());
            }
        }
        if (wantsProbing()) {
            earliest = Math.min(earliest, nextProbe);
        }
        return Math.min(earliest, stepDemand());
    }

    private long stepDemand() {
        if (!again.isEmpty()) {
            return nextStep();
        }
        if (!sources.automatic() || !hasRoom()) {
            return Long.MAX_VALUE;
        }
        boolean known = book.size() > 0 || !anchors.isEmpty();
        if (!fetches.isEmpty() || (known && missing() != null)) {
            return nextStep();
        }
        long timed =
                Math.min(
                        measures.feelers() ? nextFeeler : Long.MAX_VALUE - 1,
                        wantsBlockRelay ? nextBlockRelay : Long.MAX_VALUE - 1);
        return known ? Math.max(timed + 1, nextStep()) : Long.MAX_VALUE;
    }
}
