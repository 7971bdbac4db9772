package weft.p2p.bloom;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.consensus.MerkleRoot;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Vectors;
import weft.wire.MerkleBlock;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;

class PartialMerkleTreeTest {
    private static final SplittableRandom RANDOM = new SplittableRandom(37);

    private static List<Digest256> txids(int count) {
        var all = new ArrayList<Digest256>();
        for (int i = 0; i < count; i++) {
            all.add(new Digest256(RANDOM.nextLong(), 0, 0, i));
        }
        return all;
    }

    private static MerkleBlock message(long count, List<Digest256> hashes, Bytes flags) {
        var header = new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 0, 0, 0);
        return new MerkleBlock(header, count, hashes, flags);
    }

    @Test
    void shouldProveAnyChoiceOfAnyNumberOfTransactions() {
        for (int count : new int[] {1, 2, 3, 4, 7, 17, 56, 100, 127, 256, 312}) {
            List<Digest256> all = txids(count);
            for (int share : new int[] {0, 1, 2, 8, 100}) {
                var wanted = new BitSet();
                for (int i = 0; i < count; i++) {
                    wanted.set(i, share > 0 && RANDOM.nextInt(share) == 0);
                }
                PartialMerkleTree made = PartialMerkleTree.of(all, wanted);
                PartialMerkleTree.Matches proved =
                        requireNonNull(
                                PartialMerkleTree.of(message(count, made.hashes(), made.flags()))
                                        .matches());
                assertThat(proved.root()).isEqualTo(MerkleRoot.of(all).root());
                assertThat(proved.positions())
                        .containsExactlyElementsOf(wanted.stream().boxed().toList());
                assertThat(proved.transactions())
                        .containsExactlyElementsOf(wanted.stream().mapToObj(all::get).toList());
            }
        }
    }

    @Test
    void shouldReadTheProofOfABlockOfTheNetwork() {
        byte[] raw = Vectors.bytes("p2p/merkle/merkle300025.raw");
        var message =
                (MerkleBlock)
                        MessageCodec.decode(
                                MerkleBlock.COMMAND, Bytes.wrap(raw), Negotiated.CURRENT);
        PartialMerkleTree.Matches proved = requireNonNull(PartialMerkleTree.of(message).matches());
        assertThat(proved.root()).isEqualTo(message.header().merkleRoot());
        assertThat(message.txCount()).isEqualTo(461);
    }

    @Test
    void shouldReadProofsThatAreKept() {
        for (int at : new int[] {0, 1, 15, 20}) {
            byte[] raw = Vectors.bytes("p2p/merkle/txoutproof_0831332-" + at + ".bin");
            MerkleBlock message =
                    (MerkleBlock)
                            MessageCodec.decode(
                                    MerkleBlock.COMMAND, Bytes.wrap(raw), Negotiated.CURRENT);
            PartialMerkleTree.Matches proved =
                    requireNonNull(PartialMerkleTree.of(message).matches());
            assertThat(proved.root()).isEqualTo(message.header().merkleRoot());
            assertThat(proved.positions()).containsExactly(at);
        }
    }

    @Test
    void shouldRefuseWhatIsNoProof() {
        List<Digest256> all = txids(7);
        var wanted = new BitSet();
        wanted.set(3);
        PartialMerkleTree good = PartialMerkleTree.of(all, wanted);
        List<Digest256> hashes = good.hashes();
        Bytes flags = good.flags();
        var less = hashes.subList(0, hashes.size() - 1);
        var more = new ArrayList<>(hashes);
        more.add(Digest256.ZERO);
        assertThat(PartialMerkleTree.of(message(7, hashes, flags)).matches()).isNotNull();
        for (MerkleBlock each :
                List.of(
                        message(0, hashes, flags),
                        message(0xffff_ffffL, hashes, flags),
                        message(7, less, flags),
                        message(7, more, flags),
                        message(7, hashes, Bytes.EMPTY),
                        message(7, hashes, flags.plus(Bytes.parse("00"))),
                        message(2, hashes, flags))) {
            assertThat(PartialMerkleTree.of(each).matches()).as(each.toString()).isNull();
        }
    }

    @Test
    void shouldRefuseTwoEqualHalves() {
        List<Digest256> one = txids(1);
        List<Digest256> twice = List.of(one.getFirst(), one.getFirst());
        assertThat(PartialMerkleTree.of(message(2, twice, Bytes.parse("03"))).matches()).isNull();
    }

    @Test
    void shouldNeverFailOnChance() {
        for (int i = 0; i < 3_000; i++) {
            byte[] flags = new byte[RANDOM.nextInt(6)];
            RANDOM.nextBytes(flags);
            MerkleBlock chance =
                    message(RANDOM.nextInt(70), txids(RANDOM.nextInt(12)), Bytes.wrap(flags));
            PartialMerkleTree.Matches proved = PartialMerkleTree.of(chance).matches();
            assertThat(proved == null || proved.positions().size() <= chance.txCount()).isTrue();
        }
    }
}
