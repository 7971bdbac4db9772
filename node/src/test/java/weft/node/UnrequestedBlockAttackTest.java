package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.Subsidy;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Headers;

/// Whole blocks that nobody asked for, which would fill the disk if we took them.
class UnrequestedBlockAttackTest implements SeenRed {
    private static final int AHEAD = 288;
    private static final int LARGE = 100_000;

    /// What a store writes before each block.
    private static final int RECORD_HEADER_BYTES = 8;

    private final Scene scene = new Scene();
    private final Target target = scene.target;

    /// Empty blocks on top of one another.
    private List<Block> branch(BlockHeader from, int height, int count) {
        var all = new ArrayList<Block>();
        BlockHeader parent = from;
        for (int i = 1; i <= count; i++) {
            all.add(target.block(parent, target.coinbase(height + i, 0, 0), List.of()));
            parent = all.getLast().header();
        }
        return all;
    }

    /// A block that is large because of its coinbase.
    private Block large(BlockHeader parent, int height, int unique) {
        Transaction plain = target.coinbase(height, unique, 0);
        Bytes junk = Bytes.parse("6a").plus(Bytes.wrap(new byte[LARGE]));
        TxIn input = new TxIn(OutPoint.NULL, plain.inputs().getFirst().scriptSig(), 0);
        var outputs =
                List.of(
                        new TxOut(Subsidy.at(height, target.params), Target.OPEN),
                        new TxOut(0, junk));
        Transaction coinbase = Transaction.of(1, List.of(input), outputs, List.of(), 0);
        return target.block(parent, coinbase, List.of());
    }

    private static Headers headers(List<Block> blocks) {
        return new Headers(blocks.stream().map(Block::header).toList());
    }

    private boolean isKnown(Block block) {
        return target.node.chain().chain().headers().find(block.hash()) != null;
    }

    private BlockHeader header(int height) {
        var tip = target.node.chain().chain().chain().tip();
        return weft.primitives.Check.present(tip.ancestor(height), "mined").header();
    }

    @Test
    @DisplayName("D17 blocks 289 and more above the tip that nobody asked for, and the one below")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", constant = "288>289")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", constant = "288>287")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", returns = "true")
    void shouldNotStoreBlocksFarAheadOfTheTip() {
        BlockHash tip = target.tip();
        int height = target.height();
        List<Block> ahead = branch(header(height), height, 400);
        // The headers are honest work, so they are kept; who has the blocks is silent when asked.
        FakePeer silent = target.peer();
        silent.sends(headers(ahead));
        assertThat(isKnown(ahead.getLast())).isTrue();
        assertThat(silent.isAskedFor(ahead.getFirst())).isTrue();
        long before = target.blocks.bytesUsed();
        FakePeer attacker = target.peer();
        for (int round = 0; round < 10; round++) {
            for (Block each : ahead.subList(AHEAD, 400)) {
                assertThat(silent.isAskedFor(each)).isFalse();
                attacker.sends(each);
            }
        }
        assertThat(target.blocks.bytesUsed()).as("bytes on disk").isEqualTo(before);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        Block last = ahead.get(AHEAD - 1);
        attacker.sends(last);
        assertThat(target.blocks.bytesUsed())
                .as("one that could matter soon is kept, once")
                .isEqualTo(before + RECORD_HEADER_BYTES + last.totalSize());
        attacker.sends(last);
        assertThat(target.blocks.bytesUsed())
                .isEqualTo(before + RECORD_HEADER_BYTES + last.totalSize());
        assertThat(target.tip()).isEqualTo(tip);
        // What was sent away before is welcome when its time has come.
        ahead.forEach(scene.honest::sends);
        assertThat(target.tip()).isEqualTo(ahead.getLast().hash());
        assertThat(attacker.isServed()).isTrue();
        scene.holds();
        scene.holdsAgain();
    }

    @Test
    @DisplayName("D17 large blocks of little work from height 1 on, one peer for all and one each")
    @Sabotage(type = "weft.chain.BlockWorth", method = "hasEnoughWork", returns = "true")
    @Sabotage(type = "weft.p2p.sync.Verdicts", method = "punish", returns = "void")
    void shouldNotStoreBlocksOfLittleWork() {
        target.mine(100);
        BlockHash tip = target.tip();
        long before = target.blocks.bytesUsed();
        FakePeer attacker = target.peer();
        for (int i = 1; i <= 200; i++) {
            Block low = large(target.params.genesis().header(), 1, i);
            attacker.sends(low);
            assertThat(isKnown(low)).as("not even its header is kept").isFalse();
        }
        assertThat(attacker.fate()).as("it may be the first of a chain").isEqualTo(Fate.KEPT);
        Block first = large(target.params.genesis().header(), 1, 1);
        attacker.sends(large(first.header(), 2, 1));
        assertThat(attacker.fate())
                .as("but that is not how one shows it")
                .isEqualTo(Fate.DISCOURAGED);
        assertThat(target.blocks.bytesUsed()).as("bytes on disk").isEqualTo(before);
        assertThat(target.tip()).isEqualTo(tip);
        scene.holds();
        scene.holdsAgain();
    }

    @Test
    @DisplayName("D17 a thousand blocks beside the last but one, and some beside the last")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", returns = "true")
    @Sabotage(type = "weft.chain.BlockWorth", method = "isWorthStoring", flips = 2)
    void shouldNotStoreBlocksBehindTheTip() {
        BlockHash tip = target.tip();
        int height = target.height();
        long before = target.blocks.bytesUsed();
        FakePeer attacker = target.peer();
        for (int i = 1; i <= 1_000; i++) {
            attacker.sends(
                    target.block(header(height - 2), target.coinbase(height - 1, i, 0), List.of()));
        }
        assertThat(target.blocks.bytesUsed()).as("bytes on disk").isEqualTo(before);
        // Those of as much work as the tip are kept, for the next block may stand on them.
        long allowed = before;
        for (int i = 1; i <= 10; i++) {
            Block rival = large(header(height - 1), height, i);
            attacker.sends(rival);
            allowed += RECORD_HEADER_BYTES + rival.totalSize();
        }
        assertThat(target.blocks.bytesUsed()).isEqualTo(allowed);
        assertThat(target.tip()).as("the first that came stays").isEqualTo(tip);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(attacker.isServed()).isTrue();
        scene.holds();
        scene.holdsAgain();
    }
}
