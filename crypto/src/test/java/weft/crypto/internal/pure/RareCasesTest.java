package weft.crypto.internal.pure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.testkit.Vectors;

/// Branches that keys and signatures made by chance never reach.
class RareCasesTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void shouldInvertEveryBranchAsBip324Says() {
        List<String> lines = Vectors.lines("p2p/bip324_xswiftec_inv.csv");
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            FieldElement u = FieldElement.ofHex(fields[0]);
            FieldElement x = FieldElement.ofHex(fields[1]);
            for (int branch = 0; branch < 8; branch++) {
                FieldElement t = ElligatorSwift.encode(x, u, branch);
                byte[] bytes = new byte[32];
                if (t != null) {
                    t.getBytes(bytes, 0);
                }
                assertThat(t == null ? "" : HEX.formatHex(bytes))
                        .as("branch %s of %s", branch, line)
                        .isEqualTo(fields[2 + branch]);
            }
        }
        assertThat(lines).hasSizeGreaterThan(30);
    }

    @Test
    void shouldGoOnToFurtherNonces() {
        // The generator's known values from libsecp256k1's own tests; the first candidate nearly
        // always
        // serves, so no signature shows the others.
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) 0xff);
        byte[] digest =
                HEX.parseHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        var nonces = new DeterministicNonces(secret, digest, new byte[0]);
        for (String wanted :
                List.of(
                        "9c236c165b82ae0cd590659e100b6bab3036e7ba8b06749baf6981e16f1a2b95",
                        "df471061625bc0ea14b682feee2c9c02f235da04204c1d62a1536c6e17aed7a9",
                        "7597887cbd76321f32e30440679a22cf7f8d9d2eac390e581fea091ce202ba94")) {
            assertThat(nonces.next()).isEqualTo(HEX.parseHex(wanted));
        }
    }
}
