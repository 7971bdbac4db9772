package weft.consensus;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import weft.crypto.Sha256;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.codec.ByteWriter;

/// Everything that differs between networks: one immutable record each, passed down. There is no "current
/// network".
///
/// @param subsidyHalvingInterval blocks after which the subsidy halves
/// @param signetChallenge the script that signs blocks. See BIP-0325; empty on other networks
/// @param seeds names to ask for addresses at the first start
public record ChainParams(
        Identity identity,
        AddressPrefixes addressPrefixes,
        Pow pow,
        Heights heights,
        Deployments deployments,
        Trust trust,
        Exceptions exceptions,
        int subsidyHalvingInterval,
        Optional<Bytes> signetChallenge,
        List<DnsSeed> seeds) {

    /// How the network is recognised.
    ///
    /// @param magic the four bytes that begin each message, in wire order
    /// @param onionPort where connections from the own onion service come in
    /// @param subfolder of the data folder; empty for the main network
    /// @param pruneAfterHeight blocks below this are never pruned
    /// @param mockable a test may set the clock
    public record Identity(
            Network network,
            Bytes magic,
            int p2pPort,
            int rpcPort,
            int onionPort,
            String subfolder,
            Block genesis,
            int pruneAfterHeight,
            boolean mockable) {}

    /// Proof of work.
    ///
    /// @param limit the easiest target
    /// @param targetTimespanSeconds time that one period of difficulty should take
    /// @param allowMinDifficulty a block twenty minutes late may be easy
    /// @param enforceBip94 the first block of a period gives the difficulty, and its time is bound
    /// @param noRetargeting the difficulty never changes
    public record Pow(
            BigInteger limit,
            long targetTimespanSeconds,
            boolean allowMinDifficulty,
            boolean enforceBip94,
            boolean noRetargeting) {
        /// Time between blocks on all networks, in seconds.
        public static final long SPACING_SECONDS = 600;

        /// Blocks in one period of difficulty.
        public int interval() {
            return Math.toIntExact(targetTimespanSeconds / SPACING_SECONDS);
        }
    }

    /// Heights from which rules are in force.
    ///
    /// @param bip34Hash block at that height, which proves which chain it is; empty where it does not matter
    /// @param minBip9Warning below this, unknown version bits are no reason to warn
    public record Heights(
            int bip34,
            Optional<BlockHash> bip34Hash,
            int bip66,
            int bip65,
            int csv,
            int segwit,
            int minBip9Warning) {}

    /// Rules that miners switch on. See BIP-0009.
    ///
    /// @param window blocks that vote together
    /// @param threshold votes that it takes
    /// @param all in Core's order
    public record Deployments(int window, int threshold, List<Deployment> all) {}

    /// One rule that miners switch on.
    ///
    /// @param bit of the block version, 0 to 28
    /// @param startTime median time past from which votes count; [#ALWAYS_ACTIVE] or [#NEVER_ACTIVE]
    /// @param timeout median time past at which it fails; [#NO_TIMEOUT]
    /// @param minActivationHeight not active below, even if locked in
    public record Deployment(
            String name, int bit, long startTime, long timeout, int minActivationHeight) {
        /// Start time of a rule that is in force from genesis.
        public static final long ALWAYS_ACTIVE = -1;

        /// Start time of a rule that never comes.
        public static final long NEVER_ACTIVE = -2;

        /// Timeout of a rule that waits for ever.
        public static final long NO_TIMEOUT = Long.MAX_VALUE;
    }

    /// What we were told and need not find out: guards against waste, never rules.
    ///
    /// @param minimumChainWork a chain with less is not the network's
    /// @param assumeValid scripts below this block are known to be right
    /// @param checkpoints blocks by height
    /// @param assumeUtxo snapshots that may be loaded
    /// @param assumedBlockchainGb what the blocks take on disk
    /// @param assumedChainStateGb what the coins take on disk
    public record Trust(
            BigInteger minimumChainWork,
            Optional<BlockHash> assumeValid,
            NavigableMap<Integer, BlockHash> checkpoints,
            List<AssumeUtxo> assumeUtxo,
            Optional<TxData> chainTxData,
            int assumedBlockchainGb,
            int assumedChainStateGb) {}

    /// A snapshot of all coins that may be loaded.
    public record AssumeUtxo(
            int height, BlockHash block, String hashSerialized, long chainTxCount) {}

    /// Transactions up to a time, to estimate progress.
    ///
    /// @param time seconds since 1970
    /// @param rate transactions a second after that
    public record TxData(long time, long txCount, double rate) {}

    /// Blocks of history that break today's rules.
    ///
    /// @param scriptFlags rules that one block is checked against instead
    /// @param bip30Repeats blocks whose coinbase repeats an earlier one that was not spent
    /// @param bip30Unspendable the earlier ones
    public record Exceptions(
            Map<BlockHash, Integer> scriptFlags,
            Map<Integer, BlockHash> bip30Repeats,
            Map<Integer, BlockHash> bip30Unspendable) {}

    /// A name that answers with addresses of nodes.
    ///
    /// @param owner who runs it; empty if not known
    public record DnsSeed(String host, String owner) {}

    /// The parameters of a network.
    public static ChainParams of(Network network) {
        return switch (network) {
            case MAIN -> MainParams.PARAMS;
            case TESTNET3 -> Testnet3Params.PARAMS;
            case TESTNET4 -> Testnet4Params.PARAMS;
            case SIGNET -> SignetParams.PARAMS;
            case REGTEST -> RegtestParams.PARAMS;
        };
    }

    /// Which network this is.
    public Network network() {
        return identity.network();
    }

    /// The first block.
    public Block genesis() {
        return identity.genesis();
    }

    /// Below it, a chain is not worth downloading.
    public BigInteger minimumChainWork() {
        return trust.minimumChainWork();
    }

    /// Time between blocks in seconds.
    public long powTargetSpacingSeconds() {
        return Pow.SPACING_SECONDS;
    }

    /// Expected number of hashes for one header with this target.
    public BigInteger work(long bits) {
        return PowRules.work(bits);
    }

    /// Whether a hash is below the target, and the target not above the network's limit.
    public boolean hasValidWork(BlockHash hash, long bits) {
        return PowRules.hasValidWork(hash, bits, pow);
    }

    /// Whether the difficulty may change so at a height, as far as two headers alone can tell.
    public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
        return PowRules.isPermittedTransition(pow, height, bitsBefore, bits);
    }

    /// Height from which blocks may have witnesses.
    public int segwitHeight() {
        return heights.segwit();
    }

    /// The same network with rules that begin at another height (`-testactivationheight`).
    ///
    /// @param name `segwit`, `bip34`, `dersig`, `cltv` or `csv`
    /// @throws IllegalArgumentException if there is no such name
    public ChainParams withActivationHeight(String name, int height) {
        Heights h = heights;
        Heights changed =
                switch (name) {
                    case "bip34" ->
                            new Heights(
                                    height,
                                    h.bip34Hash,
                                    h.bip66,
                                    h.bip65,
                                    h.csv,
                                    h.segwit,
                                    h.minBip9Warning);
                    case "dersig" ->
                            new Heights(
                                    h.bip34,
                                    h.bip34Hash,
                                    height,
                                    h.bip65,
                                    h.csv,
                                    h.segwit,
                                    h.minBip9Warning);
                    case "cltv" ->
                            new Heights(
                                    h.bip34,
                                    h.bip34Hash,
                                    h.bip66,
                                    height,
                                    h.csv,
                                    h.segwit,
                                    h.minBip9Warning);
                    case "csv" ->
                            new Heights(
                                    h.bip34,
                                    h.bip34Hash,
                                    h.bip66,
                                    h.bip65,
                                    height,
                                    h.segwit,
                                    h.minBip9Warning);
                    case "segwit" ->
                            new Heights(
                                    h.bip34,
                                    h.bip34Hash,
                                    h.bip66,
                                    h.bip65,
                                    h.csv,
                                    height,
                                    h.minBip9Warning);
                    default -> throw new IllegalArgumentException("no rule " + name);
                };
        return new ChainParams(
                identity,
                addressPrefixes,
                pow,
                changed,
                deployments,
                trust,
                exceptions,
                subsidyHalvingInterval,
                signetChallenge,
                seeds);
    }

    /// The same network with another threshold of work (`-minimumchainwork`).
    public ChainParams withMinimumChainWork(BigInteger work) {
        Trust t = trust;
        var changed =
                new Trust(
                        work,
                        t.assumeValid,
                        t.checkpoints,
                        t.assumeUtxo,
                        t.chainTxData,
                        t.assumedBlockchainGb,
                        t.assumedChainStateGb);
        return new ChainParams(
                identity,
                addressPrefixes,
                pow,
                heights,
                deployments,
                changed,
                exceptions,
                subsidyHalvingInterval,
                signetChallenge,
                seeds);
    }

    /// The same network with other names to ask for addresses (`-signetseednode`).
    public ChainParams withSeeds(List<DnsSeed> names) {
        return new ChainParams(
                identity,
                addressPrefixes,
                pow,
                heights,
                deployments,
                trust,
                exceptions,
                subsidyHalvingInterval,
                signetChallenge,
                List.copyOf(names));
    }

    /// The same network with other times for a rule that miners switch on (`-vbparams`).
    ///
    /// @param startTime median time past from which votes count, or one of the constants of [Deployment]
    /// @throws IllegalArgumentException if there is no rule of that name
    public ChainParams withDeployment(
            String name, long startTime, long timeout, int minActivationHeight) {
        List<Deployment> changed =
                deployments.all.stream()
                        .map(
                                rule ->
                                        rule.name.equals(name)
                                                ? new Deployment(
                                                        name,
                                                        rule.bit,
                                                        startTime,
                                                        timeout,
                                                        minActivationHeight)
                                                : rule)
                        .toList();
        if (deployments.all.stream().noneMatch(rule -> rule.name.equals(name))) {
            throw new IllegalArgumentException("no rule " + name);
        }
        var all = new Deployments(deployments.window, deployments.threshold, changed);
        return new ChainParams(
                identity,
                addressPrefixes,
                pow,
                heights,
                all,
                trust,
                exceptions,
                subsidyHalvingInterval,
                signetChallenge,
                seeds);
    }

    /// A signet of one's own (`-signetchallenge`): the challenge gives the magic, and nothing is known of its
    /// chain.
    public ChainParams withSignetChallenge(Bytes challenge) {
        byte[] hash = Sha256.hashTwice(new ByteWriter().varBytes(challenge).toByteArray());
        Identity i = identity;
        var own =
                new Identity(
                        i.network,
                        Bytes.wrap(hash).slice(0, i.magic.length()),
                        i.p2pPort,
                        i.rpcPort,
                        i.onionPort,
                        i.subfolder,
                        i.genesis,
                        i.pruneAfterHeight,
                        i.mockable);
        var unknown =
                new Trust(
                        BigInteger.ZERO,
                        Optional.empty(),
                        trust.checkpoints,
                        trust.assumeUtxo,
                        Optional.empty(),
                        0,
                        0);
        return new ChainParams(
                own,
                addressPrefixes,
                pow,
                heights,
                deployments,
                unknown,
                exceptions,
                subsidyHalvingInterval,
                Optional.of(challenge),
                List.of());
    }
}
