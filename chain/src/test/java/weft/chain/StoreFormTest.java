package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import weft.chain.store.Batch;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;

class StoreFormTest {
    private final MemoryKeyValueStore store = new MemoryKeyValueStore();

    @Test
    void shouldNumberAStoreThatHasNoNumberAndKnowItAgain() {
        StoreForm.check(store);
        assertThat(store.get(StoreForm.KEY)).isEqualTo(Bytes.wrap(new byte[] {StoreForm.CURRENT}));
        assertThatCode(() -> StoreForm.check(store)).doesNotThrowAnyException();
    }

    @Test
    void shouldTouchNothingOfAnotherForm() {
        Bytes tip = Bytes.wrap("tip".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        store.write(new Batch().put(tip, tip).put(StoreForm.KEY, Bytes.parse("63")));
        assertThatThrownBy(() -> StoreForm.check(store))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another version of this program (form 63, not 01)")
                .hasMessageContaining("-reindex");
        assertThatThrownBy(() -> Reindex.orderCoins(store)).isInstanceOf(StoreException.class);
        assertThat(store.get(tip)).isEqualTo(tip);
        assertThat(store.get(StoreForm.KEY)).isEqualTo(Bytes.parse("63"));
    }
}
