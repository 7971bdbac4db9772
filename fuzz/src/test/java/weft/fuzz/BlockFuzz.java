package weft.fuzz;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.HeaderCheck;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.RuleFailure;
import weft.consensus.SignetSolution;
import weft.consensus.WitnessCommitment;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Bytes that pretend to be a block: read, written, judged without its parent.
public final class BlockFuzz {
    private static final ChainParams MAIN = ChainParams.of(Network.MAIN);
    private static final ChainParams SIGNET = ChainParams.of(Network.SIGNET);
    private static final Bytes ANYONE = Bytes.parse("51");

    private BlockFuzz() {}

    /// One input.
    public static void fuzzerTestOneInput(byte[] data) {
        Measured.run(data.length, () -> read(data));
    }

    private static void read(byte[] data) {
        ByteReader in = ByteReader.of(data);
        Block block;
        try {
            block = Block.read(in);
        } catch (MalformedBytes e) {
            return;
        }
        byte[] written = block.toByteArray();
        Measured.require(
                Arrays.equals(written, Arrays.copyOf(data, in.position())),
                "what was read is written as it came");
        Measured.require(block.totalSize() == written.length, "total size");
        Measured.require(Block.read(ByteReader.of(written)).equals(block), "read twice, equal");
        strip(block);
        judge(block);
    }

    private static void strip(Block block) {
        var out = new ByteWriter();
        block.write(out, Transaction.Encoding.LEGACY);
        Measured.require(out.size() == block.strippedSize(), "stripped size");
        Block stripped = Block.read(ByteReader.of(out.toByteArray()), Transaction.Encoding.LEGACY);
        Measured.require(
                MerkleRoot.of(stripped).equals(MerkleRoot.of(block)),
                "the root does not see witnesses");
    }

    private static void judge(Block block) {
        HeaderCheck.checkWork(block.header(), block.hash(), MAIN);
        @Nullable RuleFailure failure = BlockCheck.check(block);
        boolean early = BlockCheck.isMutated(block, false);
        boolean late = BlockCheck.isMutated(block, true);
        if (failure == null && !early) {
            boolean bare = block.transactions().stream().noneMatch(Transaction::hasWitness);
            Measured.require(bare, "before segwit a good block has no witness");
        }
        if (failure == null && !late) {
            Transaction coinbase = block.transactions().getFirst();
            Measured.require(
                    WitnessCommitment.indexIn(coinbase) >= 0
                            || block.transactions().stream().noneMatch(Transaction::hasWitness),
                    "witnesses are committed to");
        }
        SignetSolution.isValid(block, ANYONE, SIGNET);
    }
}
