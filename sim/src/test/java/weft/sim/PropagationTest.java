package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.sim.PropagationReport.Profile;
import weft.sim.PropagationReport.Result;

/// Transactions and blocks of a megabyte on their way through six regions. The long form is
/// `weft sim propagation --nodes 1000`; `-Dweft.propagation=N` takes N nodes here.
class PropagationTest {
    private static final int NODES = Integer.getInteger("weft.propagation", 100);
    private static final int BLOCKS = 2;

    @Test
    @DisplayName(
            "S-93 S-94 S-100b transactions and 1 MB blocks reach 95 % in 12 s, compact blocks 90 %"
                    + " in 4 s and sooner than whole ones, miners who ask for it sooner than others")
    void shouldBeFastEnough() {
        Result compact = measure(Profile.COMPACT);
        Result legacy = measure(Profile.LEGACY_2013);
        Result miners = measure(Profile.FAST_MINERS);
        assertThat(compact.blocks().most()).isLessThanOrEqualTo(4);
        assertThat(compact.blocks().half()).isLessThan(legacy.blocks().half());
        assertThat(compact.blocks().most()).isLessThan(legacy.blocks().most());
        assertThat(miners.blocks().minersHalf()).isLessThan(miners.blocks().half());
    }

    private static Result measure(Profile profile) {
        Result result = PropagationReport.measure(1, NODES, BLOCKS, profile);
        assertThat(result.blockBytes()).isGreaterThan(950_000);
        assertThat(result.transactions().nearlyAll()).isBetween(1.0, 12.0);
        assertThat(result.blocks().nearlyAll()).isLessThanOrEqualTo(12);
        return result;
    }
}
