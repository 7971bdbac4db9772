package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.log.Log;
import weft.testkit.Vectors;

class UndoFilesTest {
    private static final Now NOW = new Now(1, Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir private Path temp;

    /// The hashes are those of the files that Bitcoin Core 28.1 wrote with `-loadblock` and
    /// `-blocksxor=0`, up to the zeros that it puts at the end in advance.
    @ParameterizedTest
    @CsvSource({
        "testnet3_0000_4000,TESTNET3,d85901021268c28fa34a5aca74a9a33e8181f65092e222f1d63b03fd53577e92",
        "regtest_kernel_000_206,REGTEST,5ec835382e6e87f27324f43394e422b61f4f73a3b09a1cb06eeb3ede337e1aea"
    })
    void shouldWriteTheFilesThatCoreWrote(String run, Network network, String undoHash)
            throws IOException {
        ChainParams params = ChainParams.of(network);
        byte[] blocks = Vectors.bytes("chain/blockruns/" + run + ".blk");
        Bytes noKey = Bytes.parse("0000000000000000");
        Bytes magic = params.identity().magic();
        var options = new BlockFileOptions(magic, BlockFileOptions.FILE_BYTES, false, noKey, 0);
        try (BlockFiles files = BlockFiles.open(temp, options)) {
            var stores = new ChainStores(new MemoryKeyValueStore(), files);
            var state =
                    new ChainState(
                            new ConsensusRules(params),
                            ChainOptions.DEFAULT,
                            stores,
                            new InlineScriptVerifier(),
                            event -> {},
                            Log.NONE);
            state.start(NOW);
            ByteReader in = ByteReader.of(blocks);
            while (!in.isAtEnd()) {
                in.skip(8);
                var submit = new ChainCommand.SubmitBlock(Origin.SELF, Block.read(in), true);
                assertThat(state.submitBlock(submit, NOW).failure()).isEmpty();
            }
        }
        assertThat(Files.readAllBytes(temp.resolve("blk00000.dat"))).isEqualTo(blocks);
        byte[] undo = Files.readAllBytes(temp.resolve("rev00000.dat"));
        assertThat(HexFormat.of().formatHex(Sha256.hash(undo))).isEqualTo(undoHash);
    }
}
