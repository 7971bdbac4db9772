package weft.consensus;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;

/// The parameters of REGTEST, as Bitcoin Core 28.1 has them.
final class RegtestParams {
    private static final String GENESIS =
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
                    + "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000"
                    + "0101000000010000000000000000000000000000000000000000000000000000000000000000ffff"
                    + "ffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c"
                    + "6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73"
                    + "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a6"
                    + "7962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
                    + "ac00000000";

    static final ChainParams PARAMS =
            new ChainParams(
                    new ChainParams.Identity(
                            Network.REGTEST,
                            Bytes.parse("fabfb5da"),
                            18444,
                            18443,
                            18445,
                            "regtest",
                            Block.parse(GENESIS),
                            1000,
                            true),
                    new AddressPrefixes(
                            111,
                            196,
                            239,
                            Bytes.parse("043587cf"),
                            Bytes.parse("04358394"),
                            "bcrt"),
                    new ChainParams.Pow(
                            hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
                            86400,
                            true,
                            true,
                            true),
                    new ChainParams.Heights(1, Optional.empty(), 1, 1, 1, 0, 0),
                    new ChainParams.Deployments(144, 108, deployments()),
                    trust(),
                    new ChainParams.Exceptions(Map.of(), Map.of(), Map.of()),
                    150,
                    Optional.empty(),
                    seeds());

    private RegtestParams() {}

    private static BigInteger hex(String digits) {
        return new BigInteger(digits, 16);
    }

    private static List<ChainParams.Deployment> deployments() {
        return List.of(
                new ChainParams.Deployment(
                        "testdummy", 28, 0, ChainParams.Deployment.NO_TIMEOUT, 0),
                new ChainParams.Deployment(
                        "taproot",
                        2,
                        ChainParams.Deployment.ALWAYS_ACTIVE,
                        ChainParams.Deployment.NO_TIMEOUT,
                        0));
    }

    private static ChainParams.Trust trust() {
        return new ChainParams.Trust(
                hex("0000000000000000000000000000000000000000000000000000000000000000"),
                Optional.empty(),
                checkpoints(),
                snapshots(),
                Optional.empty(),
                0,
                0);
    }

    private static NavigableMap<Integer, BlockHash> checkpoints() {
        var map = new TreeMap<Integer, BlockHash>();
        map.put(
                0,
                BlockHash.parse(
                        "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"));
        return java.util.Collections.unmodifiableNavigableMap(map);
    }

    private static List<ChainParams.AssumeUtxo> snapshots() {
        return List.of(
                new ChainParams.AssumeUtxo(
                        110,
                        BlockHash.parse(
                                "696e92821f65549c7ee134edceeeeaaa4105647a3c4fd9f298c0aec0ab50425c"),
                        "6657b736d4fe4db0cbc796789e812d5dba7f5c143764b1b6905612f1830609d1",
                        111L),
                new ChainParams.AssumeUtxo(
                        200,
                        BlockHash.parse(
                                "5e93653318f294fb5aa339d00bbf8cf1c3515488ad99412c37608b139ea63b27"),
                        "4f34d431c3e482f6b0d67b64609ece3964dc8d7976d02ac68dd7c9c1421738f2",
                        201L),
                new ChainParams.AssumeUtxo(
                        299,
                        BlockHash.parse(
                                "3bb7ce5eba0be48939b7a521ac1ba9316afee2c7bada3a0cca24188e6d7d96c0"),
                        "a4bf3407ccb2cc0145c49ebba8fa91199f8a3903daf0883875941497d2493c27",
                        334L));
    }

    private static List<ChainParams.DnsSeed> seeds() {
        return List.of(new ChainParams.DnsSeed("dummySeed.invalid.", ""));
    }
}
