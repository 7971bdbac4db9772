package weft.consensus;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;

/// The parameters of TESTNET3, as Bitcoin Core 28.1 has them.
final class Testnet3Params {
    private static final String GENESIS =
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
                    + "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff001d1aa4ae18"
                    + "0101000000010000000000000000000000000000000000000000000000000000000000000000ffff"
                    + "ffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c"
                    + "6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73"
                    + "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a6"
                    + "7962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
                    + "ac00000000";

    static final ChainParams PARAMS =
            new ChainParams(
                    new ChainParams.Identity(
                            Network.TESTNET3,
                            Bytes.parse("0b110907"),
                            18333,
                            18332,
                            18334,
                            "testnet3",
                            Block.parse(GENESIS),
                            1000,
                            false),
                    new AddressPrefixes(
                            111, 196, 239, Bytes.parse("043587cf"), Bytes.parse("04358394"), "tb"),
                    new ChainParams.Pow(
                            hex("00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
                            1209600,
                            true,
                            false,
                            false),
                    new ChainParams.Heights(
                            21111,
                            Optional.of(
                                    BlockHash.parse(
                                            "0000000023b3a96d3484e5abb3755c413e7d41500f8e2a5c3f0dd01299cd8ef8")),
                            330776,
                            581885,
                            770112,
                            834624,
                            836640),
                    new ChainParams.Deployments(2016, 1512, deployments()),
                    trust(),
                    new ChainParams.Exceptions(
                            Map.of(
                                    BlockHash.parse(
                                            "00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105"),
                                    ScriptFlags.NONE),
                            Map.of(),
                            Map.of()),
                    210000,
                    Optional.empty(),
                    seeds());

    private Testnet3Params() {}

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
                new ChainParams.Deployment("taproot", 2, 1619222400L, 1628640000L, 0));
    }

    private static ChainParams.Trust trust() {
        return new ChainParams.Trust(
                hex("000000000000000000000000000000000000000000000f209695166be8b61fa9"),
                Optional.of(
                        BlockHash.parse(
                                "000000000000000465b1a66c9f386308e8c75acef9201f3f577811da09fc90ad")),
                checkpoints(),
                snapshots(),
                Optional.of(new ChainParams.TxData(1723613341L, 187917082L, 3.265051477698455)),
                93,
                19);
    }

    private static NavigableMap<Integer, BlockHash> checkpoints() {
        var map = new TreeMap<Integer, BlockHash>();
        map.put(
                546,
                BlockHash.parse(
                        "000000002a936ca763904c3c35fce2f3556c559c0214345d31b1bcebf76acb70"));
        return java.util.Collections.unmodifiableNavigableMap(map);
    }

    private static List<ChainParams.AssumeUtxo> snapshots() {
        return List.of(
                new ChainParams.AssumeUtxo(
                        2500000,
                        BlockHash.parse(
                                "0000000000000093bcb68c03a9a168ae252572d348a2eaeba2cdf9231d73206f"),
                        "f841584909f68e47897952345234e37fcd9128cd818f41ee6c3ca68db8071be7",
                        66484552L));
    }

    private static List<ChainParams.DnsSeed> seeds() {
        return List.of(
                new ChainParams.DnsSeed("testnet-seed.bitcoin.jonasschnelli.ch.", "Jonas Schnelli"),
                new ChainParams.DnsSeed("seed.tbtc.petertodd.net.", "Peter Todd"),
                new ChainParams.DnsSeed("seed.testnet.bitcoin.sprovoost.nl.", "Sjors Provoost"),
                new ChainParams.DnsSeed("testnet-seed.bluematt.me.", "Matt Corallo"),
                new ChainParams.DnsSeed("seed.testnet.achownodes.xyz.", "Ava Chow"));
    }
}
