package weft.wallet.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.testkit.Vectors;
import weft.wallet.sign.SigningProvider;

/// Descriptors of the BIPs and of Bitcoin Core's own tests.
class DescriptorVectorsTest {
    private static final AddressPrefixes MAIN = ChainParams.of(Network.MAIN).addressPrefixes();

    /// Functions of later BIPs, which Bitcoin Core 28.1 does not know either.
    private static final List<String> LATER = List.of("bip389", "bip390");

    private static List<String> expand(Descriptor descriptor, SigningProvider secrets, int count) {
        var found = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            Optional<List<Bytes>> scripts = descriptor.expand(i, secrets, new SigningProvider());
            scripts.orElseThrow().forEach(each -> found.add(each.toHex()));
        }
        return found;
    }

    @Test
    @DisplayName("BIP-0381 to BIP-0387: scripts of valid descriptors")
    void shouldMakeTheScriptsOfTheBips() {
        int cases = 0;
        JsonNode all = Vectors.json("keys/descriptors_bips.json");
        for (var bip : all.properties()) {
            if (LATER.contains(bip.getKey())) {
                continue;
            }
            for (JsonNode each : bip.getValue().path("valid")) {
                String text = each.path("descriptor").asString();
                var secrets = new SigningProvider();
                Descriptor descriptor = Descriptor.parse(text, MAIN, secrets, false);
                List<String> expected = new ArrayList<>();
                each.path("expansions").forEach(script -> expected.add(script.asString()));
                if (!expected.isEmpty()) {
                    int count = descriptor.isRange() ? 3 : 1;
                    assertThat(expand(descriptor, secrets, count)).as(text).isEqualTo(expected);
                }
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(40);
    }

    @Test
    @DisplayName("BIP-0381 to BIP-0387: descriptors that are none")
    void shouldRefuseWhatTheBipsRefuse() {
        int cases = 0;
        JsonNode all = Vectors.json("keys/descriptors_bips.json");
        for (var bip : all.properties()) {
            if (LATER.contains(bip.getKey())) {
                continue;
            }
            for (JsonNode each : bip.getValue().path("invalid")) {
                String text = each.path("descriptor").asString();
                assertThatThrownBy(() -> Descriptor.parse(text, MAIN, new SigningProvider(), false))
                        .as(text + ": " + each.path("why").asString())
                        .isInstanceOf(DescriptorFault.class);
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(30);
    }

    @Test
    @DisplayName("BIP-0380: checksums and key expressions")
    void shouldCheckAsBip380Says() {
        JsonNode bip = Vectors.json("keys/descriptors_bips.json").path("bip380");
        for (JsonNode each : bip.path("checksum")) {
            String text = each.path("text").asString();
            boolean isValid = true;
            try {
                DescriptorChecksum.strip(text, false);
            } catch (DescriptorFault _) {
                isValid = false;
            }
            assertThat(isValid).as(text).isEqualTo(each.path("valid").asBoolean());
        }
        for (String list : List.of("valid_keys", "invalid_keys")) {
            for (JsonNode each : bip.path(list)) {
                String key = each.path("text").asString();
                boolean isValid = true;
                try {
                    new KeyParser(MAIN, new SigningProvider()).parse(key, ScriptContext.TOP);
                } catch (DescriptorFault _) {
                    isValid = false;
                }
                assertThat(isValid).as(key).isEqualTo(list.equals("valid_keys"));
            }
        }
    }

    @Test
    @DisplayName("BIP-0032: chains of keys")
    void shouldDeriveAsBip32Says() {
        int chains = 0;
        for (JsonNode vector : Vectors.json("keys/bip32.json").path("vectors")) {
            byte[] seed = Bytes.parse(vector.path("seed").asString()).toByteArray();
            for (JsonNode chain : vector.path("chains")) {
                ExtendedKey key = ExtendedKey.ofSeed(seed).orElseThrow();
                ExtendedKey open = key.neutered();
                String[] steps = chain.path("path").asString().split("/");
                for (int i = 1; i < steps.length; i++) {
                    boolean isHardened = steps[i].matches(".*['hH]");
                    String digits = steps[i].replaceAll("['hH]", "");
                    int step = Integer.parseInt(digits) | (isHardened ? 1 << 31 : 0);
                    key = key.child(step).orElseThrow();
                    Optional<ExtendedKey> next = open.child(step);
                    assertThat(next.isPresent()).isEqualTo(!isHardened);
                    open = next.orElse(key.neutered());
                }
                assertThat(key.encode(MAIN)).isEqualTo(chain.path("xprv").asString());
                assertThat(open.encode(MAIN)).isEqualTo(chain.path("xpub").asString());
                String text = key.encode(MAIN);
                assertThat(ExtendedKey.parse(text, MAIN).orElseThrow().encode(MAIN))
                        .isEqualTo(text);
                chains++;
            }
        }
        assertThat(chains).isGreaterThan(15);
    }

    @Test
    @DisplayName("BIP-0032: texts that are no keys")
    void shouldRefuseWhatBip32Refuses() {
        JsonNode list = Vectors.json("keys/bip32.json").path("invalid_extended_keys");
        assertThat(list.size()).isGreaterThan(10);
        for (JsonNode each : list) {
            assertThat(ExtendedKey.parse(each.path("key").asString(), MAIN))
                    .as(each.path("why").asString())
                    .isEmpty();
        }
    }
}
