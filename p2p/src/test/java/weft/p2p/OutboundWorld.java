package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.p2p.ConnectionType.ADDR_FETCH;
import static weft.p2p.ConnectionType.BLOCK_RELAY_ONLY;
import static weft.p2p.ConnectionType.FEELER;
import static weft.p2p.ConnectionType.MANUAL;
import static weft.p2p.ConnectionType.OUTBOUND_FULL_RELAY;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.OutboundLines.Fate;
import weft.p2p.OutboundLines.Line;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// [OutboundPlan] with its parts, and [OutboundPlanModel], side by side in a world of chance.
final class OutboundWorld {
    private static final int PORT = OutboundSettings.PORT;
    private static final long SECOND = OutboundLines.SECOND;
    private static final long WALL = OutboundSettings.WALL;
    private static final long YEARS = 1L << 28;

    final SplittableRandom random;
    final OutboundSettings settings;
    final EngineParts parts;
    final Dialler dialler;
    final OutboundPlan plan;
    final OutboundPlanModel model;
    final List<NetAddress> heard = new ArrayList<>();
    final List<String> resolving = new ArrayList<>();
    private final Outbox out = new Outbox();
    private long nanos;
    private long wallSeconds;
    private long nextPeer;
    private HeaderNode tip;

    OutboundWorld(SplittableRandom random, Map<String, Integer> met) {
        this.random = random;
        settings = new OutboundSettings(random);
        P2pOptions options = settings.options();
        long seed = random.nextLong();
        long bookSeed = random.nextLong();
        Bytes key = AddrMan.newKey(random);
        AddrMan book = book(key, options, bookSeed);
        var bans = new BanList(Duration.ofDays(1), random.split());
        parts =
                new EngineParts(
                        options,
                        new PeerEngine.Memory(book, bans, new Acquaintances()),
                        new NoRules(),
                        new SplittableRandom(seed),
                        Log.NONE);
        dialler = new Dialler(parts);
        plan = new OutboundPlan(parts, dialler);
        SplittableRandom luck = new SplittableRandom(seed).split();
        luck.nextLong();
        luck.nextLong();
        model = new OutboundPlanModel(options, book(key, options, bookSeed), luck, met);
        nanos = random.nextLong(1_000 * SECOND);
        tip =
                HeaderNode.genesis(
                        header(BlockHash.ZERO, WALL - random.nextInt(200_000)), BigInteger.ONE);
        tell();
        fill();
        for (int i = random.nextInt(6); i > 0; i--) {
            punish();
        }
        if (rarely(6)) {
            heard.forEach(this::ask);
        }
        if (rarely(5)) {
            // More than there is room for.
            heard.stream().limit(20).forEach(this::keep);
        }
        assertThat(plan.nextDeadlineNanos()).hasValue(Long.MIN_VALUE);
        tick();
        if (random.nextBoolean()) {
            settle();
        }
    }

    private static AddrMan book(Bytes key, P2pOptions options, long seed) {
        var luck = new SplittableRandom(seed);
        var book = new AddrMan(key, options.sources().groups(), luck, Log.NONE);
        book.testFirst(options.defence().measures().testFirst());
        return book;
    }

    private void fill() {
        if (settings.isProbing) {
            return;
        }
        int count = rarely(3) ? 0 : rarely(2) ? random.nextInt(20) : random.nextInt(200);
        NetAddress only = rarely(4) ? NetAddress.parse("70.1.1.1", PORT) : null;
        for (int i = 0; i < count; i++) {
            hear(only == null ? NetAddress.parse(60 + i % 9 + ".1.1.1", PORT) : only);
        }
        int good = rarely(2) ? 0 : random.nextInt(heard.size() + 1);
        for (int i = 0; i < good; i++) {
            shakeHands(heard.get(i), seconds() - random.nextInt(10 * 3600));
        }
        if (rarely(4)) {
            crowd();
        }
        if (rarely(15)) {
            var many = new ArrayList<AddressEntry>();
            for (int i = 0; i < 2_000; i++) {
                String host = "31." + i % 200 + ".1." + i / 200 + ":8333";
                many.add(new AddressEntry(seconds(), 9, NetAddress.parse(host, PORT)));
            }
            parts.book.add(many, many.getFirst().address(), 0, seconds());
            model.book.add(many, many.getFirst().address(), 0, seconds());
        }
    }

    /// More addresses of one group than have a place each: some must be tested again.
    private void crowd() {
        NetAddress source = NetAddress.parse("70.1.1.1", PORT);
        boolean someAreIn = random.nextBoolean();
        for (int i = 0; i < 180; i++) {
            String host = "33.7." + i / 100 + "." + (1 + i % 100);
            var entry = new AddressEntry(seconds(), 9, NetAddress.parse(host, PORT));
            parts.book.add(List.of(entry), source, 0, seconds());
            model.book.add(List.of(entry), source, 0, seconds());
            long hours = i < 120 ? random.nextInt(4, 7) : 0;
            shakeHands(entry.address(), seconds() - hours * 3_600 - random.nextInt(1_200));
            heard.add(entry.address());
            if (i < 120 && someAreIn && i % 3 == 0) {
                accept(entry.address());
            }
        }
    }

    private boolean rarely(int times) {
        return settings.rarely(times);
    }

    private <T> T any(List<T> of) {
        return settings.any(of);
    }

    Now now() {
        return new Now(nanos, Instant.ofEpochSecond(WALL + wallSeconds).plusNanos(nanos));
    }

    private long seconds() {
        return now().unixSeconds();
    }

    private void tell() {
        parts.tellTime(now());
        model.tell(now());
    }

    private void tick() {
        tell();
        plan.onTick(now(), out);
        model.tick();
        compare();
        long deadline = plan.nextDeadlineNanos().orElse(Long.MAX_VALUE);
        long demand = model.demand();
        assertThat(deadline).as("not too late").isLessThanOrEqualTo(demand);
        if (demand > nanos) {
            assertThat(deadline).as("not in a circle").isGreaterThan(nanos);
        }
    }

    // ---- the world

    private void hear(NetAddress source) {
        int age = random.nextInt(rarely(3) ? 40 * 86_400 : 3_600);
        AddressEntry entry = settings.entry(seconds() - age);
        parts.book.add(List.of(entry), source, 0, seconds());
        model.book.add(List.of(entry), source, 0, seconds());
        heard.add(entry.address());
    }

    private void shakeHands(NetAddress address, long seconds) {
        parts.book.good(address, seconds);
        model.book.good(address, seconds);
    }

    private List<Line> lines(Fate fate) {
        return model.diary.stream().filter(each -> each.fate == fate).toList();
    }

    /// A dial is answered.
    private void answer(Line line, boolean isAlive) {
        Dial dial = Check.present(dialler.take(line.id), "a dial under way");
        assertThat(dial).isEqualTo(line.dial);
        if (!isAlive || !model.active) {
            line.fate = Fate.GONE;
            if (!isAlive) {
                parts.book.failed(dial.address(), "nobody there");
                wake();
            }
            return;
        }
        if (dial.type() == ADDR_FETCH) {
            ask(dial.address());
        }
        connect(line);
    }

    private void keep(NetAddress address) {
        if (address.network() == NetworkId.IPV4) {
            String name = rarely(3) ? address.addressText() : address.toString();
            assertThat(plan.added().add(name, false)).isEqualTo(model.keep(name, false));
        }
    }

    private void ask(NetAddress address) {
        plan.onAsked(address);
        model.askedForAddresses(address);
    }

    private void connect(Line line) {
        line.peer = new PeerId(nextPeer++);
        line.fate = Fate.OPEN;
        line.openedNanos = nanos;
        Peer peer =
                new Peer.Builder(
                                line.peer,
                                line.type(),
                                line.address,
                                NetAddress.UNSPECIFIED,
                                false,
                                PeerPermissions.NONE,
                                nanos)
                        .build();
        parts.connections.add(
                new Connection(peer, new Connection.Opening(line.dial, 0, 0, false, seconds())));
    }

    private void handshake(Line line) {
        if (line.ready) {
            return;
        }
        line.ready = true;
        line.services = settings.services();
        Peer peer = Check.present(parts.connections.find(line.peer), "a connection");
        peer.versionReceived(EngineWorld.version(1, line.services), 70_016);
        peer.becomeReady();
        if (!peer.isInbound()) {
            shakeHands(line.address, seconds());
        }
        if (line.type() == FEELER) {
            close(line);
        }
    }

    private void close(Line line) {
        parts.connections.disconnect(line.peer, "any reason", out);
        line.fate = Fate.CLOSING;
        model.out.add(new PeerOutput.Disconnect(line.peer, "any reason"));
    }

    private void end(Line line) {
        Connection connection = Check.present(parts.connections.get(line.peer), "it is there");
        parts.connections.remove(line.peer);
        line.fate = Fate.GONE;
        if (!line.ready && line.dial.v2() && rarely(2) && model.active) {
            // They do not know BIP-0324.
            dialler.retryAsV1(connection);
            model.tryOldTransport(line);
        }
        wake();
    }

    private void wake() {
        plan.wake(now());
        model.wake();
    }

    private void accept(NetAddress address) {
        var line = new Line(Dial.NONE, new DialId(-1), address);
        model.diary.add(line);
        connect(line);
    }

    private void resolve(String name) {
        resolving.remove(name);
        var found = new ArrayList<NetAddress>();
        for (int i = rarely(3) ? 0 : random.nextInt(1, 40); i > 0; i--) {
            found.add(settings.address());
        }
        if (!plan.onResolved(name, found, now())) {
            dialler.onResolved(name, found, now(), out);
        }
        model.resolved(name, found);
    }

    private BlockHeader header(BlockHash before, long time) {
        return new BlockHeader(4, before, Digest256.ZERO, time, 1, random.nextInt(1 << 30));
    }

    private void chain(ChainEvent event) {
        parts.blocks.onChainEvent(event, now(), new Outbox());
    }

    /// The chain is loaded, or a block comes.
    private void grow() {
        if (model.tipTime == 0) {
            chain(new ChainEvent.Loaded(List.of(tip), List.of(tip), tip, false));
        } else {
            HeaderNode old = tip;
            int age = random.nextInt(rarely(2) ? 100_000 : 600);
            BlockHeader header = header(old.hash(), seconds() - age);
            tip = HeaderNode.of(header, header.hash(), old, BigInteger.ONE);
            var origin = new Origin(-1);
            chain(new ChainEvent.HeadersAccepted(origin, List.of(tip), List.of(tip)));
            chain(new ChainEvent.BlockStored(origin, tip, true));
            chain(new ChainEvent.BlockConnected(tip, null));
            chain(new ChainEvent.TipChanged(old, tip, old, false));
            model.lastBlockNanos = nanos;
        }
        model.tipTime = tip.time();
    }

    // ---- the operator

    private void command() {
        NetAddress one = known();
        boolean isNamed = one.network() != NetworkId.IPV4 || rarely(2);
        String name = isNamed ? settings.name() : one.toString();
        boolean v2 = random.nextBoolean();
        switch (random.nextInt(12)) {
            case 0, 1 -> assertThat(plan.added().add(name, v2)).isEqualTo(model.keep(name, v2));
            case 2, 3 -> {
                String old = model.kept.isEmpty() ? name : any(model.kept).name;
                assertThat(plan.added().remove(old)).isEqualTo(model.forget(old));
            }
            case 4, 5 -> {
                List<ConnectionType> types =
                        List.of(MANUAL, OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, ADDR_FETCH, FEELER);
                Dial dial = Dial.named(name, any(types), v2);
                dialler.dial(dial, now(), out);
                model.dial(dial);
            }
            case 6 -> {
                model.limits = settings.limits();
                parts.limits = model.limits;
                wake();
            }
            case 7 -> setActive(!model.active);
            case 8, 9 -> punish();
            default -> own();
        }
        tick();
    }

    private void setActive(boolean active) {
        dialler.setActive(active);
        model.active = active;
        if (!active) {
            lines(Fate.OPEN).forEach(this::close);
        }
        wake();
    }

    private NetAddress known() {
        List<AddressEntry> anchors = parts.options.sources().anchors();
        if (!anchors.isEmpty() && rarely(8)) {
            return any(anchors).address();
        }
        return heard.isEmpty() ? settings.address() : any(heard);
    }

    private void punish() {
        NetAddress host = known().withPort(0);
        if (model.unwanted.contains(host)) {
            parts.bans.unban(Subnet.of(host));
            if (!parts.bans.isDiscouraged(host)) {
                model.unwanted.remove(host);
            }
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> parts.bans.ban(Subnet.of(host), YEARS, false, seconds());
            case 1 -> parts.bans.discourage(host);
            default -> parts.bans.banHost(host, YEARS, BanEntry.Reason.SHADOW, seconds());
        }
        model.unwanted.add(host);
    }

    private void own() {
        NetAddress address = known();
        if (model.own.remove(address)) {
            parts.locals.remove(address);
        } else if (parts.locals.add(address, LocalAddresses.MANUAL)) {
            model.own.add(address);
        }
    }

    // ---- time

    private void to(long moment) {
        if (moment > nanos && moment - nanos < 1_800 * SECOND) {
            nanos = moment;
        }
        tell();
    }

    private void pass() {
        long deadline = plan.nextDeadlineNanos().orElse(0);
        if (rarely(60)) {
            // Somebody sets the clock.
            wallSeconds += random.nextInt(-7_200, 7_200);
        }
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> to(deadline);
            case 4 -> to(deadline + random.nextInt(-1, 2));
            case 5 -> to(nanos + SECOND / 2);
            case 6 -> to(nanos + random.nextLong(5 * SECOND));
            case 7 -> to(nanos + random.nextLong(60 * SECOND));
            case 8 -> to(any(moments()) + random.nextInt(-1, 2));
            default -> to(nanos + random.nextLong((rarely(4) ? 1_200 : 120) * SECOND));
        }
        tick();
    }

    /// Limits of time, and when who was tried may be tried again.
    private List<Long> moments() {
        List<Long> all = model.moments();
        AddrManEntry entry = parts.book.find(known());
        if (entry != null) {
            long again = entry.lastTrySeconds() + 600 - WALL - wallSeconds;
            all.add(again * SECOND);
            all.add(again * SECOND);
        }
        return all;
    }

    /// All goes well for a while.
    private void settle() {
        for (int i = 0; i < 14; i++) {
            long deadline = plan.nextDeadlineNanos().orElse(0);
            to(Math.min(deadline, nanos + 20 * SECOND));
            tick();
            List.copyOf(resolving).forEach(this::resolve);
            lines(Fate.DIALLED).forEach(each -> answer(each, !rarely(8)));
            for (Line each : lines(Fate.OPEN)) {
                if (each.dial.v2() && !each.ready && rarely(6)) {
                    end(each);
                } else {
                    handshake(each);
                }
            }
            lines(Fate.CLOSING).forEach(this::end);
        }
    }

    void step() {
        List<Line> dialled = lines(Fate.DIALLED);
        List<Line> open = lines(Fate.OPEN);
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> {
                if (!dialled.isEmpty()) {
                    answer(any(dialled), !rarely(4));
                }
            }
            case 3, 4 -> {
                if (!open.isEmpty()) {
                    handshake(any(open));
                }
            }
            case 5, 6 -> settle();
            case 7 -> {
                if (!open.isEmpty()) {
                    end(any(open));
                }
            }
            case 8 -> lines(Fate.CLOSING).forEach(this::end);
            case 9 -> {
                if (!resolving.isEmpty()) {
                    resolve(any(resolving));
                }
            }
            case 10 -> hear(rarely(3) ? known() : NetAddress.parse("70.1.1.1", PORT));
            case 11 -> command();
            case 12 -> {
                if (rarely(3)) {
                    accept(known());
                }
            }
            case 13 -> {
                if (rarely(2)) {
                    grow();
                }
            }
            case 14 -> {
                if (rarely(5)) {
                    open.forEach(this::end);
                }
            }
            default -> pass();
        }
        compare();
    }

    private void compare() {
        var happened = new ArrayList<PeerOutput>();
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            happened.add(each);
            if (each instanceof PeerOutput.Resolve(String name, int _)) {
                resolving.add(name);
            }
        }
        assertThat(happened).isEqualTo(model.out);
        model.out.clear();
        assertThat(dialler.underWay())
                .containsExactlyElementsOf(
                        lines(Fate.DIALLED).stream().map(each -> each.dial).toList());
        assertThat(parts.book.size()).isEqualTo(model.book.size());
    }

    void compareBooks() {
        assertThat(facts(parts.book)).isEqualTo(facts(model.book));
    }

    private static Map<NetAddress, List<Object>> facts(AddrMan book) {
        var all = new TreeMap<NetAddress, List<Object>>();
        for (boolean tried : List.of(false, true)) {
            for (AddrMan.Placed each : book.entries(tried)) {
                AddrManEntry one = each.entry();
                all.put(
                        one.address(),
                        List.of(
                                tried,
                                one.source(),
                                one.services(),
                                one.timeSeconds(),
                                one.lastTrySeconds(),
                                one.lastSuccessSeconds(),
                                one.attempts()));
            }
        }
        return all;
    }
}
