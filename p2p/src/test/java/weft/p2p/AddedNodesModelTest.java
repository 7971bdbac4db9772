package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.sync.SyncRules;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;

/// [AddedNodes] against a model that keeps a diary of each peer that is wanted.
class AddedNodesModelTest implements SeenRed {
    private static final long SECOND = 1_000_000_000;
    private static final int PORT = EngineWorld.PORT;

    /// What an operator may write.
    ///
    /// @param address where that is; null for a name that must be looked up
    private record Name(String text, String host, int port, @Nullable NetAddress address) {
        static Name of(String text, String host, int port) {
            return new Name(text, host, port, null);
        }

        static Name numeric(String text, String full) {
            return new Name(text, text, PORT, NetAddress.parse(full, 1));
        }
    }

    /// Of one host the first two are the same, and the fourth and fifth.
    private static Stream<Name> namesOf(int number) {
        String four = "60.1.1." + number;
        String six = "2a00::" + number;
        String host = "host" + number + ".example";
        return Stream.of(
                Name.numeric(four, four + ":8333"),
                Name.numeric(four + ":8333", four + ":8333"),
                Name.numeric(four + ":9000", four + ":9000"),
                Name.numeric(six, "[" + six + "]:8333"),
                Name.numeric("[" + six + "]:8333", "[" + six + "]:8333"),
                Name.of(host, host, PORT),
                Name.of(host + ":9000", host, 9000));
    }

    /// When it was tried; what was before it was last seen does not count.
    private static final class Wanted {
        final Name name;
        final boolean v2;
        final boolean added;
        final List<Long> tries = new ArrayList<>();

        Wanted(Name name, boolean v2, boolean added) {
            this.name = name;
            this.v2 = v2;
            this.added = added;
        }

        /// After each try in vain the pause is twice as long: from two seconds to a minute, for `-connect`
        /// from half a second to five.
        long next() {
            if (tries.isEmpty()) {
                return Long.MIN_VALUE;
            }
            double first = added ? 2 : 0.5;
            double pause = Math.min(added ? 60 : 5, first * Math.pow(2, tries.size() - 1));
            return tries.getLast() + (long) (pause * SECOND);
        }
    }

    /// A connection that is not made yet.
    private record Going(DialId id, String name, NetAddress address, ConnectionType type) {}

    /// All that there is, in lists.
    private static final class Model {
        final List<Wanted> wanted = new ArrayList<>();
        final List<Connection> open = new ArrayList<>();
        final List<Going> going = new ArrayList<>();

        /// Whose addresses are asked for.
        final List<Wanted> asked = new ArrayList<>();

        final List<PeerOutput> out = new ArrayList<>();
        boolean active = true;
        long dials;

        boolean add(Name name, boolean v2) {
            boolean isOld =
                    wanted.stream()
                            .filter(each -> each.added)
                            .anyMatch(each -> isSame(each.name, name));
            if (!isOld) {
                wanted.add(new Wanted(name, v2, true));
            }
            return !isOld;
        }

        private static boolean isSame(Name a, Name b) {
            return a.text.equals(b.text) || (a.address != null && a.address.equals(b.address));
        }

        @Nullable Connection connectionOf(Name name) {
            return Stream.concat(
                            open.stream().filter(each -> each.peer.address().equals(name.address)),
                            open.stream().filter(each -> each.dial.name().equals(name.text)))
                    .findFirst()
                    .orElse(null);
        }

        boolean isUnderWay(Name name) {
            return going.stream().anyMatch(each -> each.name.equals(name.text))
                    || asked.stream().anyMatch(each -> each.name.host.equals(name.host));
        }

        /// All that is asked for is manual.
        private long manual() {
            return asked.size()
                    + Stream.concat(
                                    open.stream().map(each -> each.peer.type()),
                                    going.stream().map(Going::type))
                            .filter(ConnectionType.MANUAL::equals)
                            .count();
        }

        /// A connection to an address, unless there is one, or one under way.
        void begin(String name, NetAddress to, boolean v2) {
            boolean isThere =
                    Stream.concat(
                                    open.stream().map(each -> each.peer.address()),
                                    going.stream().map(Going::address))
                            .anyMatch(to::equals);
            if (!isThere) {
                var id = new DialId(dials++);
                going.add(new Going(id, name, to, ConnectionType.MANUAL));
                out.add(new PeerOutput.Connect(id, to, ConnectionType.MANUAL, v2));
            }
        }

        /// Whoever is missing is tried when its pause is over. Of those of `addnode` no more than eight are
        /// there or tried.
        void tick(long nanos) {
            if (!active) {
                return;
            }
            long room = 8 - manual();
            for (Wanted each : wanted) {
                if (connectionOf(each.name) != null) {
                    each.tries.clear();
                } else if ((room > 0 || !each.added)
                        && each.next() <= nanos
                        && !isUnderWay(each.name)) {
                    each.tries.add(nanos);
                    room--;
                    if (each.name.address == null) {
                        asked.add(each);
                        out.add(new PeerOutput.Resolve(each.name.host, each.name.port));
                    } else {
                        begin(each.name.text, each.name.address, each.v2);
                    }
                }
            }
        }

        OptionalLong deadline() {
            return wanted.stream()
                    .filter(each -> active && (manual() < 8 || !each.added))
                    .filter(each -> connectionOf(each.name) == null && !isUnderWay(each.name))
                    .mapToLong(Wanted::next)
                    .min();
        }

        List<AddedNode> snapshot() {
            return wanted.stream()
                    .filter(each -> each.added)
                    .map(each -> shown(each.name))
                    .toList();
        }

        private AddedNode shown(Name name) {
            Connection found = connectionOf(name);
            return found == null
                    ? new AddedNode(name.text, NetAddress.UNSPECIFIED, false, false)
                    : new AddedNode(
                            name.text,
                            found.peer.address(),
                            true,
                            found.peer.type() == ConnectionType.INBOUND);
        }

        /// By its text, with the port or without; other ways to write it do not count.
        boolean contains(String bare, String full) {
            return wanted.stream()
                    .filter(each -> each.added)
                    .anyMatch(each -> List.of(bare, full).contains(each.name.text));
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;

        /// What the operator may write here.
        final List<Name> pool;

        final EngineParts parts;
        final Dialler dialler;
        final AddedNodes machine;
        final Model model = new Model();
        final Outbox out = new Outbox();
        long nanos;
        long nextPeer;

        World(SplittableRandom random) {
            this.random = random;
            boolean some = random.nextBoolean();
            pool =
                    Stream.iterate(1, each -> each + 1)
                            .limit(some ? 2 : 12)
                            .flatMap(AddedNodesModelTest::namesOf)
                            .filter(each -> !some || random.nextBoolean())
                            .filter(each -> random.nextInt(3) > 0)
                            .toList();
            List<Name> connect = some(pool, 3);
            List<Name> added = some(pool, 5);
            P2pOptions options = EngineWorld.standard();
            options =
                    options.with(
                            options.sources()
                                    .withConnect(texts(connect))
                                    .withAddNodes(texts(added)));
            parts =
                    new EngineParts(
                            options,
                            PeerEngine.Memory.empty(options, random.split(), Log.NONE),
                            SyncRules.of(ChainParams.of(Network.REGTEST)),
                            random.split(),
                            Log.NONE);
            dialler = new Dialler(parts);
            machine = new AddedNodes(parts, dialler);
            connect.forEach(each -> model.wanted.add(new Wanted(each, true, false)));
            added.forEach(each -> model.add(each, true));
            nanos = random.nextLong(1_000 * SECOND) - 500 * SECOND;
        }

        private List<Name> some(List<Name> of, int most) {
            var found = new ArrayList<Name>();
            for (int i = of.isEmpty() ? 0 : random.nextInt(most); i > 0; i--) {
                found.add(any(of));
            }
            return found.stream().distinct().toList();
        }

        private static List<String> texts(List<Name> of) {
            return of.stream().map(Name::text).toList();
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private Now now() {
            return new Now(nanos, Instant.ofEpochSecond(1_600_000_000));
        }

        // ---- connections

        private void connect(Dial dial, ConnectionType type, NetAddress address) {
            var peer =
                    new Peer.Builder(
                                    new PeerId(nextPeer++),
                                    type,
                                    address,
                                    NetAddress.UNSPECIFIED,
                                    false,
                                    new PeerPermissions(0),
                                    nanos)
                            .build();
            var connection = new Connection(peer, new Connection.Opening(dial, 0, 0, false, 1));
            parts.connections.add(connection);
            model.open.add(connection);
        }

        /// A dial comes to an end.
        private void end() {
            if (model.going.isEmpty()) {
                return;
            }
            Going end = any(model.going);
            model.going.remove(end);
            Dial dial = Check.present(dialler.take(end.id), "it is under way");
            assertThat(dial.name()).isEqualTo(end.name);
            if (random.nextInt(3) > 0) {
                connect(dial, end.type, end.address);
            }
        }

        /// A name is looked up.
        private void resolve() {
            if (model.asked.isEmpty()) {
                return;
            }
            Wanted asked = model.asked.removeFirst();
            NetAddress found = address();
            boolean isFound = random.nextInt(4) > 0;
            dialler.onResolved(asked.name.host, isFound ? List.of(found) : List.of(), now(), out);
            if (isFound && model.active) {
                model.begin(asked.name.text, found, asked.v2);
            }
        }

        /// Of somebody who is wanted, or of nobody.
        private NetAddress address() {
            List<NetAddress> all =
                    pool.stream()
                            .flatMap(each -> Stream.ofNullable(each.address))
                            .distinct()
                            .toList();
            return all.isEmpty() || random.nextBoolean()
                    ? NetAddress.parse("61.1.1." + random.nextInt(1, 250), PORT)
                    : any(all);
        }

        private void come() {
            ConnectionType type =
                    any(List.of(ConnectionType.INBOUND, ConnectionType.OUTBOUND_FULL_RELAY));
            connect(Dial.NONE, type, address());
        }

        private void go() {
            if (model.open.isEmpty()) {
                return;
            }
            Connection gone = any(model.open);
            model.open.remove(gone);
            if (random.nextBoolean()) {
                parts.connections.disconnect(gone.id(), "any reason", out);
                out.poll();
            } else {
                parts.connections.remove(gone.id());
            }
        }

        /// `addnode onetry`.
        private void tryOnce() {
            NetAddress address = address();
            String text = address.toString();
            dialler.dial(Dial.named(text, ConnectionType.MANUAL, false), now(), out);
            boolean isThere =
                    model.open.stream().anyMatch(each -> each.dial.name().equals(text))
                            || model.going.stream().anyMatch(each -> each.name.equals(text));
            if (model.active && !isThere) {
                model.begin(text, address, false);
            }
        }

        // ---- time

        /// Often to the nanosecond at which a pause is over.
        private void pass() {
            List<Long> ends =
                    model.wanted.stream()
                            .mapToLong(Wanted::next)
                            .flatMap(each -> LongStream.of(each - 1, each))
                            .filter(each -> each > nanos)
                            .sorted()
                            .boxed()
                            .toList();
            if (random.nextInt(3) > 0 && !ends.isEmpty()) {
                nanos = any(ends.subList(0, Math.min(4, ends.size())));
            } else {
                nanos += random.nextLong((random.nextInt(4) == 0 ? 70 : 2) * SECOND);
            }
        }

        void step() {
            switch (random.nextInt(16)) {
                case 0 -> {
                    Name name = any(pool);
                    boolean v2 = random.nextBoolean();
                    assertThat(machine.add(name.text, v2)).isEqualTo(model.add(name, v2));
                }
                case 1 -> {
                    if (random.nextInt(3) == 0) {
                        String text = any(pool).text;
                        assertThat(machine.remove(text))
                                .isEqualTo(
                                        model.wanted.removeIf(
                                                each -> each.added && each.name.text.equals(text)));
                    }
                }
                case 2, 3, 4 -> end();
                case 5 -> resolve();
                case 6, 7 -> go();
                case 8 -> {
                    if (model.open.size() < 16) {
                        come();
                    }
                }
                case 9 -> {
                    if (model.manual() < 3 || random.nextInt(4) == 0) {
                        tryOnce();
                    }
                }
                case 10 -> {
                    if (!model.active || random.nextInt(5) == 0) {
                        model.active = !model.active;
                        dialler.setActive(model.active);
                    }
                }
                default -> {
                    pass();
                    machine.onTick(now(), out);
                    model.tick(nanos);
                }
            }
            compare();
        }

        private void compare() {
            var done = new ArrayList<PeerOutput>();
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                done.add(each);
            }
            assertThat(done).isEqualTo(model.out);
            model.out.clear();
            assertThat(machine.nextDeadlineNanos()).isEqualTo(model.deadline());
            assertThat(machine.hasAdded()).isEqualTo(!model.snapshot().isEmpty());
            assertThat(machine.snapshot()).isEqualTo(model.snapshot());
            for (int i = 1; i <= 2; i++) {
                String four = "60.1.1." + i;
                String six = "2a00::" + i;
                assertContains(four, four + ":8333");
                assertContains(four, four + ":9000");
                assertContains(six, "[" + six + "]:8333");
            }
        }

        private void assertContains(String bare, String full) {
            assertThat(machine.contains(NetAddress.parse(full, 1)))
                    .isEqualTo(model.contains(bare, full));
        }
    }

    @Test
    @DisplayName("When a peer that the operator wants is dialled again is as a diary of tries says")
    @Sabotage(
            type = "weft.p2p.AddedNodes$Wanted",
            method = "tried",
            constant = "60000000000>64000000000")
    @Sabotage(
            type = "weft.p2p.AddedNodes$Wanted",
            method = "tried",
            constant = "5000000000>8000000000")
    @Sabotage(type = "weft.p2p.AddedNodes$Wanted", method = "worked", returns = "void")
    @Sabotage(type = "weft.p2p.AddedNodes", method = "onTick", constant = "8>9")
    @Sabotage(type = "weft.p2p.AddedNodes", method = "nextDeadlineNanos", constant = "8>9")
    @Sabotage(
            type = "weft.p2p.AddedNodes",
            method = "onTick",
            call = "isUnderWay",
            returns = "false")
    @Sabotage(type = "weft.p2p.AddedNodes", method = "add", call = "equals", returns = "false")
    @Sabotage(type = "weft.p2p.AddedNodes", method = "contains", returns = "false")
    @Sabotage(type = "weft.p2p.Dialler", method = "onResolved", flips = 2)
    @Sabotage(type = "weft.p2p.Dialler", method = "count", flips = 7)
    void shouldDialAsTheModel() {
        Property.holds(
                100,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 150 && !world.pool.isEmpty(); i++) {
                        world.step();
                    }
                });
    }
}
