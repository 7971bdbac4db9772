package weft.wallet.psbt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.script.SigHash;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.address.PrivateKey;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Vectors;
import weft.wallet.sign.SigningProvider;

/// PSBTs of the BIPs and of Bitcoin Core's own tests.
class PsbtVectorsTest {
    private static final String RPC = "wallet/rpc_psbt.json";

    /// Sentences of versions after 28.1, or of PSBT version 2, which neither 28.1 nor we read.
    private static final List<String> LATER = List.of("MuSig2", "musig2", "v2", "locktime");

    private static Optional<String> fault(String base64) {
        try {
            Psbt.parse(base64);
            return Optional.empty();
        } catch (MalformedBytes e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Test
    @DisplayName("BIP-0174 and BIP-0371: valid and invalid PSBTs")
    void shouldReadWhatTheBipsCallValid() {
        int cases = 0;
        for (String bip : List.of("bip174", "bip371")) {
            for (JsonNode each : Vectors.json("keys/psbt_bips.json").path(bip)) {
                String section = each.path("section").asString();
                boolean isValid = !section.contains("invalid");
                String base64 = each.path("base64").asString();
                assertThat(fault(base64).isEmpty())
                        .as(bip + " " + section + " " + each.path("case"))
                        .isEqualTo(isValid);
                if (isValid) {
                    assertThat(Psbt.parse(Psbt.parse(base64).toBase64()).toBase64())
                            .isEqualTo(Psbt.parse(base64).toBase64());
                }
                cases++;
            }
        }
        assertThat(cases).isGreaterThan(40);
    }

    @Test
    @DisplayName("Bitcoin Core's rpc_psbt.json: invalid and valid PSBTs")
    void shouldReadWhatBitcoinCoreReads() {
        JsonNode all = Vectors.json(RPC);
        var wrong = new ArrayList<String>();
        for (JsonNode each : all.path("invalid")) {
            if (fault(each.asString()).isEmpty() && !isLater(each.asString())) {
                wrong.add("invalid: " + each.asString());
            }
        }
        for (JsonNode each : all.path("invalid_with_msg")) {
            String sentence = each.get(1).asString();
            Optional<String> fault = fault(each.get(0).asString());
            boolean later =
                    LATER.stream().anyMatch(sentence::contains)
                            || (fault.isEmpty() && isLater(each.get(0).asString()));
            if (!later && !fault.equals(Optional.of(sentence))) {
                wrong.add(sentence + ": " + fault(each.get(0).asString()));
            }
        }
        assertThat(wrong).isEmpty();
        int valid = 0;
        for (JsonNode each : all.path("valid")) {
            Optional<String> fault = fault(each.asString());
            if (fault.isEmpty()) {
                valid++;
            } else {
                assertThat(fault.get())
                        .isIn("No unsigned transaction was provided", "Unsupported version number");
            }
        }
        assertThat(valid).isGreaterThan(25);
    }

    /// Fields that only later versions look into: BIP-0373.
    private static boolean isLater(String base64) {
        Psbt psbt = Psbt.parse(base64);
        return !psbt.extras().unknown().isEmpty()
                || psbt.inputs().stream().anyMatch(input -> !input.extras().unknown().isEmpty())
                || psbt.outputs().stream().anyMatch(output -> !output.extras().unknown().isEmpty());
    }

    @Test
    @DisplayName("BIP-0174: signer, combiner, finalizer, extractor")
    void shouldPlayTheRoles() {
        JsonNode all = Vectors.json(RPC);
        for (JsonNode each : all.path("signer")) {
            Psbt psbt = Psbt.parse(each.path("psbt").asString());
            var provider = new SigningProvider();
            for (JsonNode key : each.path("privkeys")) {
                PrivateKey.parse(key.asString(), ChainParams.of(Network.REGTEST).addressPrefixes())
                        .ifPresent(provider::addPrivateKey);
            }
            var signer = new PsbtSigner(psbt);
            for (int i = 0; i < psbt.inputs().size(); i++) {
                signer.sign(i, provider, SigHash.ALL, false);
            }
            assertThat(psbt.toBase64()).isEqualTo(each.path("result").asString());
        }
        for (JsonNode each : all.path("combiner")) {
            Psbt psbt = Psbt.parse(each.path("combine").get(0).asString());
            for (JsonNode other : each.path("combine")) {
                assertThat(psbt.combine(Psbt.parse(other.asString()))).isTrue();
            }
            assertThat(psbt.toBase64()).isEqualTo(each.path("result").asString());
        }
        for (JsonNode each : all.path("finalizer")) {
            Psbt psbt = Psbt.parse(each.path("finalize").asString());
            new PsbtSigner(psbt).finalizeInputs();
            assertThat(psbt.toBase64()).isEqualTo(each.path("result").asString());
        }
        for (JsonNode each : all.path("extractor")) {
            Psbt psbt = Psbt.parse(each.path("extract").asString());
            Transaction tx = new PsbtSigner(psbt).extract().orElseThrow();
            assertThat(Bytes.wrap(tx.toByteArray()).toHex())
                    .isEqualTo(each.path("result").asString());
        }
    }
}
