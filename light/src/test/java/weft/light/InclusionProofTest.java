package weft.light;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.consensus.MerkleRoot;
import weft.crypto.Sha256;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.MerkleBlock;

class InclusionProofTest implements SeenRed {
    private static final Transaction COINBASE = tx(OutPoint.NULL, "0011223344");

    private static Transaction tx(OutPoint coin, String script) {
        return Transaction.of(
                1,
                List.of(new TxIn(coin, Bytes.parse(script), 0)),
                List.of(new TxOut(50, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private static Transaction payment(int number) {
        return tx(new OutPoint(COINBASE.txid(), number), "5151515151");
    }

    private static Digest256 leaf(Transaction tx) {
        return Digest256.of(tx.txid().toByteArray());
    }

    private static MerkleBlock proof(List<Digest256> leaves, int wanted, Digest256 root) {
        var bits = new BitSet();
        bits.set(wanted);
        PartialMerkleTree tree = PartialMerkleTree.of(leaves, bits);
        var header = new BlockHeader(1, BlockHash.ZERO, root, 0, 0, 0);
        return new MerkleBlock(header, leaves.size(), tree.hashes(), tree.flags());
    }

    private static MerkleBlock proof(List<Digest256> leaves, int wanted) {
        return proof(leaves, wanted, MerkleRoot.of(leaves).root());
    }

    private static boolean isNaivelyProven(Transaction tx, MerkleBlock proof) {
        var matches = Objects.requireNonNull(PartialMerkleTree.of(proof).matches());
        return matches.root().equals(proof.header().merkleRoot())
                && matches.transactions().contains(leaf(tx));
    }

    @Test
    void shouldProveEveryTransactionOfEveryBlock() {
        for (int count = 1; count <= 9; count++) {
            var txs = new ArrayList<Transaction>(List.of(COINBASE));
            for (int i = 1; i < count; i++) {
                txs.add(payment(i));
            }
            List<Digest256> leaves = txs.stream().map(InclusionProofTest::leaf).toList();
            for (int i = 0; i < count; i++) {
                assertThat(
                                InclusionProof.check(
                                        txs.get(i), proof(leaves, i), COINBASE, proof(leaves, 0)))
                        .as("%s of %s", i, count)
                        .isNull();
            }
        }
    }

    @Test
    void shouldSayWhyNothingIsProven() {
        List<Digest256> leaves = List.of(leaf(COINBASE), leaf(payment(1)), leaf(payment(2)));
        MerkleBlock first = proof(leaves, 0);
        MerkleBlock second = proof(leaves, 1);
        assertThat(InclusionProof.check(payment(2), second, COINBASE, first))
                .isEqualTo(InclusionProof.Refusal.NOT_NAMED);
        assertThat(InclusionProof.check(payment(1), second, payment(1), second))
                .isEqualTo(InclusionProof.Refusal.NO_COINBASE);
        MerkleBlock other = proof(leaves.subList(0, 2), 0);
        assertThat(InclusionProof.check(payment(1), second, COINBASE, other))
                .isEqualTo(InclusionProof.Refusal.OTHER_BLOCK);
        MerkleBlock rootless = proof(leaves, 1, Digest256.ZERO);
        assertThat(
                        InclusionProof.check(
                                payment(1), rootless, COINBASE, proof(leaves, 0, Digest256.ZERO)))
                .isEqualTo(InclusionProof.Refusal.BROKEN_TREE);
    }

    /// The block has two leaves. The second is the hash of 64 bytes whose second half is the id of a payment
    /// that never was; what those bytes say as a transaction does not matter to the tree.
    @Test
    @DisplayName("A21 a payment below a transaction of 64 bytes")
    @Sabotage(type = "weft.light.InclusionProof", method = "sameDepth", returns = "true")
    void shouldRefuseWhatLiesDeeperThanTheCoinbase() {
        Transaction never = payment(7);
        Digest256 half = leaf(payment(8));
        byte[] both = new byte[64];
        System.arraycopy(half.toByteArray(), 0, both, 0, 32);
        System.arraycopy(never.txid().toByteArray(), 0, both, 32, 32);
        Digest256 posing = Digest256.of(Sha256.hashTwice(both, 0, both.length));
        List<Digest256> leaves = List.of(leaf(COINBASE), posing);
        Digest256 root = MerkleRoot.of(leaves).root();
        // Root and right half are above the payment; left of it there is nothing to see.
        MerkleBlock forged =
                new MerkleBlock(
                        proof(leaves, 0).header(),
                        4,
                        List.of(leaf(COINBASE), half, leaf(never)),
                        Bytes.wrap(new byte[] {0b10101}));
        assertThat(forged.header().merkleRoot()).isEqualTo(root);
        assertThat(isNaivelyProven(never, forged)).isTrue();
        assertThat(InclusionProof.check(never, forged, COINBASE, proof(leaves, 0)))
                .isEqualTo(InclusionProof.Refusal.OTHER_DEPTH);
    }

    @Test
    @DisplayName("A21 an inner node that is sold as a payment")
    @Sabotage(type = "weft.light.InclusionProof", method = "posesAsNode", returns = "false")
    void shouldRefuseAPaymentOf64Bytes() {
        Transaction posing = tx(new OutPoint(Txid.ZERO, 1), "51515151");
        assertThat(posing.strippedSize()).isEqualTo(64);
        List<Digest256> leaves = List.of(leaf(COINBASE), leaf(posing));
        MerkleBlock proof = proof(leaves, 1);
        assertThat(isNaivelyProven(posing, proof)).isTrue();
        assertThat(InclusionProof.check(posing, proof, COINBASE, proof(leaves, 0)))
                .isEqualTo(InclusionProof.Refusal.POSES_AS_NODE);
    }
}
