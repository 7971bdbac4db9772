package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class DigestSetTest {
    @Test
    void shouldHoldWhatWasAddedAndNothingElse() {
        Property.holds(
                20,
                random -> {
                    var set = new DigestSet(1 << 20);
                    List<byte[]> added = new ArrayList<>();
                    for (int i = 0; i < 1000; i++) {
                        added.add(Property.bytes(random, DigestSet.DIGEST_BYTES));
                        set.add(added.getLast());
                    }
                    assertThat(added).allMatch(set::contains);
                    for (byte[] digest : added) {
                        byte[] near = digest.clone();
                        near[random.nextInt(near.length)] ^= (byte) (1 << random.nextInt(8));
                        assertThat(set.contains(near)).isFalse();
                    }
                });
    }

    @Test
    void shouldForgetRatherThanGrow() {
        Property.holds(
                5,
                random -> {
                    var set = new DigestSet(64 << 10);
                    assertThat(set.capacity()).isEqualTo(2048);
                    List<byte[]> added = new ArrayList<>();
                    for (int i = 0; i < 20_000; i++) {
                        added.add(Property.bytes(random, DigestSet.DIGEST_BYTES));
                        set.add(added.getLast());
                    }
                    assertThat(added.stream().filter(set::contains).count())
                            .isBetween(1900L, 2048L);
                    assertThat(set.contains(added.getLast())).isTrue();
                });
    }

    @Test
    void shouldFindRoomForMostOfItsCapacityWhenItIsHalfFull() {
        Property.holds(
                5,
                random -> {
                    var set = new DigestSet(1 << 20);
                    List<byte[]> added = new ArrayList<>();
                    for (int i = 0; i < set.capacity() / 2; i++) {
                        added.add(Property.bytes(random, DigestSet.DIGEST_BYTES));
                        set.add(added.getLast());
                    }
                    assertThat(added.stream().filter(set::contains).count())
                            .isGreaterThan(added.size() * 95L / 100);
                });
    }

    @Test
    void shouldStayEmptyWithoutMemory() {
        var set = new DigestSet(255);
        byte[] digest = new byte[DigestSet.DIGEST_BYTES];
        digest[0] = 1;
        set.add(digest);
        assertThat(set.capacity()).isZero();
        assertThat(set.contains(digest)).isFalse();
    }
}
