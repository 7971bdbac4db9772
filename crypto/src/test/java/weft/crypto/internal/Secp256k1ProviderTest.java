package weft.crypto.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import weft.crypto.Secp256k1;
import weft.crypto.Secp256k1Unavailable;
import weft.crypto.internal.pure.PureSecp256k1;

class Secp256k1ProviderTest {
    /// Runs the body as if on a system for which no library comes along.
    private static void elsewhere(Runnable body) {
        String name = System.getProperty("os.name");
        System.setProperty("os.name", "Plan 9");
        try {
            body.run();
        } finally {
            System.setProperty("os.name", name);
        }
    }

    @Test
    void shouldTakeWhatIsAskedFor() {
        Secp256k1 pure = Secp256k1Provider.load("pure");
        assertThat(pure).isInstanceOf(PureSecp256k1.class);
        assertThat(pure.name()).isEqualTo("pure Java");
        assertThatThrownBy(() -> Secp256k1Provider.load("/no/such/library.so"))
                .isInstanceOf(Secp256k1Unavailable.class)
                .hasMessageContaining("/no/such/library.so");
    }

    @Test
    void shouldFallBackToJavaAndSayWhy() {
        elsewhere(
                () -> {
                    Secp256k1 found = Secp256k1Provider.load("");
                    assertThat(found).isInstanceOf(PureSecp256k1.class);
                    assertThat(found.name()).startsWith("pure Java").contains("Plan 9");
                    byte[] one = new byte[32];
                    one[31] = 1;
                    assertThat(found.publicKey(one, true)).startsWith(2, 0x79, 0xbe);
                });
    }

    @Test
    void shouldNotFallBackFromAnExplicitChoice() {
        elsewhere(
                () ->
                        assertThatThrownBy(() -> Secp256k1Provider.load("native"))
                                .isInstanceOf(Secp256k1Unavailable.class)
                                .hasMessageContaining("Plan 9"));
    }
}
