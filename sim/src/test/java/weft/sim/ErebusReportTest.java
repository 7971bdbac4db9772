package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// The first two days of six weeks. `weft sim erebus` plays all of them.
class ErebusReportTest implements SeenRed {
    private static final double SHARE = 0.1;

    private static ErebusAttack.Outcome twoDays(ErebusWorld.Position position, boolean mapped) {
        var random = new SplittableRandom(3);
        Duration time = Duration.ofDays(2);
        var world = new ErebusWorld(position, SHARE, time.plusDays(1).toSeconds(), random.split());
        var groups = new NetGroups(false, mapped ? world.map() : null);
        return new ErebusAttack(world, Countermeasures.ALL, groups, random.split()).play(time);
    }

    @Test
    @DisplayName(
            "E08 an operator on a tenth of the ways, the first two of 42 days: half of the book is its")
    @Sabotage(type = "weft.sim.ErebusAttack", method = "tell", returns = "void")
    void shouldFillHalfOfTheBookInTwoDays() {
        ErebusAttack.Outcome outcome = twoDays(ErebusWorld.Position.SPREAD, false);
        assertThat(outcome.won()).as("the day on which it had everything").isNegative();
        assertThat(outcome.share()).isBetween(0.4, 0.7);
    }

    @Test
    @DisplayName(
            "E08 nine operators with a tenth of all ranges: with a map they are nine of ten at most")
    @Sabotage(type = "weft.p2p.addr.NetGroups", method = "groupOf", call = "asnOf", returns = "0")
    void shouldSeeFewOperatorsBehindManyRanges() {
        ErebusAttack.Outcome outcome = twoDays(ErebusWorld.Position.FEW_AND_LARGE, true);
        assertThat(outcome.won()).isNegative();
        assertThat(outcome.share()).isLessThan(0.1);
    }

    @Test
    @DisplayName("an internet with an operator on a tenth of the ways is one")
    @Sabotage(type = "weft.sim.ErebusWorld", method = "isShadow", returns = "true")
    void shouldBeBehindTheAttackerInAsMuchAsItHas() {
        var random = new SplittableRandom(1);
        var world = new ErebusWorld(ErebusWorld.Position.SPREAD, SHARE, 100, random);
        long behind =
                world.honest().stream().filter(each -> world.isShadow(each.address())).count();
        assertThat(behind / (double) world.honest().size()).isBetween(SHARE / 3, SHARE + 0.01);
        assertThat(world.honest()).hasSizeBetween(7_900, 8_001);
        assertThat(world.honest()).allMatch(each -> world.answers(each.address(), 0));
        IntStream.range(0, 1_000)
                .forEach(i -> assertThat(world.isShadow(world.shadow(random))).isTrue());
    }
}
