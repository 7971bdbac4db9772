package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;

/// What looks at every world sees what breaks its rules.
class InvariantsTest implements SeenRed {
    private static final int SIZE = 12;
    private static final int BLOCKS = 5;
    private static final long TRIES = 10_000_000;

    @Test
    @DisplayName("Nodes that break a rule are found out while the world goes on")
    @Sabotage(type = "weft.p2p.addr.AddrRelay", method = "setUp", flips = 1)
    @Sabotage(type = "weft.chain.ChainActivation", method = "mostWork", returns = "null")
    void shouldHold() {
        Proof.Outcome outcome = Proof.of(6, SIZE, Duration.ofMinutes(10));
        assertThat(outcome.blocks()).isPositive();
    }

    /// One node may have blocks and does not give them; the other asks for them.
    private static World stingy(int blocks) {
        var world = Towns.of(1, 2, Towns::keepTheFirst);
        SimNode rich = world.nodes().get(0);
        rich.start();
        rich.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    engine.mine(blocks, Treasury.script(), TRIES);
                });
        rich.refuse(GetData.class::isInstance);
        world.nodes().get(1).start();
        return world;
    }

    /// How many links were looked at.
    private static int watch(World world, Duration span) {
        var obligations = new Obligations(world);
        int links = 0;
        for (long minute = 0; minute < span.toMinutes(); minute++) {
            world.run(Duration.ofMinutes(1));
            links += obligations.check();
        }
        return links;
    }

    @Test
    @DisplayName("A block that is never given is not awaited for ever")
    @Sabotage(type = "weft.p2p.sync.BlockDownload", method = "checkTimeouts", returns = "false")
    void shouldGiveUp() {
        World world = stingy(BLOCKS);
        assertThat(watch(world, Duration.ofHours(2))).isPositive();
        assertThat(world.traffic().messages(GetData.COMMAND)).isGreaterThan(1);
    }

    @Test
    @DisplayName("Who says nothing more is hung up on")
    @Sabotage(type = "weft.p2p.peers.Keepalive", method = "<clinit>", constant = "20>2000")
    void shouldHangUp() {
        World world = stingy(0);
        world.run(Duration.ofMinutes(1));
        SimNode silent = world.nodes().get(0);
        assertThat(silent.neighbours()).isNotEmpty();
        silent.refuse(message -> true);
        silent.silence(message -> true);
        watch(world, Duration.ofHours(2));
        assertThat(world.dials().size()).isGreaterThan(1);
    }
}
