package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;

/// A node with coins that may be spent, and somebody honest.
final class Scene {
    final Target target;
    final FakePeer honest;

    Scene() {
        this(new Target());
    }

    Scene(Target target) {
        this.target = target;
        target.mine(110);
        honest = target.peer();
    }

    /// Somebody sends a block that must not become part of the chain.
    ///
    /// @param fate of who sent it
    void refuses(Block block, Fate fate) {
        BlockHash tip = target.tip();
        FakePeer attacker = target.peer();
        attacker.sends(block);
        assertThat(target.tip()).isEqualTo(tip);
        assertThat(attacker.fate()).isEqualTo(fate);
        holds();
    }

    /// Somebody sends a transaction that must not be taken.
    void refuses(Transaction tx, Fate fate) {
        FakePeer attacker = target.peer();
        attacker.sends(tx);
        assertThat(target.node.chain().mempool().size()).isZero();
        assertThat(attacker.fate()).isEqualTo(fate);
    }

    void accepts(Block block) {
        honest.sends(block);
        assertThat(target.tip()).isEqualTo(block.hash());
        holds();
    }

    /// What must hold after every attack: others are served and honest work goes on.
    void holds() {
        assertThat(honest.fate()).isEqualTo(Fate.KEPT);
        assertThat(honest.isServed()).isTrue();
        Block next = target.block(List.of());
        honest.sends(next);
        assertThat(target.tip()).isEqualTo(next.hash());
    }

    /// The same after it was switched off and on.
    void holdsAgain() {
        assertThat(target.restarted().tip()).isEqualTo(target.tip());
    }

    OutPoint coin(int height) {
        return target.coinbaseOf(height);
    }
}
