package weft.node;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.light.InclusionProof;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.p2p.PeerPermissions;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.TxMessage;

/// Proofs that a full node serves, and what they may be believed for.
class ProofAttackTest implements SeenRed {
    private static MerkleBlock coinbaseProof(Block block) {
        var first = new BitSet();
        first.set(0);
        return PartialMerkleTree.message(block, first);
    }

    /// What a peer with a filter for one transaction is sent for a block.
    private static <T extends Message> T heard(FakePeer peer, Class<T> kind) {
        return peer.heard.stream().filter(kind::isInstance).map(kind::cast).findAny().orElseThrow();
    }

    @Test
    @DisplayName(
            "A21 a real transaction of 64 bytes: the full node is as ever, the proof is refused")
    @Sabotage(type = "weft.light.InclusionProof", method = "posesAsNode", returns = "false")
    @Sabotage(
            type = "weft.p2p.sync.BlockBody",
            method = "mutation",
            call = "isCoinbase",
            returns = "false")
    void shouldServeButNotBelieveATransactionOf64Bytes() {
        var scene = new Scene();
        Target target = scene.target;
        Transaction small =
                Transaction.of(
                        1,
                        List.of(new TxIn(scene.coin(1), Bytes.parse("51515151"), 0)),
                        List.of(new TxOut(0, Bytes.EMPTY)),
                        List.of(),
                        0);
        Transaction usual = Target.spend(scene.coin(2), Target.COIN);
        assertThat(small.strippedSize()).isEqualTo(64);
        Block block = target.block(List.of(small, usual));
        scene.accepts(block);
        for (Transaction tx : List.of(small, usual)) {
            FakePeer wallet = target.peer(new PeerPermissions(PeerPermissions.BLOOM_FILTER));
            var filter = BloomFilter.sized(1, 0.000_001, 0, BloomFilter.UPDATE_NONE);
            filter.insert(Bytes.wrap(tx.txid().toByteArray()));
            wallet.sends(filter.message());
            wallet.sends(GetData.of(InvItem.of(InvType.FILTERED_BLOCK, block.hash())));
            MerkleBlock proof = heard(wallet, MerkleBlock.class);
            Transaction sent = heard(wallet, TxMessage.class).tx();
            assertThat(sent).isEqualTo(tx);
            var matches = requireNonNull(PartialMerkleTree.of(proof).matches());
            assertThat(matches.root()).isEqualTo(block.header().merkleRoot());
            assertThat(
                            InclusionProof.check(
                                    sent,
                                    proof,
                                    block.transactions().getFirst(),
                                    coinbaseProof(block)))
                    .isEqualTo(tx.equals(small) ? InclusionProof.Refusal.POSES_AS_NODE : null);
            assertThat(wallet.fate()).isEqualTo(Fate.KEPT);
        }
        scene.holdsAgain();
    }
}
