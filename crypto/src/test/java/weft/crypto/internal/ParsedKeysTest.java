package weft.crypto.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ParsedKeysTest {
    private static final int FORM_BYTES = 33;

    private static byte[] form(SplittableRandom random) {
        byte[] form = new byte[FORM_BYTES];
        random.nextBytes(form);
        return form;
    }

    private static int known(ParsedKeys keys, List<byte[]> forms) {
        int known = 0;
        for (byte[] form : forms) {
            byte[] key = keys.find(form);
            if (key != null) {
                assertThat(key).startsWith(form).hasSize(FORM_BYTES + 1);
                known++;
            }
        }
        return known;
    }

    private static List<byte[]> keep(ParsedKeys keys, int count, SplittableRandom random) {
        var forms = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            byte[] form = form(random);
            byte[] key = java.util.Arrays.copyOf(form, FORM_BYTES + 1);
            keys.keep(form.clone(), key);
            forms.add(form);
        }
        return forms;
    }

    @Test
    void shouldKeepNearlyAllOfAsManyAsFillAThirdOfTheRoom() {
        var keys = new ParsedKeys();
        List<byte[]> forms = keep(keys, 5_000, new SplittableRandom(1));
        // One slot a key would lose one in seven; four lose less than one in a hundred.
        assertThat(known(keys, forms)).isGreaterThan(4_950);
    }

    @Test
    void shouldGiveUpTheOldestOfManyAndNeverAnswerWithAnothersKey() {
        var keys = new ParsedKeys();
        var random = new SplittableRandom(2);
        List<byte[]> old = keep(keys, 5_000, random);
        List<byte[]> young = keep(keys, 200_000, random);
        assertThat(known(keys, old)).isZero();
        assertThat(known(keys, young)).isBetween(15_000, 16_384);
        assertThat(known(keys, young.subList(198_000, 200_000))).isGreaterThan(1_980);
        assertThat(keys.find(form(random))).isNull();
    }

    @Test
    void shouldNotBeChangedThroughTheFormThatCame() {
        var keys = new ParsedKeys();
        byte[] form = form(new SplittableRandom(3));
        keys.keep(form, new byte[] {1});
        byte[] asked = form.clone();
        form[5]++;
        assertThat(keys.find(form)).isNull();
        assertThat(keys.find(asked)).containsExactly(1);
    }
}
