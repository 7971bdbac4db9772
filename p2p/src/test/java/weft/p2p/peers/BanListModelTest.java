package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.peers.BanEntry.Reason;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// [BanList] against a plain list that is searched for each question.
class BanListModelTest implements SeenRed {
    private static final int DAY = 86_400;
    private static final long FAR = Long.MAX_VALUE / 2;

    /// A list as Bitcoin Core has it, with what our scores add: hosts, and those that are let in and not
    /// heard.
    private static final class Model {
        private static final Comparator<BanEntry> BY_RANGE =
                Comparator.<BanEntry, NetworkId>comparing(each -> each.subnet().base().network())
                        .thenComparing(each -> each.subnet().base().address().toString())
                        .thenComparing(each -> each.subnet().mask().toString());

        final long banTime;
        final List<BanEntry> all = new ArrayList<>();
        final Set<NetAddress> discouraged = new HashSet<>();

        /// Differs from what was saved.
        boolean changed;

        Model(long banTime) {
            this.banTime = banTime;
        }

        @Nullable BanEntry find(Subnet range) {
            return all.stream()
                    .filter(each -> each.subnet().equals(range))
                    .findFirst()
                    .orElse(null);
        }

        /// Those whose end is over leave the list when something is banned or loaded, not before: till
        /// then one may still end them.
        void sweep(long now) {
            changed |= all.removeIf(each -> each.untilSeconds() < now);
        }

        /// One for each range. Of scores there are fifty thousand, those that end last; of those that end
        /// in the same second it does not matter which.
        void put(BanEntry entry) {
            all.removeIf(each -> each.subnet().equals(entry.subnet()));
            all.add(entry);
            changed = true;
            List<BanEntry> scores =
                    all.stream().filter(each -> each.reason() != Reason.OPERATOR).toList();
            if (scores.size() > 50_000) {
                scores.stream()
                        .min(
                                Comparator.comparingLong(BanEntry::untilSeconds)
                                        .thenComparing(BY_RANGE))
                        .ifPresent(all::remove);
            }
        }

        /// The last run's list is no change; that some of it is over is one.
        void load(List<BanEntry> entries, long now) {
            boolean before = changed;
            entries.forEach(this::put);
            changed = before;
            sweep(now);
        }

        /// What lasts longer stays, unless it is a shadow, which keeps nobody out.
        void ban(Subnet range, long seconds, boolean absolute, long now) {
            long until = sum(now, banTime);
            if (seconds > 0) {
                until = absolute ? seconds : sum(now, seconds);
            }
            sweep(now);
            BanEntry old = find(range);
            if (old == null || old.reason() == Reason.SHADOW || old.untilSeconds() < until) {
                put(new BanEntry(range, now, until, Reason.OPERATOR));
            }
        }

        void banHost(NetAddress host, long seconds, Reason reason, long now) {
            BanEntry old = find(Subnet.of(host));
            boolean isOperators =
                    old != null && old.reason() == Reason.OPERATOR && isInForce(old, now);
            long until = sum(now, seconds);
            if (!isOperators && (old == null || old.untilSeconds() < until)) {
                put(new BanEntry(Subnet.of(host), now, until, reason));
            }
        }

        /// No end lies beyond the last number.
        private static long sum(long a, long b) {
            return BigInteger.valueOf(a)
                    .add(BigInteger.valueOf(b))
                    .min(BigInteger.valueOf(Long.MAX_VALUE))
                    .longValueExact();
        }

        boolean unban(Subnet range) {
            boolean found = all.removeIf(each -> each.subnet().equals(range));
            changed |= found;
            return found;
        }

        void clear() {
            all.clear();
            changed = true;
        }

        private static boolean isInForce(BanEntry entry, long now) {
            return now < entry.untilSeconds();
        }

        private static boolean isIn(Subnet range, NetAddress address) {
            NetAddress base = range.base();
            if (!address.isValid() || address.network() != base.network()) {
                return false;
            }
            Bytes mask = range.mask();
            for (int i = 0; i < base.address().length(); i++) {
                int bits = mask.isEmpty() ? 0xff : mask.at(i);
                if ((address.address().at(i) & bits) != base.address().at(i)) {
                    return false;
                }
            }
            return true;
        }

        boolean isHit(NetAddress address, boolean shadow, long now) {
            return all.stream()
                    .anyMatch(
                            each ->
                                    isInForce(each, now)
                                            && (each.reason() == Reason.SHADOW) == shadow
                                            && isIn(each.subnet(), address));
        }

        boolean isBanned(Subnet range, long now) {
            BanEntry found = find(range);
            return found != null && found.reason() != Reason.SHADOW && isInForce(found, now);
        }

        /// In its last second a ban is still listed, though not in force any more.
        List<BanEntry> listed(long now) {
            return all.stream()
                    .filter(each -> now <= each.untilSeconds())
                    .sorted(BY_RANGE)
                    .toList();
        }
    }

    /// The machine and the model side by side.
    private static final class World {
        final SplittableRandom random;
        final BanList machine;
        final Model model;
        final List<NetAddress> pool = new ArrayList<>();
        long now = 1_700_000_000;

        World(SplittableRandom random) {
            this.random = random;
            long banTime = random.nextBoolean() ? DAY : random.nextInt(3_000);
            machine = new BanList(Duration.ofSeconds(banTime), random.split());
            model = new Model(banTime);
            for (int i = 0; i < 3; i++) {
                pool.add(NetAddress.parse("1.2.3." + i, 0));
                pool.add(NetAddress.parse("1.2." + (1 << i) + ".4", 0));
                pool.add(NetAddress.parse((1 << i) + ".2.3.4", 0));
                pool.add(NetAddress.parse("2a00::" + i, 0));
                pool.add(NetAddress.parse("2a00:" + (1 << i) + "::1", 0));
            }
            for (NetworkId each : List.of(NetworkId.TORV3, NetworkId.I2P)) {
                Bytes key = Bytes.wrap(Property.bytes(random, each.addressBytes()));
                pool.add(new NetAddress(each, key, 0));
            }
            pool.add(NetAddress.parse("fc00::1", 0).flipToCjdns());
            pool.add(NetAddress.parse("fc00::1", 0));
            pool.add(NetAddress.UNSPECIFIED);
        }

        /// The port does not matter.
        private NetAddress address() {
            return pool.get(random.nextInt(pool.size())).withPort(random.nextInt(3));
        }

        private Subnet range() {
            NetAddress address = address();
            if (!address.isV1Compatible() || random.nextInt(3) == 0) {
                return Subnet.of(address);
            }
            int all = 8 * address.address().length();
            return switch (random.nextInt(4)) {
                case 0 -> Subnet.of(address, random.nextInt(all + 1));
                case 1 -> Subnet.of(address, random.nextInt(20) == 0 ? 0 : all - 1);
                default -> Subnet.of(address, all / 4 * random.nextInt(1, 4));
            };
        }

        private Reason reason() {
            return random.nextBoolean() ? Reason.SCORE : Reason.SHADOW;
        }

        /// Often to the second of what ends some time, or one beside it; time does not go on until what ends
        /// never.
        private long time() {
            List<BanEntry> ends =
                    model.all.stream().filter(each -> each.untilSeconds() < FAR).toList();
            if (ends.isEmpty() || random.nextBoolean()) {
                return now + random.nextInt(-2, random.nextBoolean() ? 3 : 2 * DAY);
            }
            BanEntry some = ends.get(random.nextInt(ends.size()));
            return some.untilSeconds() + random.nextInt(-1, 2);
        }

        private Subnet oldRange() {
            boolean any = model.all.isEmpty() || random.nextInt(3) == 0;
            return any ? range() : model.all.get(random.nextInt(model.all.size())).subnet();
        }

        void step() {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> ban(random.nextBoolean() ? range() : oldRange());
                case 4, 5, 6, 7 -> {
                    NetAddress host = random.nextBoolean() ? address() : oldRange().base();
                    Reason reason = reason();
                    long seconds = time() - now;
                    machine.banHost(host, seconds, reason, now);
                    model.banHost(host, seconds, reason, now);
                }
                case 8, 9 -> {
                    Subnet range = oldRange();
                    assertThat(machine.unban(range)).isEqualTo(model.unban(range));
                }
                case 10 -> {
                    NetAddress address = address();
                    if (random.nextInt(8) == 0) {
                        machine.discourage(address);
                        model.discouraged.add(address.withPort(0));
                    }
                }
                case 11 -> rare();
                case 12 -> {
                    assertThat(machine.takeChanged()).isEqualTo(model.changed);
                    model.changed = false;
                }
                default -> now = random.nextInt(20) == 0 ? now - 100 : Math.max(now, time());
            }
            compare();
        }

        private void ban(Subnet range) {
            boolean absolute = random.nextBoolean();
            long seconds =
                    switch (random.nextInt(6)) {
                        case 0 -> random.nextInt(-1, 2);
                        case 1 -> Long.MAX_VALUE - random.nextInt(2);
                        case 2 -> absolute ? now : Long.MAX_VALUE - now + random.nextInt(-1, 2);
                        default -> absolute ? time() : time() - now;
                    };
            machine.ban(range, seconds, absolute, now);
            model.ban(range, seconds, absolute, now);
        }

        private void rare() {
            switch (random.nextInt(5)) {
                case 0 -> {
                    machine.clear();
                    model.clear();
                }
                case 1, 2 -> {
                    var entries = new ArrayList<BanEntry>();
                    for (int i = random.nextInt(5); i > 0; i--) {
                        Reason any = Reason.values()[random.nextInt(3)];
                        entries.add(new BanEntry(range(), now - 100, time(), any));
                    }
                    machine.load(entries, now);
                    model.load(entries, now);
                }
                default -> {}
            }
        }

        private void compare() {
            assertThat(machine.entries(now)).isEqualTo(model.listed(now));
            assertThat(machine.isSpotless())
                    .isEqualTo(model.all.isEmpty() && model.discouraged.isEmpty());
            Subnet range = oldRange();
            assertThat(machine.isBanned(range, now)).isEqualTo(model.isBanned(range, now));
            for (NetAddress each : pool) {
                compare(each.withPort(random.nextInt(2)));
            }
            compare(NetAddress.internal("x9.seed.example"));
            byte[] ip = Property.bytes(random, random.nextBoolean() ? 4 : 16);
            compare(NetAddress.ofIp(ip, 8333));
        }

        private void compare(NetAddress address) {
            assertThat(machine.isBanned(address, now)).isEqualTo(model.isHit(address, false, now));
            assertThat(machine.isShadowed(address, now)).isEqualTo(model.isHit(address, true, now));
            // The form that is remembered is the same for CJDNS and for IPv6.
            boolean discouraged =
                    model.discouraged.stream()
                            .anyMatch(each -> each.addrBytes().equals(address.addrBytes()));
            assertThat(machine.isDiscouraged(address)).isEqualTo(discouraged);
        }
    }

    @Test
    @DisplayName("Who is banned, shadowed and discouraged, and until when, is as a plain list says")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "ban", flips = 1)
    @Sabotage(type = "weft.p2p.peers.BanList", method = "ban", call = "sweep")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "banHost",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "matches",
            call = "isValid",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "matches",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "isBanned", flips = 2)
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "isBanned",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "ban",
            call = "reason",
            returns = "weft.p2p.peers.BanEntry$Reason.SCORE")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "end",
            constant = "9223372036854775807>9223372036854775806")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "load", call = "sweep")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "clear", call = "clear")
    @Sabotage(
            type = "weft.p2p.peers.BanList",
            method = "isSpotless",
            call = "isEmpty",
            returns = "true")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "takeChanged", returns = "true")
    void shouldBanAsTheModel() {
        Property.holds(
                60,
                random -> {
                    var world = new World(random);
                    for (int i = 0; i < 120; i++) {
                        world.step();
                    }
                });
    }

    @Test
    @DisplayName("C08 with 50,000 hosts banned, which of them goes for another is as a list says")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "limit", constant = "50000>50001")
    void shouldForgetTheHostThatEndsFirst() {
        var random = new SplittableRandom(8);
        var world = new World(random);
        var hosts = new ArrayList<BanEntry>();
        for (int i = 0; i < 49_990; i++) {
            long until = world.now + (i < 100 ? 1_000 + i / 2 : random.nextInt(2_000, DAY));
            hosts.add(new BanEntry(host(11, i), world.now, until, world.reason()));
        }
        world.machine.load(hosts, world.now);
        world.model.all.addAll(hosts);
        for (int i = 0; i < 40; i++) {
            Subnet host = host(12, random.nextInt(60));
            long seconds = random.nextBoolean() ? DAY : random.nextInt(900, 1_040);
            if (random.nextInt(5) == 0) {
                world.machine.ban(host, seconds, false, world.now);
                world.model.ban(host, seconds, false, world.now);
            } else {
                world.machine.banHost(host.base(), seconds, Reason.SCORE, world.now);
                world.model.banHost(host.base(), seconds, Reason.SCORE, world.now);
            }
            world.now += random.nextInt(2);
            if (i % 5 == 0) {
                compareFirst(world);
            }
        }
    }

    private static Subnet host(int first, int number) {
        byte[] ip = {(byte) first, (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
        return Subnet.of(NetAddress.ofIp(ip, 0));
    }

    /// Those whose turn to be forgotten may come.
    private static void compareFirst(World world) {
        Set<Subnet> banned =
                world.model.all.stream().map(BanEntry::subnet).collect(Collectors.toSet());
        for (int i = 0; i < 200; i++) {
            Subnet host = host(11 + i % 2, i / 2);
            boolean isKept =
                    world.machine.isBanned(host, world.now)
                            || world.machine.isShadowed(host.base(), world.now);
            assertThat(isKept).isEqualTo(banned.contains(host));
        }
    }
}
