package weft.app.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.SignetSolution;
import weft.consensus.WitnessCommitment;
import weft.crypto.Hash160;
import weft.mining.MiningJob;
import weft.mining.WorkTemplate;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;

/// Signed blocks, judged by the rules of consensus. See BIP-0325.
class SignetSealTest {
    private static final ChainParams SIGNET = ChainParams.of(Network.SIGNET);
    private static final PrivateKey KEY = PrivateKey.of(Bytes.parse("01".repeat(32)), true);
    private static final PrivateKey OTHER = PrivateKey.of(Bytes.parse("02".repeat(32)), true);

    private static Block block(String extraNonce) {
        var place =
                new WorkTemplate.Place(
                        1,
                        0x2000_0000,
                        SIGNET.genesis().hash(),
                        SIGNET.genesis().header().bits(),
                        Digest256.ZERO,
                        1_700_000_000L,
                        1_600_000_000L);
        Bytes commitment = WitnessCommitment.script(new Digest256(1, 2, 3, 4));
        var template = new WorkTemplate(place, 50, Optional.of(commitment), List.of());
        return MiningJob.of(template, Bytes.parse("51"), Bytes.EMPTY, 8)
                .candidate(Bytes.parse(extraNonce), 1_700_000_000L);
    }

    private static Bytes challenge(String kind) {
        Bytes key = KEY.publicKey();
        Bytes hash = Bytes.wrap(Hash160.hash(key.toByteArray()));
        return switch (kind) {
            case "P2PK" -> Bytes.parse("21").plus(key).plus(Bytes.parse("ac"));
            case "P2PKH" -> Bytes.parse("76a914").plus(hash).plus(Bytes.parse("88ac"));
            case "P2WPKH" -> Bytes.parse("0014").plus(hash);
            case "1 of 2" ->
                    Bytes.parse("5121")
                            .plus(key)
                            .plus(Bytes.parse("21"))
                            .plus(OTHER.publicKey())
                            .plus(Bytes.parse("52ae"));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"P2PK", "P2PKH", "P2WPKH", "1 of 2"})
    void shouldSolveTheChallenge(String kind) {
        Bytes challenge = challenge(kind);
        Block plain = block("0000000000000001");
        assertThat(SignetSolution.isValid(plain, challenge, SIGNET)).isFalse();

        Block sealed = new SignetSeal(challenge, KEY).seal(plain);
        assertThat(SignetSolution.isValid(sealed, challenge, SIGNET)).isTrue();
        assertThat(MerkleRoot.of(sealed).root()).isEqualTo(sealed.header().merkleRoot());
        Block solved = Block.of(sealed.header().withNonce(77), sealed.transactions());
        assertThat(SignetSolution.isValid(solved, challenge, SIGNET)).isTrue();
        Block another = block("0000000000000002");
        Block mixed = Block.of(another.header(), sealed.transactions());
        assertThat(new SignetSeal(challenge, KEY).seal(another).header().merkleRoot())
                .isNotEqualTo(sealed.header().merkleRoot());
        assertThat(mixed.header()).isNotEqualTo(sealed.header());
    }

    @Test
    void shouldRefuseAKeyThatDoesNotFit() {
        Bytes challenge = challenge("P2WPKH");
        assertThatThrownBy(() -> new SignetSeal(challenge, OTHER).seal(block("0000000000000001")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not solve the challenge");
    }

    @Test
    void shouldReadKeysInBothForms() {
        AddressPrefixes prefixes = SIGNET.addressPrefixes();
        String wif = KEY.encode(prefixes);
        assertThat(SignetSeal.key(wif, prefixes).secret()).isEqualTo(KEY.secret());
        assertThat(SignetSeal.key("01".repeat(32), prefixes).publicKey())
                .isEqualTo(KEY.publicKey());
        assertThatThrownBy(() -> SignetSeal.key("nonsense", prefixes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("nonsense");
        String ofMain = KEY.encode(ChainParams.of(Network.MAIN).addressPrefixes());
        assertThatThrownBy(() -> SignetSeal.key(ofMain, prefixes))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
