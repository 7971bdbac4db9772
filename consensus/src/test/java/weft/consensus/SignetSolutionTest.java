package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

class SignetSolutionTest {
    private static final ChainParams SIGNET = ChainParams.of(Network.SIGNET);
    private static final Bytes CHALLENGE = SIGNET.signetChallenge().orElseThrow();

    private static List<Block> blocks() {
        var blocks = new ArrayList<Block>();
        ByteReader in = ByteReader.of(Vectors.bytes("chain/blockruns/signet_0000_0010.blk"));
        while (!in.isAtEnd()) {
            in.skip(8);
            blocks.add(Block.read(in));
        }
        return blocks;
    }

    @Test
    void shouldAcceptTheFirstBlocks() {
        assertThat(blocks())
                .hasSize(11)
                .allSatisfy(
                        block ->
                                assertThat(SignetSolution.isValid(block, CHALLENGE, SIGNET))
                                        .isTrue());
    }

    @Test
    void shouldRefuseWhatWasNotSigned() {
        Block block = blocks().get(3);
        BlockHeader header = block.header();
        var later =
                new BlockHeader(
                        header.version(),
                        header.parent(),
                        header.merkleRoot(),
                        header.time() + 1,
                        header.bits(),
                        header.nonce());
        Block changed = Block.of(later, block.transactions());
        assertThat(SignetSolution.isValid(changed, CHALLENGE, SIGNET)).isFalse();
        assertThat(BlockCheck.check(changed, SIGNET))
                .isEqualTo(
                        RuleFailure.consensus(
                                "bad-signet-blksig", "signet block signature validation failure"));
        // The nonce is not signed: it is searched for after signing.
        Block searched = Block.of(header.withNonce(7), block.transactions());
        assertThat(SignetSolution.isValid(searched, CHALLENGE, SIGNET)).isTrue();
    }

    @Test
    void shouldAllowATrivialChallengeWithoutSolution() {
        Block block = blocks().get(1);
        Bytes anyone = Bytes.parse("51");
        Block regtest = Block.of(block.header(), block.transactions());
        assertThat(SignetSolution.isValid(regtest, Bytes.parse("00"), SIGNET)).isFalse();
        assertThat(SignetSolution.isValid(regtest, anyone, SIGNET)).isTrue();
    }
}
