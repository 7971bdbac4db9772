package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.Cost;
import weft.p2p.defence.CostLedger;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Property;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.FeeFilter;
import weft.wire.GetAddr;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NotFound;
import weft.wire.Ping;
import weft.wire.SendHeaders;
import weft.wire.Unknown;

/// Peers that do what honest peers do, busy ones too: nothing may come of it.
class HonestTrafficTest {
    private static final int SECONDS = 1_800;

    private static List<InvItem> items(SplittableRandom random, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            var hash = new Digest256(random.nextLong(), random.nextLong(), 1, 2);
            items.add(new InvItem(InvType.WTX, hash));
        }
        return items;
    }

    private static AddrV2 addresses(EngineWorld world, SplittableRandom random) {
        var entries = new ArrayList<AddressEntry>();
        for (int i = 1 + random.nextInt(10); i > 0; i--) {
            String host = 20 + random.nextInt(60) + "." + random.nextInt(250) + ".1.9";
            NetAddress address = NetAddress.parse(host, 8333);
            long time = world.now().unixSeconds();
            entries.add(new AddressEntry(time, EngineWorld.FULL, address));
        }
        return new AddrV2(entries);
    }

    /// What one peer may say in a second: seldom anything, at times many answers or questions at once.
    private static List<Message> said(EngineWorld world, SplittableRandom random) {
        int chance = random.nextInt(1_000);
        if (chance < 250) {
            return List.of(new Inv(items(random, 1 + random.nextInt(35))));
        }
        if (chance < 300) {
            return List.of(addresses(world, random), Ping.of(chance));
        }
        if (chance < 310) {
            return List.of(new FeeFilter(1_000 + chance), new SendHeaders(), new GetAddr());
        }
        if (chance < 314) {
            // Somebody who catches up asks for very much, and answers come in heaps.
            Message question = new GetData(items(random, 16));
            Message answer = new NotFound(items(random, 16));
            return Collections.nCopies(150, random.nextBoolean() ? question : answer);
        }
        if (chance < 320) {
            return List.of(new Unknown("future", Bytes.wrap(new byte[] {1, 2, 3})));
        }
        return List.of();
    }

    @Test
    @DisplayName(
            "S-106 S-107 S-108 S-109b honest traffic of every kind: no warning, no ban, no"
                    + " throttle")
    void shouldLeaveHonestPeersAlone() {
        Property.holds(
                20,
                random -> {
                    MisbehaviourPolicy policy = MisbehaviourPolicy.values()[random.nextInt(3)];
                    var world =
                            new EngineWorld(
                                    random.nextLong(),
                                    EngineWorld.standard()
                                            .with(DefenceOptions.DEFAULT.with(policy)));
                    world.agents = i -> "/fake:" + i % 4 + "/";
                    world.fillBook(40);
                    world.advance(Duration.ofSeconds(30));
                    for (int i = 0; i < 12; i++) {
                        world.accept("9" + i % 10 + "." + i + ".1.1").handshake();
                    }
                    var own = new SplittableRandom(random.nextLong());
                    for (int second = 0; second < SECONDS; second++) {
                        for (EngineWorld.FakePeer each : List.copyOf(world.peers.values())) {
                            if (!each.closed) {
                                each.sends(said(world, own).toArray(Message[]::new));
                            }
                        }
                        world.advance(Duration.ofSeconds(1));
                        world.lines.clear();
                        world.peers.values().forEach(each -> each.received.clear());
                    }
                    assertThat(world.events)
                            .noneMatch(each -> each instanceof PeerEvent.AttackSuspected)
                            .noneMatch(each -> each instanceof PeerEvent.BansChanged);
                    assertThat(world.engine.warnings()).isEmpty();
                    Cost all = CostLedger.sum(world.engine.costs().all());
                    assertThat(all.messages()).isGreaterThan(10_000);
                    assertThat(all.throttled()).isZero();
                    for (PeerSnapshot each : world.engine.peersSnapshot(world.now())) {
                        assertThat(each.standing().score()).isZero();
                        assertThat(each.standing().shadowed()).isFalse();
                    }
                    assertThat(world.open(ConnectionType.INBOUND)).isEqualTo(12);
                    assertThat(world.open(ConnectionType.OUTBOUND_FULL_RELAY)).isEqualTo(8);
                });
    }
}
