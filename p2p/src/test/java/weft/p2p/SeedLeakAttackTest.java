package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Names that must not be looked up, for whoever carries the question would know who asks.
class SeedLeakAttackTest implements SeenRed {
    private static final List<String> SEEDS =
            List.of(
                    "seed.one.example",
                    "seed.two.example",
                    "seed.three.example",
                    "seed.four.example");

    private static EngineWorld world(boolean byProxy) {
        P2pOptions standard = EngineWorld.standard();
        var dns = new P2pOptions.Dns(SEEDS, true, false, byProxy);
        var world = new EngineWorld(3, standard.with(standard.sources().withDns(dns)));
        // As the driver behind a proxy does: a name stands for itself.
        var names = new TreeMap<String, List<NetAddress>>();
        SEEDS.forEach(each -> names.put(each, List.of(NetAddress.internal(each))));
        world.names = names;
        return world;
    }

    @Test
    @DisplayName("F10 behind a proxy seeds are dialled through it, and none is looked up")
    @Sabotage(type = "weft.p2p.DnsSeeding", method = "ask", call = "byProxy", returns = "false")
    void shouldNotLookSeedsUpBehindAProxy() {
        EngineWorld world = world(true);
        world.advance(Duration.ofMinutes(5));
        assertThat(world.resolved).as("to dial them").isNotEmpty().isSubsetOf(SEEDS);
        assertThat(world.dials).isNotEmpty();
        for (PeerOutput.Connect each : world.dials) {
            assertThat(each.address().network()).isEqualTo(NetworkId.INTERNAL);
            assertThat(each.type()).isEqualTo(ConnectionType.ADDR_FETCH);
        }
        assertThat(world.engine.addrMan().size()).as("nothing came from DNS").isZero();
        // Without a proxy all of them are asked, so there is something to miss.
        EngineWorld open = world(false);
        open.advance(Duration.ofMinutes(5));
        var asked = new ArrayList<>(open.resolved);
        assertThat(asked).contains("x9." + SEEDS.getFirst());
    }
}
