package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

class SnapshotsTest {
    private static final int BASE_HEIGHT = 120;
    private static final int BLOCKS = 150;

    private final MemoryKeyValueStore database = new MemoryKeyValueStore();
    private final MemoryBlockStore files = new MemoryBlockStore(5_000);

    /// A chain with some spends, and what a node must be told of its snapshot.
    private record Source(
            List<Block> blocks, Bytes snapshot, ChainParams params, CoinsSummary end) {
        byte[] file() {
            return snapshot.toByteArray();
        }

        List<BlockHeader> headers() {
            return blocks.stream().map(Block::header).toList();
        }
    }

    private static Source source(boolean lie) {
        var forge = new Forge(Forge.REGTEST);
        var blocks = new ArrayList<Block>();
        byte[] file = new byte[0];
        String hash = "";
        HeaderNode base = forge.tip();
        for (int height = 1; height <= BLOCKS; height++) {
            var spends =
                    height <= 101
                            ? List.<weft.primitives.Transaction>of()
                            : List.of(Forge.spend(forge.coinbaseOf(height - 101), 1_000, 2_000));
            Block block = forge.block(forge.tip(), spends);
            assertThat(forge.submit(block)).isEmpty();
            blocks.add(block);
            if (height == BASE_HEIGHT) {
                base = forge.tip();
                CoinsSummary coins = forge.coins();
                hash = coins.hashSerialized().toString();
                file = dump(forge.state, forge.params);
            }
        }
        // What a wrong snapshot would bring: one coin more than there is.
        if (lie) {
            file[SnapshotHeader.BYTES + 40] ^= 1;
            hash = hashOf(file);
        }
        long count = forge.state.headers().status(base).chainTxCount();
        var snapshot = new ChainParams.AssumeUtxo(BASE_HEIGHT, base.hash(), hash, count);
        ChainParams params = withSnapshot(Forge.REGTEST, snapshot);
        return new Source(blocks, Bytes.wrap(file), params, forge.coins());
    }

    private static String hashOf(byte[] file) {
        var store = new CoinsStore(new MemoryKeyValueStore());
        var in = new SnapshotReader(new ByteArrayInputStream(file));
        var any = new ChainParams.AssumeUtxo(BASE_HEIGHT, Forge.REGTEST.genesis().hash(), "", 1);
        assertThat(new SnapshotLoad(in, in.header(), store, weft.primitives.log.Log.NONE).run(any))
                .hasValueSatisfying(why -> assertThat(why).contains("content hash"));
        return CoinsSummary.of(store).hashSerialized().toString();
    }

    private static ChainParams withSnapshot(ChainParams params, ChainParams.AssumeUtxo snapshot) {
        ChainParams.Trust trust = params.trust();
        return new ChainParams(
                params.identity(),
                params.addressPrefixes(),
                params.pow(),
                params.heights(),
                params.deployments(),
                new ChainParams.Trust(
                        trust.minimumChainWork(),
                        trust.assumeValid(),
                        trust.checkpoints(),
                        List.of(snapshot),
                        trust.chainTxData(),
                        trust.assumedBlockchainGb(),
                        trust.assumedChainStateGb()),
                params.exceptions(),
                params.subsidyHalvingInterval(),
                params.signetChallenge(),
                params.seeds());
    }

    private static byte[] dump(ChainState state, ChainParams params) {
        state.flush(Forge.NOW);
        var out = new ByteArrayOutputStream();
        var header =
                new SnapshotHeader(
                        params.identity().magic(),
                        state.chain().tip().hash(),
                        CoinsSummary.of(state.coinsStore()).outputs());
        SnapshotWriter.write(header, state.coinsStore(), out);
        return out.toByteArray();
    }

    private Forge node(Source source, KeyValueStore store) {
        var forge = new Forge(source.params, ChainOptions.DEFAULT, store, files);
        forge.state.start(Forge.NOW);
        return forge;
    }

    private static void tellHeaders(Forge forge, Source source) {
        forge.state.submitHeaders(
                new ChainCommand.SubmitHeaders(Forge.PEER, source.headers(), true), Forge.NOW);
    }

    private static Optional<String> load(Forge forge, byte[] file) {
        var in = new SnapshotReader(new ByteArrayInputStream(file));
        return forge.state.loadSnapshot(in.header(), in, false, Forge.NOW);
    }

    private static int height(Optional<HeaderNode> node) {
        return node.orElseThrow().height();
    }

    @Test
    void shouldStandOnASnapshotAndProveItInTheBackground() {
        Source source = source(false);
        Forge forge = node(source, database);
        forge.submit(source.blocks.getFirst());
        assertThat(load(forge, source.file()))
                .hasValueSatisfying(why -> assertThat(why).contains("must appear in the headers"));
        tellHeaders(forge, source);
        assertThat(load(forge, source.file())).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(BASE_HEIGHT);
        assertThat(height(forge.state.snapshots().validated())).isEqualTo(1);
        assertThat(load(forge, source.file()))
                .hasValue("Can't activate a snapshot-based chainstate more than once");

        // First the tip, then half of the history, out of order.
        for (Block block : source.blocks.subList(BASE_HEIGHT, BLOCKS)) {
            assertThat(forge.submit(block)).isEmpty();
        }
        assertThat(forge.tip().height()).isEqualTo(BLOCKS);
        assertThat(forge.coins()).isEqualTo(source.end);
        for (Block block : source.blocks.subList(0, 60).reversed()) {
            forge.submit(block);
        }
        settle(forge);
        assertThat(height(forge.state.snapshots().validated())).isEqualTo(60);
        forge.state.close();

        // Restarted in the middle.
        Forge again = node(source, database);
        assertThat(again.tip().height()).isEqualTo(BLOCKS);
        assertThat(height(again.state.snapshots().validated())).isEqualTo(60);
        assertThat(again.coins()).isEqualTo(source.end);
        for (Block block : source.blocks.subList(60, BASE_HEIGHT)) {
            again.submit(block);
        }
        settle(again);
        assertThat(again.state.snapshots().base()).isEmpty();
        assertThat(again.coins()).isEqualTo(source.end);
        HeaderNode base = Check.present(again.state.chain().at(BASE_HEIGHT), "stands");
        assertThat(again.events).contains(new ChainEvent.HistoryMoved(base, base));

        // One chain again, that can go back below the base.
        Forge last = node(source, database);
        assertThat(last.state.snapshots().base()).isEmpty();
        HeaderNode low = Check.present(last.state.chain().at(50), "stands");
        last.state.invalidateBlock(low.hash(), Forge.NOW);
        last.state.reconsiderBlock(low.hash(), Forge.NOW);
        assertThat(last.coins()).isEqualTo(source.end);
    }

    private static void settle(Forge forge) {
        for (int i = 0; i < 20; i++) {
            forge.state.tick(new weft.primitives.Now(i * 2_000_000_000L, Forge.NOW.wall()));
        }
    }

    @Test
    void shouldThrowAWrongSnapshotAway() {
        Source source = source(true);
        Forge forge = node(source, database);
        tellHeaders(forge, source);
        assertThat(load(forge, source.file())).isEmpty();
        assertThatThrownBy(
                        () -> {
                            source.blocks.subList(0, BASE_HEIGHT).forEach(forge::submit);
                            settle(forge);
                        })
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("failed to validate the -assumeutxo snapshot state");

        Forge again = node(source, database);
        assertThat(again.state.snapshots().base()).isEmpty();
        assertThat(again.tip().height()).isEqualTo(BASE_HEIGHT);
        source.blocks.subList(BASE_HEIGHT, BLOCKS).forEach(again::submit);
        assertThat(again.coins()).isEqualTo(source.end);
    }

    @Test
    void shouldLeaveAnotherBranchInTheBackgroundToo() {
        Source source = source(false);
        Forge forge = node(source, database);
        Block fork = source.blocks.get(9);
        source.blocks.subList(0, 10).forEach(forge::submit);
        assertThat(forge.tip().hash()).isEqualTo(fork.hash());
        for (int i = 0; i < 5; i++) {
            var coinbase = forge.coinbase(forge.tip().height() + 1, 77, 0);
            assertThat(forge.submit(forge.block(forge.tip(), coinbase, List.of()))).isEmpty();
        }
        tellHeaders(forge, source);
        assertThat(load(forge, source.file())).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(BASE_HEIGHT);
        source.blocks.subList(10, BLOCKS).forEach(forge::submit);
        settle(forge);
        assertThat(forge.state.snapshots().base()).isEmpty();
        assertThat(forge.coins()).isEqualTo(source.end);
    }

    @Test
    void shouldRefuseDamagedFilesAndStayAsItWas() {
        Source source = source(false);
        Forge forge = node(source, database);
        tellHeaders(forge, source);
        CoinsSummary before = forge.coins();
        var random = new SplittableRandom(42);
        for (int i = 0; i < 300; i++) {
            byte[] bad = source.file();
            int at = random.nextInt(SnapshotHeader.BYTES, bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            assertThat(load(forge, bad)).as("bit of byte " + at).isPresent();
            byte[] shorter = java.util.Arrays.copyOf(source.file(), at);
            assertThat(load(forge, shorter)).isPresent();
        }
        assertThat(load(forge, java.util.Arrays.copyOf(source.file(), source.file().length + 1)))
                .hasValueSatisfying(why -> assertThat(why).contains("coins left over"));
        assertThat(forge.tip().height()).isZero();
        assertThat(forge.coins()).isEqualTo(before);
        assertThat(load(forge, source.file())).isEmpty();
    }

    @Test
    void shouldRecoverWhereverTheProcessDies() {
        Source source = source(false);
        for (int writes = 1; writes < 400; writes += 7) {
            var disk = new MemoryKeyValueStore();
            var blocks = new MemoryBlockStore(5_000);
            var fuse = new Fuse(writes);
            boolean died = false;
            try {
                run(source, fuse.guard(disk), fuse.guard(blocks));
            } catch (StoreException e) {
                died = true;
            }
            Forge again = run(source, disk, blocks);
            assertThat(again.coins()).as("after " + writes + " writes").isEqualTo(source.end);
            assertThat(again.state.snapshots().base()).isEmpty();
            if (!died) {
                return;
            }
        }
    }

    private static Forge run(
            Source source, KeyValueStore disk, weft.chain.store.BlockStore blocks) {
        var forge = new Forge(source.params, ChainOptions.DEFAULT, disk, blocks);
        forge.state.start(Forge.NOW);
        tellHeaders(forge, source);
        if (forge.tip().height() < BASE_HEIGHT) {
            assertThat(load(forge, source.file())).isEmpty();
        }
        source.blocks.subList(BASE_HEIGHT, BLOCKS).forEach(forge::submit);
        for (Block block : source.blocks.subList(0, BASE_HEIGHT)) {
            forge.submit(block);
            forge.state.flush(Forge.NOW);
        }
        settle(forge);
        return forge;
    }

    @ParameterizedTest
    @CsvSource({"mainnet_0000_4312,mainnet_4312,MAIN", "testnet3_0000_4000,testnet3_4000,TESTNET3"})
    void shouldDumpWhatCoreDumps(String run, String file, Network network) {
        ChainParams params = ChainParams.of(network);
        var forge = new Forge(params);
        ByteReader in = ByteReader.of(Vectors.bytes("chain/blockruns/" + run + ".blk"));
        while (!in.isAtEnd()) {
            in.skip(8);
            assertThat(forge.submit(Block.read(in))).isEmpty();
        }
        byte[] expected = Vectors.bytes("chain/snapshots/" + file + ".utxo");
        assertThat(Bytes.wrap(dump(forge.state, params))).isEqualTo(Bytes.wrap(expected));

        // And theirs loads, to the same coins.
        String hash = forge.coins().hashSerialized().toString();
        var header = new SnapshotReader(new ByteArrayInputStream(expected)).header();
        var told =
                new ChainParams.AssumeUtxo(forge.tip().height(), forge.tip().hash(), hash, 10_000);
        var store = new CoinsStore(new MemoryKeyValueStore());
        var reader = new SnapshotReader(new ByteArrayInputStream(expected));
        assertThat(reader.header()).isEqualTo(header);
        assertThat(new SnapshotLoad(reader, header, store, weft.primitives.log.Log.NONE).run(told))
                .isEmpty();
    }
}
