package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.testkit.Property;

class MerkleRootTest {
    /// As the paper has it: level by level, the last one twice if it is alone.
    private static Bytes naive(List<Bytes> leaves) {
        if (leaves.size() == 1) {
            return leaves.getFirst();
        }
        var level = new ArrayList<Bytes>();
        for (int i = 0; i < leaves.size(); i += 2) {
            Bytes right = leaves.get(Math.min(i + 1, leaves.size() - 1));
            level.add(Bytes.wrap(Sha256.hashTwice(leaves.get(i).plus(right).toByteArray())));
        }
        return naive(level);
    }

    @Test
    void shouldEqualTheNaiveRoot() {
        Property.holds(
                200,
                random -> {
                    var leaves = new ArrayList<Digest256>();
                    int count = 1 + random.nextInt(70);
                    for (int i = 0; i < count; i++) {
                        leaves.add(Digest256.of(Property.bytes(random, 32)));
                    }
                    MerkleRoot.Result result = MerkleRoot.of(leaves);
                    List<Bytes> bytes =
                            leaves.stream().map(leaf -> Bytes.wrap(leaf.toByteArray())).toList();
                    assertThat(Bytes.wrap(result.root().toByteArray())).isEqualTo(naive(bytes));
                    assertThat(result.mutated()).isFalse();
                });
    }

    @Test
    void shouldSeeEveryCopyThatKeepsTheRoot() {
        Property.holds(
                200,
                random -> {
                    var leaves = new ArrayList<Digest256>();
                    int count = 1 + random.nextInt(40);
                    for (int i = 0; i < count; i++) {
                        leaves.add(Digest256.of(Property.bytes(random, 32)));
                    }
                    // Copies at the end fill up an odd level: two to the power of where the count's
                    // lowest bit is.
                    int copied = Integer.lowestOneBit(count);
                    var longer = new ArrayList<>(leaves);
                    longer.addAll(leaves.subList(count - copied, count));
                    // A power of two has no odd level.
                    if (count != copied) {
                        assertThat(MerkleRoot.of(longer).root())
                                .isEqualTo(MerkleRoot.of(leaves).root());
                        assertThat(MerkleRoot.of(longer).mutated()).isTrue();
                    }
                });
    }

    @Test
    void shouldBeZeroOverNothing() {
        assertThat(MerkleRoot.of(List.of()).root()).isEqualTo(Digest256.ZERO);
    }
}
