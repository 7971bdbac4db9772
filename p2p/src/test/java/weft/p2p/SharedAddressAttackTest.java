package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NetAddress;
import weft.wire.Ping;

/// Peers that share an address with honest ones and misbehave, so that those are punished.
class SharedAddressAttackTest implements SeenRed {
    private static EngineWorld world(MisbehaviourPolicy policy) {
        return new EngineWorld(1, EngineWorld.quiet().with(DefenceOptions.DEFAULT.with(policy)));
    }

    /// Offends until the node hangs up.
    private static void misbehave(EngineWorld.FakePeer attacker) {
        var item = new InvItem(InvType.WTX, Digest256.ZERO);
        for (int i = 0; i < 10 && !attacker.closed; i++) {
            attacker.sends(new Inv(Collections.nCopies(50_001, item)));
        }
        assertThat(attacker.closed).isTrue();
    }

    private static void assertSpared(
            EngineWorld world, EngineWorld.FakePeer honest, String newcomer, boolean onion) {
        world.advance(Duration.ofSeconds(10));
        assertThat(honest.closed).isFalse();
        NetAddress shared = honest.address;
        assertThat(world.engine.bans().isDiscouraged(shared)).isFalse();
        assertThat(world.engine.bans().isBanned(shared, world.now().unixSeconds())).isFalse();
        assertThat(world.engine.bans().isShadowed(shared, world.now().unixSeconds())).isFalse();
        EngineWorld.FakePeer next = onion ? world.acceptOnion(newcomer) : world.accept(newcomer);
        // Something that anybody may do by mistake must not add to what others did.
        next.sends(Ping.of(1));
        next.handshake();
        assertThat(next.closed).isFalse();
        assertThat(next.got(weft.wire.Verack.class)).isTrue();
    }

    @Test
    @DisplayName("E12 misbehaviour through our onion service")
    @Sabotage(type = "weft.p2p.Peer", method = "onionBind", returns = "false")
    void shouldNotBlameAllOfTorForOne() {
        for (MisbehaviourPolicy policy : MisbehaviourPolicy.values()) {
            // The Tor daemon on this machine, and one on another.
            for (String daemon : new String[] {"127.0.0.1", "60.1.2.3"}) {
                EngineWorld world = world(policy);
                EngineWorld.FakePeer honest = world.acceptOnion(daemon + ":5001").handshake();
                for (int i = 0; i < 3; i++) {
                    misbehave(world.acceptOnion(daemon + ":600" + i).handshake());
                }
                assertSpared(world, honest, daemon + ":5002", true);
            }
        }
    }

    @Test
    @DisplayName("E12 misbehaviour through a program on this machine that hands connections on")
    @Sabotage(type = "weft.wire.NetAddress", method = "isLocal", returns = "false")
    void shouldNotBlameThisMachine() {
        for (MisbehaviourPolicy policy : MisbehaviourPolicy.values()) {
            EngineWorld world = world(policy);
            EngineWorld.FakePeer honest = world.accept("127.0.0.1:5001").handshake();
            misbehave(world.accept("127.0.0.1:6001").handshake());
            assertSpared(world, honest, "127.0.0.1:5002", false);
        }
    }

    @Test
    void shouldBlameWhoHasAnAddressOfItsOwn() {
        EngineWorld world = world(MisbehaviourPolicy.CORE);
        EngineWorld.FakePeer attacker = world.accept("60.1.2.3:6001").handshake();
        misbehave(attacker);
        assertThat(world.engine.bans().isDiscouraged(attacker.address)).isTrue();
    }
}
