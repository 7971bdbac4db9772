package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;

final class DescriptorsTest {
    private static final AddressPrefixes REGTEST =
            ChainParams.of(Network.REGTEST).addressPrefixes();
    private static final String KEY =
            "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    @ParameterizedTest
    @CsvSource({
        // BIP-0380.
        "raw(deadbeef), 89f8spxm",
        // Answers of Bitcoin Core 28.1.
        "raw(51), 8lvh9jxk",
        "addr(mkmZxiEcEd8ZqjQWVZuC6so5dFMKEFpN2j), 02wpgw69"
    })
    void shouldComputeChecksums(String descriptor, String checksum) {
        assertThat(Descriptors.checksum(descriptor)).isEqualTo(checksum);
        assertThat(Descriptors.checked(descriptor + "#" + checksum, true)).isEqualTo(descriptor);
    }

    @ParameterizedTest
    @CsvSource({
        // The cases of BIP-0380.
        "raw(deadbeef)#, Expected 8 character checksum",
        "raw(deadbeef)#89f8spxmx, Expected 8 character checksum",
        "raw(deadbeef)#89f8spx, Expected 8 character checksum",
        "raw(deedbeef)#89f8spxm, does not match computed checksum",
        "raw(deadbeef)##9f8spxm, Multiple '#' symbols",
        "raw(Ü)#00000000, Invalid characters in payload"
    })
    void shouldRefuseWrongChecksums(String descriptor, String why) {
        assertThatThrownBy(() -> Descriptors.checked(descriptor, false)).hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "pk(KEY), 21KEYac",
        "pkh(KEY), 76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
        "wpkh(KEY), 0014751e76e8199196d454941c45d1b3a323f1433bd6",
        "combo(KEY), 0014751e76e8199196d454941c45d1b3a323f1433bd6",
        "sh(wpkh(KEY)), a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487",
        "tr(KEY), 5120da4710964f7852695de2da025290e24af6d8c281de5a0b902b7135fd9fd74d21",
        "raw(51), 51"
    })
    void shouldMakeScripts(String descriptor, String script) {
        assertThat(Descriptors.script(descriptor.replace("KEY", KEY), REGTEST))
                .contains(Bytes.parse(script.replace("KEY", KEY)));
    }

    @Test
    void shouldDescribeScripts() {
        assertThat(Descriptors.describe(Bytes.parse("21" + KEY + "ac"), REGTEST))
                .startsWith("pk(" + KEY + ")#");
        assertThat(Descriptors.describe(Bytes.parse("51"), REGTEST)).isEqualTo("raw(51)#8lvh9jxk");
        assertThat(Descriptors.describe(Bytes.parse("5121" + KEY + "51ae"), REGTEST))
                .startsWith("multi(1," + KEY + ")#");
        assertThat(
                        Descriptors.describe(
                                Bytes.parse("0014751e76e8199196d454941c45d1b3a323f1433bd6"),
                                REGTEST))
                .startsWith("addr(bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080)#");
    }
}
