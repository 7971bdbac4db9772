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

/// The parameters of SIGNET, as Bitcoin Core 28.1 has them.
final class SignetParams {
    private static final String GENESIS =
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
                    + "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a008f4d5fae77031e8ad22203"
                    + "0101000000010000000000000000000000000000000000000000000000000000000000000000ffff"
                    + "ffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c"
                    + "6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73"
                    + "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a6"
                    + "7962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
                    + "ac00000000";

    static final ChainParams PARAMS =
            new ChainParams(
                    new ChainParams.Identity(
                            Network.SIGNET,
                            Bytes.parse("0a03cf40"),
                            38333,
                            38332,
                            38334,
                            "signet",
                            Block.parse(GENESIS),
                            1000,
                            false),
                    new AddressPrefixes(
                            111, 196, 239, Bytes.parse("043587cf"), Bytes.parse("04358394"), "tb"),
                    new ChainParams.Pow(
                            hex("00000377ae000000000000000000000000000000000000000000000000000000"),
                            1209600,
                            false,
                            false,
                            false),
                    new ChainParams.Heights(1, Optional.empty(), 1, 1, 1, 1, 0),
                    new ChainParams.Deployments(2016, 1815, deployments()),
                    trust(),
                    new ChainParams.Exceptions(Map.of(), Map.of(), Map.of()),
                    210000,
                    Optional.of(
                            Bytes.parse(
                                    "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430210359ef50"
                                            + "21964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae")),
                    seeds());

    private SignetParams() {}

    private static BigInteger hex(String digits) {
        return new BigInteger(digits, 16);
    }

    private static List<ChainParams.Deployment> deployments() {
        return List.of(
                new ChainParams.Deployment(
                        "testdummy",
                        28,
                        ChainParams.Deployment.NEVER_ACTIVE,
                        ChainParams.Deployment.NO_TIMEOUT,
                        0),
                new ChainParams.Deployment(
                        "taproot",
                        2,
                        ChainParams.Deployment.ALWAYS_ACTIVE,
                        ChainParams.Deployment.NO_TIMEOUT,
                        0));
    }

    private static ChainParams.Trust trust() {
        return new ChainParams.Trust(
                hex("0000000000000000000000000000000000000000000000000000025dbd66e58f"),
                Optional.of(
                        BlockHash.parse(
                                "0000014aad1d58dddcb964dd749b073374c6306e716b22f573a2efe68d414539")),
                checkpoints(),
                snapshots(),
                Optional.of(new ChainParams.TxData(1723655233L, 5507045L, 0.06271073277261494)),
                2,
                0);
    }

    private static NavigableMap<Integer, BlockHash> checkpoints() {
        var map = new TreeMap<Integer, BlockHash>();
        return java.util.Collections.unmodifiableNavigableMap(map);
    }

    private static List<ChainParams.AssumeUtxo> snapshots() {
        return List.of(
                new ChainParams.AssumeUtxo(
                        160000,
                        BlockHash.parse(
                                "0000003ca3c99aff040f2563c2ad8f8ec88bd0fd6b8f0895cfaf1ef90353a62c"),
                        "fe0a44309b74d6b5883d246cb419c6221bcccf0b308c9b59b7d70783dbdf928a",
                        2289496L));
    }

    private static List<ChainParams.DnsSeed> seeds() {
        return List.of(
                new ChainParams.DnsSeed("seed.signet.bitcoin.sprovoost.nl.", "Sjors Provoost"),
                new ChainParams.DnsSeed("seed.signet.achownodes.xyz.", "Ava Chow"));
    }
}
