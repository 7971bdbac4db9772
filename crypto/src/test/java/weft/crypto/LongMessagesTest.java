package weft.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

/// The JDK's cipher and ours must be one cipher. The second message under one nonce is always ours, because
/// the JDK refuses it: so both can be seen side by side.
class LongMessagesTest {
    private static final int LENGTH_MAX = 3 * LongMessages.MIN_BYTES;

    @Test
    @DisplayName("long messages are sealed to the same bytes by the JDK's cipher and by ours")
    void shouldSealAsOurs() {
        Property.holds(
                2_000,
                random -> {
                    var cipher = new ChaCha20Poly1305(Property.bytes(random, 32));
                    int first = random.nextInt();
                    long rest = random.nextLong();
                    byte[] plain = Property.bytes(random, random.nextInt(LENGTH_MAX));
                    byte[] aad = Property.bytes(random, random.nextInt(40));
                    byte[] sealed = cipher.encrypt(first, rest, aad, plain);
                    assertThat(cipher.encrypt(first, rest, aad, plain)).isEqualTo(sealed);
                    assertThat(cipher.decrypt(first, rest, aad, sealed).orElseThrow())
                            .isEqualTo(plain);
                    assertThat(cipher.decrypt(first, rest, aad, sealed).orElseThrow())
                            .isEqualTo(plain);
                });
    }

    @Test
    @DisplayName("one flipped bit, and nothing is opened and nothing changed, by neither cipher")
    void shouldChangeNothingWhereTheTagIsWrong() {
        Property.holds(
                1_000,
                random -> {
                    var cipher = new ChaCha20Poly1305(Property.bytes(random, 32));
                    int length = random.nextInt(LENGTH_MAX);
                    byte[] aad = Property.bytes(random, random.nextInt(40));
                    byte[] sealed = cipher.encrypt(1, 2, aad, Property.bytes(random, length));
                    int bit = random.nextInt(8 * sealed.length);
                    sealed[bit / 8] ^= (byte) (1 << bit % 8);
                    byte[] before = sealed.clone();
                    assertThat(cipher.decryptInPlace(1, 2, sealed, 0, length, aad)).isFalse();
                    assertThat(sealed).isEqualTo(before);
                    assertThat(cipher.decryptInPlace(1, 2, sealed, 0, length, aad)).isFalse();
                    assertThat(sealed).isEqualTo(before);
                });
    }

    @Test
    @DisplayName("every long message under one key is sealed with that key, not only the first")
    void shouldKeepTheKey() {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 7);
        byte[] plain = new byte[LENGTH_MAX];
        byte[] none = new byte[0];
        var cipher = new ChaCha20Poly1305(key);
        for (int message = 0; message < 5; message++) {
            byte[] sealed = cipher.encrypt(message, 0, none, plain);
            var fresh = new ChaCha20Poly1305(key);
            byte[] first = fresh.encrypt(message, 0, none, plain);
            // The second time under one nonce is ours.
            byte[] second = fresh.encrypt(message, 0, none, plain);
            assertThat(List.of(sealed, first)).containsOnly(second);
            assertThat(cipher.decrypt(message, 0, none, sealed).orElseThrow()).isEqualTo(plain);
        }
    }

    @Test
    @DisplayName("after a change of keys the JDK's cipher works with the new one")
    void shouldTakeAnotherKey() {
        byte[] plain = new byte[LENGTH_MAX];
        var cipher = new ChaCha20Poly1305(new byte[32]);
        byte[] old = cipher.encrypt(0, 0, new byte[0], plain);
        byte[] key = new byte[32];
        key[0] = 1;
        cipher.setKey(key);
        byte[] sealed = cipher.encrypt(0, 0, new byte[0], plain);
        assertThat(sealed).isNotEqualTo(old);
        assertThat(new ChaCha20Poly1305(key).encrypt(0, 0, new byte[0], plain)).isEqualTo(sealed);
        Arrays.fill(key, (byte) 9);
        assertThat(cipher.decrypt(0, 0, new byte[0], sealed).orElseThrow()).isEqualTo(plain);
    }
}
