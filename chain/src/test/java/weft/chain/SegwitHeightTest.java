package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;

/// Blocks that were taken in before witnesses counted are not taken for checked later.
class SegwitHeightTest {
    private final MemoryKeyValueStore database = new MemoryKeyValueStore();
    private final MemoryBlockStore files = new MemoryBlockStore();

    private Forge node(int segwitHeight) {
        return new Forge(
                Forge.REGTEST.withActivationHeight("segwit", segwitHeight),
                ChainOptions.DEFAULT,
                database,
                files);
    }

    private void run(int segwitHeight, int blocks) {
        Forge node = node(segwitHeight);
        node.state.start(Forge.NOW);
        node.mine(blocks);
        node.state.close();
    }

    @Test
    void shouldAskForARebuildWhereWitnessesWereNotChecked() {
        run(10, 8);
        Forge later = node(5);
        assertThatThrownBy(() -> later.state.start(Forge.NOW))
                .isInstanceOf(RebuildNeeded.class)
                .hasMessageContaining("after height 5 requires validation");
        Forge asBefore = node(10);
        asBefore.state.start(Forge.NOW);
        assertThat(asBefore.tip().height()).isEqualTo(8);
    }

    @Test
    void shouldGoOnWhereNoBlockIsThatHigh() {
        run(10, 4);
        run(5, 4);
        Forge node = node(5);
        node.state.start(Forge.NOW);
        assertThat(node.tip().height()).isEqualTo(8);
    }

    @Test
    void shouldRememberThatTheHeightWasRaised() {
        run(2, 4);
        run(20, 4);
        Forge node = node(2);
        assertThatThrownBy(() -> node.state.start(Forge.NOW)).isInstanceOf(RebuildNeeded.class);
    }
}
