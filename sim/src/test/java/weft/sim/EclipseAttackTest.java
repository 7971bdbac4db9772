package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.addr.AsMap;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.Warning;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// Attackers who want to be all our peers. [EclipseReport] tells how.
class EclipseAttackTest implements SeenRed {
    private static final int OUTBOUND = 10;
    private static final int FULL_RELAY = 8;
    private static final int CAPTORS = 12;

    /// What a full node offers.
    private static final long SERVICES =
            ServiceFlags.NETWORK | ServiceFlags.WITNESS | ServiceFlags.NETWORK_LIMITED;

    private static final int ANCHORS = 2;
    private static final int FEW_GROUPS = 4;
    private static final int MANY_GROUPS = 400;
    private static final int HARD_ATTACKS = 4;

    /// The attacker's addresses are of two operators, all others of one for each first byte.
    private static AsMap map() {
        return AsMapWriter.ofRanges(
                range -> {
                    int first = range >> 8;
                    return first >= 100 ? 7 + first % 2 : 1_000 + first;
                });
    }

    private static List<Integer> attacks(EclipseReport.Setting setting, int groups, int runs) {
        var random = new SplittableRandom(7);
        var shares = new ArrayList<Integer>();
        for (int i = 0; i < runs; i++) {
            shares.add(EclipseReport.attack(setting, groups, random.split()));
        }
        return shares;
    }

    @Test
    @DisplayName("E07 a book filled with an attacker's addresses, and a restart")
    @Sabotage(
            type = "weft.p2p.PeerEngine",
            method = "anchors",
            returns = "java.util.Collections.EMPTY_LIST")
    void shouldKeepItsAnchors() {
        var all = new EclipseReport.Setting(Countermeasures.ALL, true);
        var without = new EclipseReport.Setting(Countermeasures.ALL, false);
        List<Long> hard =
                LongStream.rangeClosed(1, 100)
                        .filter(seed -> attack(without, seed) > OUTBOUND - ANCHORS)
                        .limit(HARD_ATTACKS)
                        .boxed()
                        .toList();
        assertThat(hard).as("attacks that anchors are needed against").hasSize(HARD_ATTACKS);
        assertThat(hard).allMatch(seed -> attack(all, seed) <= OUTBOUND - ANCHORS);
    }

    private static int attack(EclipseReport.Setting setting, long seed) {
        return EclipseReport.attack(setting, MANY_GROUPS, new SplittableRandom(seed));
    }

    @Test
    @DisplayName("E07 an attacker of four groups of addresses")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "fromBook",
            call = "contains",
            returns = "false")
    void shouldDialEachGroupOnce() {
        var all = new EclipseReport.Setting(Countermeasures.ALL, false);
        assertThat(attacks(all, FEW_GROUPS, 3)).allMatch(share -> share <= FEW_GROUPS);
    }

    @Test
    @DisplayName("E08 an attacker of four hundred ranges that belong to two operators")
    @Sabotage(type = "weft.p2p.addr.NetGroups", method = "groupOf", call = "asnOf", returns = "0")
    @Sabotage(
            type = "weft.p2p.OutboundPlan",
            method = "fromBook",
            call = "contains",
            returns = "false")
    void shouldDialEachOperatorOnce() {
        var mapped =
                new EclipseReport.Setting(Countermeasures.ALL, false, new NetGroups(false, map()));
        assertThat(attacks(mapped, MANY_GROUPS, 10)).allMatch(share -> share <= 2);
        var blind = new EclipseReport.Setting(Countermeasures.ALL, false);
        assertThat(attacks(blind, MANY_GROUPS, 1)).as("the attack is one").allMatch(s -> s > 2);
    }

    private static boolean isOfBlocksOrAddresses(Message message) {
        return message instanceof Headers
                || message instanceof CmpctBlock
                || message instanceof Inv
                || message instanceof Addr
                || message instanceof AddrV2;
    }

    private static long fullRelay(SimNode node) {
        return node.node().peers().peersSnapshot(node.world().scheduler().now()).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .count();
    }

    private static boolean isWarned(SimNode node) {
        return node.node().peers().warnings().stream()
                .anyMatch(each -> each.kind() == Warning.Kind.STALE_TIP);
    }

    @Test
    @DisplayName(
            "E08 all its peers are the attacker's and keep blocks from it: it warns, and looks for others")
    @Sabotage(type = "weft.p2p.TipWatch", method = "warning", constant = "3>7")
    @Sabotage(
            type = "weft.p2p.ExtraPeers",
            method = "onTick",
            call = "isTipStale",
            returns = "false")
    void shouldWarnWhenNobodyTellsItOfBlocks() {
        var factory = new FullNodes((self, options) -> options);
        World world = Towns.oldFriends(8, CAPTORS, 2, factory);
        List<SimNode> captors = world.nodes().subList(0, CAPTORS);
        SimNode victim = world.nodes().get(CAPTORS);
        SimNode honest = world.nodes().get(CAPTORS + 1);
        captors.forEach(each -> each.silence(m -> m instanceof Addr || m instanceof AddrV2));
        for (SimNode each : List.of(victim, honest)) {
            each.start();
            Towns.fillBook(world, factory, each, CAPTORS);
        }
        world.run(Duration.ofMinutes(3));
        assertThat(List.of(victim, honest)).allMatch(each -> each.height() == 1);
        captors.forEach(each -> each.silence(EclipseAttackTest::isOfBlocksOrAddresses));
        Towns.mine(honest, 1);
        world.run(Duration.ofMinutes(26));
        assertThat(isWarned(victim)).isFalse();
        world.run(Duration.ofMinutes(5));
        assertThat(victim.height()).isEqualTo(1);
        assertThat(isWarned(victim)).isTrue();
        long now = world.scheduler().now().unixSeconds();
        NetAddress away = World.address(honest.index());
        factory.book(victim)
                .add(List.of(new AddressEntry(now, SERVICES, away)), World.address(3), 0, now);
        boolean looks =
                world.runUntil(() -> fullRelay(victim) > FULL_RELAY, Duration.ofMinutes(11));
        assertThat(looks).as("one peer more each ten minutes").isTrue();
        boolean found = world.runUntil(() -> victim.height() == 2, Duration.ofMinutes(30));
        assertThat(found).as("soon one is honest").isTrue();
        world.run(Duration.ofMinutes(2));
        assertThat(isWarned(victim)).isFalse();
    }
}
