package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.WitnessCommitment;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;

/// Blocks from a template.
class MiningJobTest {
    private static final Bytes PAY_TO = Bytes.parse("51");
    private static final Block GENESIS = ChainParams.of(Network.REGTEST).genesis();

    private static List<Transaction> some(int count) {
        var all = new ArrayList<Transaction>();
        for (int i = 0; i < count; i++) {
            var prevout = new OutPoint(Txid.parse("11".repeat(32)), i);
            var input = new TxIn(prevout, Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
            all.add(Transaction.of(2, List.of(input), List.of(new TxOut(i, PAY_TO)), List.of(), 0));
        }
        return all;
    }

    private static WorkTemplate template(int height, List<Transaction> transactions) {
        var place =
                new WorkTemplate.Place(
                        height,
                        0x2000_0000,
                        GENESIS.hash(),
                        GENESIS.header().bits(),
                        new Digest256(-1, -1, -1, Long.MAX_VALUE),
                        1_700_000_000L,
                        1_600_000_000L);
        Bytes commitment = WitnessCommitment.script(new Digest256(1, 2, 3, 4));
        return new WorkTemplate(place, 5_000_000_000L, Optional.of(commitment), transactions);
    }

    @Test
    void shouldHaveTheMerkleRootOfItsBlockForAnyCountOfTransactions() {
        for (int count = 0; count <= 33; count++) {
            MiningJob job = MiningJob.of(template(500, some(count)), PAY_TO, Bytes.EMPTY, 8);
            Block block = job.candidate(Bytes.parse("0102030405060708"), 1_700_000_001L);

            MerkleRoot.Result root = MerkleRoot.of(block);
            assertThat(block.header().merkleRoot()).as(count + " others").isEqualTo(root.root());
            assertThat(root.mutated()).isFalse();
            assertThat(block.transactions()).hasSize(count + 1);
            assertThat(block.header().time()).isEqualTo(1_700_000_001L);
        }
    }

    /// What a miner who is only told both ends of the coinbase and the branch must find.
    @Test
    void shouldHaveACoinbaseThatCanBePutTogetherFromItsEnds() {
        Property.holds(
                300,
                random -> {
                    int gap = 1 + random.nextInt(CoinbasePlan.GAP_BYTES_MAX);
                    int length = random.nextInt(CoinbasePlan.TEXT_BYTES_MAX + 1);
                    int height = 1 + random.nextInt(3_000_000);
                    byte[] extra = new byte[gap];
                    random.nextBytes(extra);
                    Bytes text = Bytes.wrap(new byte[length]);
                    MiningJob job = MiningJob.of(template(height, some(3)), PAY_TO, text, gap);
                    CoinbasePlan plan = job.coinbase();
                    byte[] whole =
                            plan.head().plus(Bytes.wrap(extra)).plus(plan.tail()).toByteArray();
                    Transaction coinbase = plan.with(Bytes.wrap(extra));

                    assertThat(Sha256.hashTwice(whole)).isEqualTo(coinbase.txid().toByteArray());
                    Bytes script = coinbase.inputs().getFirst().scriptSig();
                    assertThat(script.startsWith(BlockCheck.heightPush(height))).isTrue();
                    assertThat(script.length()).isBetween(2, 100);
                    assertThat(coinbase.isCoinbase()).isTrue();
                });
    }

    @Test
    void shouldPutTheTextAtTheEndOfTheScript() {
        Bytes text = Bytes.wrap("/weft/".getBytes(StandardCharsets.US_ASCII));
        MiningJob job = MiningJob.of(template(1, List.of()), PAY_TO, text, 4);

        Bytes script = job.coinbase().with(Bytes.parse("aabbccdd")).inputs().getFirst().scriptSig();
        assertThat(script).isEqualTo(Bytes.parse("510aaabbccdd").plus(text));
    }

    @Test
    void shouldGiveOtherHeadersForOtherExtraNonces() {
        MiningJob job = MiningJob.of(template(7, some(2)), PAY_TO, Bytes.EMPTY, 2);

        assertThat(job.header(Bytes.parse("0001"), 1, 1).merkleRoot())
                .isNotEqualTo(job.header(Bytes.parse("0002"), 1, 1).merkleRoot());
        assertThatThrownBy(() -> job.header(Bytes.parse("000102"), 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHaveNoWitnessWhereNothingCommitsToWitnesses() {
        WorkTemplate with = template(7, List.of());
        var without = new WorkTemplate(with.place(), with.value(), Optional.empty(), List.of());
        Transaction bare =
                MiningJob.of(without, PAY_TO, Bytes.EMPTY, 2).coinbase().with(Bytes.parse("0000"));

        assertThat(bare.hasWitness()).isFalse();
        assertThat(bare.outputs()).hasSize(1);
        Transaction full =
                MiningJob.of(with, PAY_TO, Bytes.EMPTY, 2).coinbase().with(Bytes.parse("0000"));
        assertThat(full.hasWitness()).isTrue();
        assertThat(WitnessCommitment.indexIn(full)).isEqualTo(1);
    }
}
