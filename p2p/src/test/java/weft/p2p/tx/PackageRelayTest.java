package weft.p2p.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.Peer;
import weft.primitives.Transaction;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

class PackageRelayTest implements SeenRed {
    @Test
    @DisplayName("A parent comes in with its child, whatever another peer sends and when")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "askAgain", returns = "void")
    @Sabotage(type = "weft.p2p.tx.PackageFinder", method = "mayTry", returns = "true")
    void shouldTakeInEachPairThatAnHonestPeerHas() {
        Property.holds(300, random -> new PackageWorld(random).runFamilies());
    }

    @Test
    @DisplayName("C04 a hundred orphans of one parent are judged one at a time")
    @Sabotage(
            type = "weft.p2p.tx.TxDownload",
            method = "reconsider",
            call = "hasTurn",
            returns = "false")
    void shouldJudgeOneOrphanOfAPeerAtATime() {
        var world = new PackageWorld(new SplittableRandom(3));
        Peer peer = world.connect(1, true);
        Peer other = world.connect(2, true);
        Transaction parent = world.tx(PackageWorld.FEE_MIN, false);
        for (int i = 0; i < 100; i++) {
            world.receive(peer, world.tx(PackageWorld.FEE_MIN + i, false, parent));
        }
        world.step(false);
        world.receive(peer, parent);
        world.drain();
        world.answer(world.toJudge.remove());
        for (int i = 0; i < 100; i++) {
            world.drain();
            assertThat(world.toJudge).as("what others send waits for one only").hasSize(1);
            world.receive(other, world.tx(PackageWorld.FEE_MIN, false));
            world.drain();
            world.answer(world.toJudge.remove());
            world.answer(world.toJudge.remove());
        }
        world.drain();
        assertThat(world.toJudge).isEmpty();
        assertThat(world.pool).hasSize(201);
    }
}
