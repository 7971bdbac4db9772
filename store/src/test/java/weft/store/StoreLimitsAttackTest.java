package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.CoinsSummary;
import weft.chain.store.Batch;
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
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// What may be in a block must fit into our files and our database: the fork of 2013 (BIP 50) came from a
/// store's limit that had become a rule.
class StoreLimitsAttackTest implements SeenRed {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final Bytes OPEN = Bytes.parse("51");
    private static final int MATURE = 100;
    private static final int ROUNDS = 10;
    private static final int OUTPUTS = 88;

    /// The longest script that can still be spent, nearly: pushes of 520 bytes, then one that succeeds.
    private static final Bytes LONG_SCRIPT =
            Bytes.parse(("4d0802" + "aa".repeat(520)).repeat(19) + "51");

    private final List<Block> chain = new ArrayList<>(List.of(REGTEST.genesis()));

    @Test
    @DisplayName("A10 ten blocks with 25 MB of undo data on disk, and leaving them and back")
    @Sabotage(type = "weft.chain.BlockUndo$TxUndo", method = "read", constant = "33554432>200")
    void shouldUndoAndRedoWhatIsLarge() throws IOException {
        inFolder(this::undoAndRedo);
    }

    private void undoAndRedo(Path temp) {
        var spends = new ArrayList<Transaction>();
        for (int i = 0; i <= MATURE; i++) {
            mine(List.of());
        }
        for (int round = 0; round < ROUNDS; round++) {
            var inputs = new ArrayList<TxIn>();
            for (int i = 1; i <= 3; i++) {
                Transaction fan = fan(round * 3 + i);
                mine(List.of(fan));
                for (int out = 0; out < OUTPUTS; out++) {
                    inputs.add(new TxIn(new OutPoint(fan.txid(), out), Bytes.EMPTY, 0));
                }
            }
            spends.add(Transaction.of(1, inputs, List.of(new TxOut(1_000, OPEN)), List.of(), 0));
        }
        int fork = chain.size();
        spends.forEach(spend -> mine(List.of(spend)));
        List<Block> spending = List.copyOf(chain.subList(fork, chain.size()));
        var side = new ArrayList<Block>();
        try (var node = new ChainOnDiskTest.Node(temp.resolve("both"), true);
                var plain = new ChainOnDiskTest.Node(temp.resolve("plain"), true)) {
            chain.stream().skip(1).forEach(node::submit);
            assertThat(undoBytes(spending)).isGreaterThan(25_000_000);
            chain.subList(fork, chain.size()).clear();
            for (int i = 0; i <= ROUNDS; i++) {
                side.add(mine(List.of()));
            }
            side.forEach(node::submit);
            assertThat(node.state.chain().tip().hash()).isEqualTo(side.getLast().hash());
            chain.stream().skip(1).forEach(plain::submit);
            assertThat(hash(node)).isEqualTo(hash(plain));
            chain.subList(fork, chain.size()).clear();
            chain.addAll(spending);
            node.submit(mine(List.of()));
            node.submit(mine(List.of()));
            assertThat(node.state.chain().tip().hash()).isEqualTo(chain.getLast().hash());
            chain.stream().skip(fork).forEach(plain::submit);
            assertThat(hash(node)).isEqualTo(hash(plain));
        }
    }

    @Test
    @DisplayName("A10 a million changes in one write of the database")
    @Sabotage(type = "weft.store.RocksKeyValueStore", method = "write", returns = "void")
    void shouldWriteAMillionChangesAtOnce() throws IOException {
        inFolder(StoreLimitsAttackTest::writeAMillion);
    }

    private static void writeAMillion(Path temp) {
        int count = 1_000_000;
        var batch = new Batch();
        for (int i = 0; i < count; i++) {
            batch.put(number(i), number(~i));
        }
        try (var store = RocksKeyValueStore.open(temp.resolve("db"), 8 << 20)) {
            store.write(batch.sync());
        }
        try (var store = RocksKeyValueStore.open(temp.resolve("db"), 8 << 20)) {
            int[] seen = {0};
            store.scan(
                    Bytes.EMPTY,
                    (key, value) -> {
                        assertThat(key).isEqualTo(number(seen[0]));
                        assertThat(value).isEqualTo(number(~seen[0]));
                        seen[0]++;
                        return true;
                    });
            assertThat(seen[0]).isEqualTo(count);
        }
    }

    /// Tests that are run again with broken classes get no folder from the engine.
    private static void inFolder(Consumer<Path> test) throws IOException {
        Path folder = Files.createTempDirectory("weft-limits");
        try {
            test.accept(folder);
        } finally {
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private static Bytes number(int number) {
        return Bytes.wrap(ByteBuffer.allocate(4).putInt(number).array());
    }

    private static String hash(ChainOnDiskTest.Node node) {
        return CoinsSummary.of(node.state.coinsStore()).hashSerialized().toHex();
    }

    private static long undoBytes(List<Block> blocks) {
        return blocks.stream()
                .mapToLong(block -> block.transactions().get(1).inputs().size())
                .map(inputs -> inputs * LONG_SCRIPT.length())
                .sum();
    }

    private Transaction fan(int height) {
        Transaction coinbase = chain.get(height).transactions().getFirst();
        long value = coinbase.outputs().getFirst().value();
        return Transaction.of(
                1,
                List.of(new TxIn(new OutPoint(coinbase.txid(), 0), Bytes.EMPTY, 0)),
                Collections.nCopies(OUTPUTS, new TxOut(value / OUTPUTS, LONG_SCRIPT)),
                List.of(),
                0);
    }

    private Block mine(List<Transaction> txs) {
        int height = chain.size();
        var all = new ArrayList<Transaction>();
        // Two blocks of one height differ by their transactions or by their parents.
        Bytes script = BlockCheck.heightPush(height).plus(Bytes.parse("0000"));
        all.add(
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(Subsidy.at(height, REGTEST), OPEN)),
                        List.of(),
                        0));
        all.addAll(txs);
        BlockHeader parent = chain.getLast().header();
        long bits = REGTEST.genesis().header().bits();
        long time = parent.time() + 60;
        var draft = new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, time, bits, 0);
        Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
        var header = new BlockHeader(draft.version(), draft.parent(), root, time, bits, 0);
        while (!REGTEST.hasValidWork(header.hash(), bits)) {
            header = header.withNonce(header.nonce() + 1);
        }
        Block block = Block.of(header, all);
        chain.add(block);
        return block;
    }
}
