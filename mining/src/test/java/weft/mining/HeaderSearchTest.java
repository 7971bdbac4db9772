package weft.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.CompactBits;
import weft.consensus.Network;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Property;

/// Nonces of one header.
class HeaderSearchTest {
    private static Digest256 target(long bits) {
        BigInteger value = CompactBits.decode(bits).value();
        return Digest256.parse(String.format(java.util.Locale.ROOT, "%064x", value));
    }

    @Test
    void shouldFindTheNonceOfTheGenesisBlock() {
        BlockHeader genesis = ChainParams.of(Network.MAIN).genesis().header();
        var search = new HeaderSearch(genesis.withNonce(0), target(genesis.bits()));
        long nonce = genesis.nonce();

        assertThat(nonce).isEqualTo(2_083_236_893L);
        assertThat(search.search(nonce - 5_000, 5_000)).isEmpty();
        assertThat(search.search(nonce - 5_000, 5_001)).isEqualTo(OptionalLong.of(nonce));
        assertThat(search.search(nonce, 1)).isEqualTo(OptionalLong.of(nonce));
    }

    @Test
    void shouldTakeAHashThatIsExactlyTheTargetAndNoneAbove() {
        BlockHeader genesis = ChainParams.of(Network.MAIN).genesis().header();
        Digest256 hash = Digest256.of(genesis.hash().toByteArray());
        var below = new Digest256(hash.w0() - 1, hash.w1(), hash.w2(), hash.w3());

        assertThat(new HeaderSearch(genesis, hash).search(genesis.nonce(), 1)).isPresent();
        assertThat(new HeaderSearch(genesis, below).search(genesis.nonce(), 1)).isEmpty();
    }

    @Test
    void shouldAgreeWithTheWholeHash() {
        BlockHeader genesis = ChainParams.of(Network.REGTEST).genesis().header();
        Property.holds(
                300,
                random -> {
                    var header =
                            new BlockHeader(
                                    random.nextInt(),
                                    genesis.parent(),
                                    new Digest256(random.nextLong(), 1, 2, random.nextLong()),
                                    random.nextLong(1L << 32),
                                    genesis.bits(),
                                    random.nextLong(1L << 32));
                    var target = new Digest256(0, 0, 0, random.nextLong() >>> 1);
                    Digest256 hash = Digest256.of(header.hash().toByteArray());
                    boolean isFound =
                            new HeaderSearch(header, target).search(header.nonce(), 1).isPresent();
                    assertThat(isFound).isEqualTo(hash.compareTo(target) <= 0);
                });
    }

    @Test
    void shouldReachTheLastNonceAndNotBeyond() {
        BlockHeader genesis = ChainParams.of(Network.MAIN).genesis().header();
        var all = new Digest256(-1, -1, -1, -1);
        var search = new HeaderSearch(genesis, all);

        assertThat(search.search(HeaderSearch.NONCES - 1, 1))
                .isEqualTo(OptionalLong.of(HeaderSearch.NONCES - 1));
        assertThatThrownBy(() -> search.search(HeaderSearch.NONCES - 1, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
