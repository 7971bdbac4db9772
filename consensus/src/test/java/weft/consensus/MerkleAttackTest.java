package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Hash256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Two lists of transactions with one Merkle root: the block must not be blamed for the other list.
class MerkleAttackTest implements SeenRed {
    private static Transaction tx(OutPoint spent, long value) {
        return Transaction.of(
                1,
                List.of(new TxIn(spent, Bytes.parse("0000"), 0)),
                List.of(new TxOut(value, Bytes.parse("51"))),
                List.of(),
                0);
    }

    /// A coinbase and some more.
    private static List<Transaction> list(int count) {
        var txs = new ArrayList<Transaction>();
        txs.add(tx(OutPoint.NULL, 1));
        for (int i = 1; i < count; i++) {
            txs.add(tx(new OutPoint(new Txid(i, 0, 0, 1), 0), i));
        }
        return txs;
    }

    private static Block block(List<Transaction> rootOf, List<Transaction> body) {
        List<Txid> ids = rootOf.stream().map(Transaction::txid).toList();
        var header =
                new BlockHeader(4, BlockHash.ZERO, MerkleRoot.of(ids).root(), 1, 0x207fffffL, 0);
        return Block.of(header, body);
    }

    private static RuleFailure.@Nullable Kind kind(@Nullable RuleFailure failure) {
        return failure == null ? null : failure.kind();
    }

    @Test
    @DisplayName("A07 every list that repeats its end and keeps the root is a mutation")
    @Sabotage(type = "weft.consensus.MerkleRoot", method = "hasEqualPair", returns = "false")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "checkRoot", flips = 2)
    void shouldSeeRepeatedTransactions() {
        for (int count = 1; count <= 40; count++) {
            List<Transaction> honest = list(count);
            assertThat(BlockCheck.check(block(honest, honest))).isNull();
            assertThat(BlockCheck.isMutated(block(honest, honest), true)).isFalse();
            // At each level that has an odd number of nodes the last subtree may be repeated.
            var longer = new ArrayList<>(honest);
            for (int span = 1; span < longer.size(); span *= 2) {
                if (longer.size() / span % 2 == 1) {
                    longer.addAll(List.copyOf(longer.subList(longer.size() - span, longer.size())));
                    Block mutated = block(honest, List.copyOf(longer));
                    assertThat(MerkleRoot.of(mutated).root())
                            .as("%s transactions as %s", count, longer.size())
                            .isEqualTo(mutated.header().merkleRoot());
                    assertThat(kind(BlockCheck.check(mutated))).isEqualTo(RuleFailure.Kind.MUTATED);
                    assertThat(BlockCheck.isMutated(mutated, true)).isTrue();
                }
            }
        }
    }

    @Test
    @DisplayName("A08 two hashes side by side that pose as the only transaction of a block")
    @Sabotage(type = "weft.consensus.BlockCheck", method = "lambda$isMutated$0", constant = "64>96")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "isMutated",
            call = "anyMatch",
            returns = "false")
    void shouldSeeAnInnerNodeThatPosesAsATransaction() {
        // An inner node reads as a transaction if its bytes happen to have the form of one: take a
        // transaction of 64 bytes, and a block whose root is its id.
        Bytes bytes =
                Bytes.parse(
                        "01000000"
                                + "01"
                                + "11".repeat(32)
                                + "00000000"
                                + "0401020304"
                                + "ffffffff"
                                + "01"
                                + "0000000000000000"
                                + "00"
                                + "00000000");
        assertThat(bytes.length()).isEqualTo(2 * Hash256.BYTES);
        Transaction forged = Transaction.read(ByteReader.of(bytes.toByteArray()));
        assertThat(forged.strippedSize()).isEqualTo(64);
        Block alone = block(List.of(forged), List.of(forged));
        assertThat(BlockCheck.isMutated(alone, true)).isTrue();
        assertThat(BlockCheck.isMutated(alone, false)).isTrue();
        // The root of two hashes whose bytes are these is the same: the forged list is as good.
        Hash256 left = Txid.of(bytes.slice(0, 32).toByteArray());
        Hash256 right = Txid.of(bytes.slice(32, 32).toByteArray());
        assertThat(MerkleRoot.of(List.of(left, right)).root())
                .isEqualTo(alone.header().merkleRoot());
        // With a coinbase in front such a transaction is odd, but no mutation.
        List<Transaction> honest = List.of(tx(OutPoint.NULL, 1), forged);
        assertThat(BlockCheck.isMutated(block(honest, honest), true)).isFalse();
    }
}
