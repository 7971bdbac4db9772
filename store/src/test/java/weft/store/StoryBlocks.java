package weft.store;

import java.util.ArrayList;
import java.util.List;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Mines, under the rules of regtest, 300 blocks among them three branches that lose: both branches of each
/// spend the same coins in different ways.
final class StoryBlocks {
    static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final Bytes OPEN = Bytes.parse("51");
    private static final int FIRST_MATURE = 101;
    private static final int FAN_OUT = 2_600;
    private static final long STEP_SECONDS = 60;

    private final List<Block> blocks = new ArrayList<>();
    private final List<Block> active = new ArrayList<>();
    private int unique;

    private StoryBlocks() {
        active.add(REGTEST.genesis());
    }

    /// All blocks in the order in which the node gets them.
    static List<Block> mine(int total) {
        var story = new StoryBlocks();
        story.extend(FIRST_MATURE + 12);
        story.fork(3);
        story.extend(total / 2 + 10 - story.blocks.size());
        story.fork(6);
        story.extend(total - 20 - story.blocks.size());
        story.fork(2);
        story.extend(total - story.blocks.size());
        return List.copyOf(story.blocks);
    }

    private void extend(int count) {
        for (int i = 0; i < count; i++) {
            add(next());
        }
    }

    private void add(Block block) {
        active.add(block);
        blocks.add(block);
    }

    /// Leaves the last blocks for a branch that is longer by one.
    private void fork(int depth) {
        extend(depth);
        for (int i = 0; i < depth; i++) {
            active.removeLast();
        }
        extend(depth + 1);
    }

    private Block next() {
        int height = active.size();
        unique++;
        var txs = new ArrayList<Transaction>();
        long subsidy = Subsidy.at(height, REGTEST);
        Bytes script =
                BlockCheck.heightPush(height).plus(Bytes.parse(String.format("%08x", unique)));
        txs.add(
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(subsidy, OPEN)),
                        List.of(),
                        0));
        if (height >= FIRST_MATURE) {
            txs.add(spend(height));
        }
        return mined(txs);
    }

    /// Spends the first coin that is ripe now; each branch into other outputs.
    private Transaction spend(int height) {
        Transaction coinbase = active.get(height - FIRST_MATURE + 1).transactions().getFirst();
        // Many outputs at first, so that there is much to write at once.
        int count = height < FIRST_MATURE + 10 ? FAN_OUT : 3 + unique % 5;
        long value = coinbase.outputs().getFirst().value();
        var outputs = new ArrayList<TxOut>();
        for (int i = 0; i < count; i++) {
            outputs.add(new TxOut(value / count - unique, OPEN));
        }
        return Transaction.of(
                1,
                List.of(new TxIn(new OutPoint(coinbase.txid(), 0), Bytes.EMPTY, unique)),
                outputs,
                List.of(),
                0);
    }

    private Block mined(List<Transaction> txs) {
        BlockHeader parent = active.getLast().header();
        long bits = REGTEST.genesis().header().bits();
        long time = parent.time() + STEP_SECONDS;
        var draft = new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, time, bits, 0);
        Digest256 root = MerkleRoot.of(Block.of(draft, txs)).root();
        var header = new BlockHeader(draft.version(), draft.parent(), root, time, bits, 0);
        while (!REGTEST.hasValidWork(header.hash(), bits)) {
            header = header.withNonce(header.nonce() + 1);
        }
        return Block.of(header, txs);
    }
}
