package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Amount;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Two transactions of one id, of which the later takes the coins of the earlier away.
class DuplicateAttackTest implements SeenRed {
    private static final long COIN = 50 * Amount.SATOSHIS_PER_BITCOIN;

    /// Coinbases need not carry their height yet.
    private static final ChainParams YOUNG = Forge.REGTEST.withActivationHeight("bip34", 100_000);

    private static Block repeating(Forge forge, Transaction coinbase) {
        return forge.block(forge.tip(), coinbase, List.of());
    }

    @Test
    @DisplayName("A04 a coinbase may be repeated only after the first one was spent")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "forbidsOverwriting", returns = "false")
    @Sabotage(type = "weft.chain.BlockConnector", method = "overwrites", returns = "true")
    @Sabotage(type = "weft.chain.BlockConnector", method = "overwrites", returns = "false")
    void shouldNotOverwriteCoins() {
        var forge = new Forge(YOUNG);
        Transaction first = forge.coinbase(1, 0, 0);
        assertThat(forge.refusal(repeating(forge, first))).isEmpty();
        assertThat(forge.refusal(repeating(forge, first))).isEqualTo("bad-txns-BIP30");
        forge.mine(99);
        CoinsSummary before = forge.coins();
        assertThat(forge.refusal(repeating(forge, first))).isEqualTo("bad-txns-BIP30");
        assertThat(forge.coins()).isEqualTo(before);
        Transaction spend = Forge.spend(Forge.out(first), COIN);
        assertThat(forge.refusal(forge.block(forge.tip(), List.of(spend)))).isEmpty();
        assertThat(forge.refusal(repeating(forge, first))).isEmpty();
        // A block that spends the coin and repeats its maker: what counts is how the block begins.
        assertThat(forge.refusal(repeating(forge, first))).isEqualTo("bad-txns-BIP30");
    }

    /// The same network with two blocks of history at the heights given.
    private static ChainParams excepting(Block earlier, int at, Block later, int laterAt) {
        ChainParams p = YOUNG;
        var exceptions =
                new ChainParams.Exceptions(
                        Map.of(), Map.of(laterAt, later.hash()), Map.of(at, earlier.hash()));
        return new ChainParams(
                p.identity(),
                p.addressPrefixes(),
                p.pow(),
                p.heights(),
                p.deployments(),
                p.trust(),
                exceptions,
                p.subsidyHalvingInterval(),
                p.signetChallenge(),
                p.seeds());
    }

    @Test
    @DisplayName("A04 A05 the repeats of history connect, and a chain without them has other coins")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "isOverwritten", returns = "false")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "forbidsOverwriting", returns = "true")
    void shouldFollowHistoryAcrossReorganisations() {
        var draft = new Forge(YOUNG);
        Transaction coinbase = draft.coinbase(1, 0, 0);
        Block earlier = draft.block(draft.tip(), coinbase, List.of());
        Block between = draft.block(earlier.header(), draft.coinbase(2, 0, 0), List.of());
        Block later = draft.block(between.header(), coinbase, List.of());
        var forge = new Forge(excepting(earlier, 1, later, 3));
        assertThat(forge.refusal(earlier)).isEmpty();
        assertThat(forge.refusal(between)).isEmpty();
        CoinsSummary before = forge.coins();
        assertThat(forge.refusal(later)).isEmpty();
        CoinsSummary both = forge.coins();
        OutPoint repeated = Forge.out(coinbase);
        // One coin is left of two, and it is the later block's.
        assertThat(both.amount()).isEqualTo(before.amount());
        assertThat(forge.state.coins().coin(repeated)).matches(coin -> coin.height() == 3);
        forge.state.invalidateBlock(later.hash(), Forge.NOW);
        assertThat(forge.tip().hash()).isEqualTo(between.hash());
        // Without the later block the coin is gone for good, as with everyone else who saw both.
        assertThat(forge.state.coins().coin(repeated)).isNull();
        assertThat(forge.coins().amount()).isEqualTo(before.amount() - COIN);
        forge.state.invalidateBlock(earlier.hash(), Forge.NOW);
        assertThat(forge.tip().height()).isZero();
        assertThat(forge.coins()).isEqualTo(new Forge(YOUNG).coins());
        forge.state.reconsiderBlock(later.hash(), Forge.NOW);
        assertThat(forge.tip().hash()).isEqualTo(later.hash());
        assertThat(forge.coins()).isEqualTo(both);
    }

    @Test
    @DisplayName(
            "A05 coins that are gone at any other block are a failure of ours, not to be ignored")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "isOverwritten", returns = "true")
    void shouldNotForgiveMissingCoinsElsewhere() {
        var draft = new Forge(YOUNG);
        Transaction coinbase = draft.coinbase(1, 0, 0);
        Block earlier = draft.block(draft.tip(), coinbase, List.of());
        Block later = draft.block(earlier.header(), coinbase, List.of());
        // The later block is known, the earlier one is not.
        var forge = new Forge(excepting(later, 9, later, 2));
        assertThat(forge.refusal(earlier)).isEmpty();
        assertThat(forge.refusal(later)).isEmpty();
        boolean failed = false;
        try {
            forge.state.invalidateBlock(earlier.hash(), Forge.NOW);
        } catch (StoreException e) {
            failed = true;
        }
        assertThat(failed).isTrue();
    }

    @Test
    @DisplayName("A04 the two repeats on the main chain are excused by hash and height together")
    @Sabotage(type = "weft.chain.ConsensusRules", method = "forbidsOverwriting", flips = 1)
    void shouldKnowTheRepeatsOfTheMainChain() {
        ChainParams main = ChainParams.of(Network.MAIN);
        var rules = new ConsensusRules(main);
        var hashes =
                Map.of(
                        91_842,
                        "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec",
                        91_880,
                        "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721");
        HeaderNode node = HeaderNode.genesis(main.genesis().header(), BigInteger.ONE);
        while (node.height() < 91_881) {
            BlockHash plain = plain(node.height() + 1L);
            String special = hashes.get(node.height() + 1);
            if (special != null) {
                assertThat(rules.forbidsOverwriting(next(node, BlockHash.parse(special))))
                        .isFalse();
                assertThat(rules.forbidsOverwriting(next(node, plain))).isTrue();
                HeaderNode wrongHeight = next(next(node, plain), BlockHash.parse(special));
                assertThat(rules.forbidsOverwriting(wrongHeight)).isTrue();
            }
            node = next(node, plain);
        }
    }

    private static BlockHash plain(long number) {
        return new BlockHash(number, 7, 7, 7);
    }

    private static HeaderNode next(HeaderNode parent, BlockHash hash) {
        var header = new BlockHeader(1, parent.hash(), Digest256.ZERO, 1, 0x1d00ffffL, 0);
        return HeaderNode.of(header, hash, parent, BigInteger.ONE);
    }

    /// The main chain up to a height above BIP-0034's, as far as the rule looks at it.
    private static HeaderNode mainChain(ChainParams main, BlockHash bip34, int height) {
        HeaderNode node = HeaderNode.genesis(main.genesis().header(), BigInteger.ZERO);
        BlockHash plain = plain(1);
        node = bare(node, new BlockHeader(1, node.hash(), Digest256.ZERO, 1, 0, 0), plain);
        var header = new BlockHeader(1, plain, Digest256.ZERO, 1, 0, 0);
        while (node.height() < main.heights().bip34() - 1) {
            node = bare(node, header, plain);
        }
        node = bare(node, header, bip34);
        node = bare(node, new BlockHeader(1, bip34, Digest256.ZERO, 1, 0, 0), plain);
        while (node.height() < height) {
            node = bare(node, header, plain);
        }
        return node;
    }

    private static HeaderNode bare(HeaderNode parent, BlockHeader header, BlockHash hash) {
        return HeaderNode.of(header, hash, parent, BigInteger.ZERO);
    }

    private static HeaderNode at(HeaderNode node, int height) {
        return Check.present(node.ancestor(height), "the chain is as long");
    }

    @Test
    @DisplayName("A06 BIP-0034 proves nothing on a chain that has another block at its height")
    @Sabotage(
            type = "weft.chain.ConsensusRules",
            method = "forbidsOverwriting",
            call = "isPresent",
            returns = "true")
    void shouldTakeNoProofFromAnotherChain() {
        ChainParams main = ChainParams.of(Network.MAIN);
        var rules = new ConsensusRules(main);
        BlockHash known = main.heights().bip34Hash().orElseThrow();
        HeaderNode honest = mainChain(main, known, 227_940);
        assertThat(rules.forbidsOverwriting(honest)).isFalse();
        assertThat(rules.forbidsOverwriting(at(honest, 227_930))).isTrue();
        assertThat(rules.forbidsOverwriting(mainChain(main, plain(5), 227_940))).isTrue();
    }

    @Test
    @DisplayName("A06 BIP-0034 proves nothing from height 1,983,702 on")
    @Sabotage(
            type = "weft.chain.ConsensusRules",
            method = "forbidsOverwriting",
            constant = "1983702>2147483647")
    void shouldCheckAgainWhereOldHeightsComeBack() {
        ChainParams main = ChainParams.of(Network.MAIN);
        var rules = new ConsensusRules(main);
        BlockHash known = main.heights().bip34Hash().orElseThrow();
        HeaderNode last = mainChain(main, known, 1_983_702);
        assertThat(rules.forbidsOverwriting(at(last, 1_983_701))).isFalse();
        assertThat(rules.forbidsOverwriting(last)).isTrue();
    }
}
