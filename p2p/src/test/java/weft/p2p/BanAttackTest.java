package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.testkit.Allocated;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.GetAddr;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NetAddress;
import weft.wire.Subnet;

/// Attackers with more addresses than anybody can remember.
class BanAttackTest implements SeenRed {
    private static final int ATTACKERS = 100_000;
    private static final long DAY = 86_400;
    private static final long ALLOCATED_MAX = 12_000_000;

    private static NetAddress attacker(int number) {
        byte[] ip = new byte[16];
        ip[0] = 0x2a;
        ip[1] = (byte) (number >>> 16);
        ip[2] = (byte) (number >>> 8);
        ip[15] = (byte) number;
        return NetAddress.ofIp(ip, 8333);
    }

    private static BanList list() {
        return new BanList(Duration.ofDays(1), new SplittableRandom(8));
    }

    private static EngineWorld world(MisbehaviourPolicy policy) {
        return new EngineWorld(8, EngineWorld.quiet().with(DefenceOptions.DEFAULT.with(policy)));
    }

    /// One that really misbehaves, so that what stands for the others is what happens to them.
    private static void isPunished(EngineWorld world, MisbehaviourPolicy policy) {
        EngineWorld.FakePeer peer = world.accept(attacker(ATTACKERS)).handshake();
        var item = new InvItem(InvType.WTX, Digest256.ZERO);
        var tooLong = new Inv(Collections.nCopies(50_001, item));
        for (int i = 0; i < 5 && !peer.closed; i++) {
            peer.sends(tooLong);
        }
        BanList bans = world.engine.bans();
        long now = world.now().unixSeconds();
        assertThat(bans.isDiscouraged(peer.address)).isEqualTo(policy == MisbehaviourPolicy.CORE);
        assertThat(bans.isBanned(peer.address, now)).isEqualTo(policy == MisbehaviourPolicy.SCORE);
        assertThat(bans.isShadowed(peer.address, now))
                .isEqualTo(policy == MisbehaviourPolicy.SHADOW);
    }

    private static void punishAll(BanList bans, MisbehaviourPolicy policy, long now) {
        BanEntry.Reason reason =
                policy == MisbehaviourPolicy.SHADOW
                        ? BanEntry.Reason.SHADOW
                        : BanEntry.Reason.SCORE;
        for (int i = 0; i < ATTACKERS; i++) {
            if (policy == MisbehaviourPolicy.CORE) {
                bans.discourage(attacker(i));
            } else {
                bans.banHost(attacker(i), DAY, reason, now + i / 1000);
            }
        }
    }

    @Test
    @DisplayName(
            "C08 100,000 hosts that misbehave, then 1,000 that ask for addresses and send some")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "limit", returns = "void")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "onGetAddr", flips = 2)
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "cached", flips = 2)
    void shouldNotSearchAllBansForEachAddress() {
        for (MisbehaviourPolicy policy : MisbehaviourPolicy.values()) {
            EngineWorld world = world(policy);
            world.fillBook(1_000);
            isPunished(world, policy);
            BanList bans = world.engine.bans();
            punishAll(bans, policy, world.now().unixSeconds());
            assertThat(bans.entries(world.now().unixSeconds()))
                    .hasSizeLessThanOrEqualTo(BanList.HOSTS_MAX);
            var asking = new ArrayList<EngineWorld.FakePeer>();
            for (int i = 0; i < 100; i++) {
                asking.add(world.accept("1.2." + i + ".4:5000").handshake());
            }
            long allocated = Allocated.bytesBy(() -> asking.forEach(BanAttackTest::asksOften));
            assertThat(allocated).as("%s", policy).isLessThan(ALLOCATED_MAX);
            world.advance(Duration.ofMinutes(10));
            for (EngineWorld.FakePeer each : asking) {
                assertThat(each.count(Addr.class)).isEqualTo(1);
                assertThat(each.last(Addr.class).entries()).hasSizeGreaterThan(100);
                assertThat(each.closed).isFalse();
            }
        }
    }

    private static void asksOften(EngineWorld.FakePeer peer) {
        for (int i = 0; i < 10; i++) {
            peer.sends(new GetAddr());
        }
    }

    @Test
    @DisplayName(
            "C08 the last 50,000 that misbehaved are remembered, in the same memory for any number")
    @Sabotage(type = "weft.p2p.addr.KeyedFilter", method = "add", flips = 3)
    @Sabotage(type = "weft.p2p.peers.BanList", method = "<init>", constant = "50000>500")
    void shouldRememberTheLastInAFixedFilter() {
        BanList bans = list();
        punishAll(bans, MisbehaviourPolicy.CORE, 0);
        long early = Allocated.bytesBy(() -> punishAll(bans, MisbehaviourPolicy.CORE, 0));
        long late = Allocated.bytesBy(() -> punishAll(bans, MisbehaviourPolicy.CORE, 0));
        assertThat(late).isLessThan(2 * early);
        for (int i = ATTACKERS - 50_000; i < ATTACKERS; i++) {
            assertThat(bans.isDiscouraged(attacker(i))).isTrue();
        }
        int wrong = 0;
        for (int i = 0; i < ATTACKERS; i++) {
            wrong += bans.isDiscouraged(attacker(1_000_000 + i)) ? 1 : 0;
        }
        assertThat(wrong).isLessThan(5);
    }

    @Test
    @DisplayName("C08 a question costs as much among 100,000 bans as among ten")
    @Sabotage(type = "weft.p2p.peers.BanList", method = "put", call = "merge", returns = "null")
    void shouldFindABanWithoutASearch() {
        BanList bans = list();
        for (int i = 0; i < 10; i++) {
            bans.ban(Subnet.of(attacker(i)), DAY, false, 0);
        }
        questions(bans);
        long ofTen = questions(bans);
        for (int i = 0; i < ATTACKERS; i++) {
            bans.ban(Subnet.of(attacker(i)), DAY, false, 0);
        }
        assertThat(bans.entries(0)).as("the operator's bans are all kept").hasSize(ATTACKERS);
        bans.ban(Subnet.parse("2b00::/16"), DAY, false, 0);
        bans.ban(Subnet.parse("1.0.0.0/8"), DAY, false, 0);
        assertThat(questions(bans)).isLessThan(3 * ofTen);
        assertThat(bans.isBanned(attacker(77), 1)).isTrue();
        assertThat(bans.isBanned(NetAddress.parse("[2b00::7]:1", 0), 1)).isTrue();
        assertThat(bans.isBanned(NetAddress.parse("1.2.3.4:1", 0), 1)).isTrue();
    }

    /// Bytes that a thousand questions make garbage of.
    private static long questions(BanList bans) {
        NetAddress asked = NetAddress.parse("[2c00::1]:1", 0);
        return Allocated.bytesBy(
                () -> {
                    for (int i = 0; i < 1_000; i++) {
                        Check.state(!bans.isBanned(asked, 1), "banned for nothing");
                    }
                });
    }

    @Test
    void shouldAnswerAsAListThatIsSearched() {
        Property.holds(
                50,
                random -> {
                    BanList bans = list();
                    var all = new ArrayList<BanEntry>();
                    for (int i = 0; i < 40; i++) {
                        change(random, bans, all, i);
                        NetAddress asked = near(random);
                        boolean banned =
                                all.stream()
                                        .anyMatch(
                                                each ->
                                                        each.untilSeconds() > 50
                                                                && each.subnet().contains(asked));
                        assertThat(bans.isBanned(asked, 50)).isEqualTo(banned);
                    }
                });
    }

    private static void change(
            SplittableRandom random, BanList bans, List<BanEntry> all, int number) {
        Subnet subnet = Subnet.of(near(random), random.nextInt(28, 33));
        if (random.nextInt(4) == 0) {
            bans.unban(subnet);
            all.removeIf(each -> each.subnet().equals(subnet));
        } else {
            long until = random.nextInt(40, 60);
            boolean isShorter =
                    all.stream()
                            .anyMatch(
                                    each ->
                                            each.subnet().equals(subnet)
                                                    && each.untilSeconds() >= until);
            bans.ban(subnet, until, true, 0);
            if (!isShorter) {
                all.removeIf(each -> each.subnet().equals(subnet));
                all.add(new BanEntry(subnet, number, until));
            }
        }
    }

    private static NetAddress near(SplittableRandom random) {
        return NetAddress.parse("9.9.9." + random.nextInt(16), 0);
    }
}
