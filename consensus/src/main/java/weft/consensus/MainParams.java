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

/// The parameters of MAIN, as Bitcoin Core 28.1 has them.
final class MainParams {
    private static final String GENESIS =
            "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
                    + "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
                    + "0101000000010000000000000000000000000000000000000000000000000000000000000000ffff"
                    + "ffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c"
                    + "6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73"
                    + "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a6"
                    + "7962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
                    + "ac00000000";

    static final ChainParams PARAMS =
            new ChainParams(
                    new ChainParams.Identity(
                            Network.MAIN,
                            Bytes.parse("f9beb4d9"),
                            8333,
                            8332,
                            8334,
                            "",
                            Block.parse(GENESIS),
                            100000,
                            false),
                    new AddressPrefixes(
                            0, 5, 128, Bytes.parse("0488b21e"), Bytes.parse("0488ade4"), "bc"),
                    new ChainParams.Pow(
                            hex("00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
                            1209600,
                            false,
                            false,
                            false),
                    new ChainParams.Heights(
                            227931,
                            Optional.of(
                                    BlockHash.parse(
                                            "000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8")),
                            363725,
                            388381,
                            419328,
                            481824,
                            483840),
                    new ChainParams.Deployments(2016, 1815, deployments()),
                    trust(),
                    new ChainParams.Exceptions(
                            Map.of(
                                    BlockHash.parse(
                                            "00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22"),
                                    ScriptFlags.NONE,
                                    BlockHash.parse(
                                            "0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad"),
                                    ScriptFlags.P2SH | ScriptFlags.WITNESS),
                            Map.of(
                                    91842,
                                            BlockHash.parse(
                                                    "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec"),
                                    91880,
                                            BlockHash.parse(
                                                    "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721")),
                            Map.of(
                                    91722,
                                            BlockHash.parse(
                                                    "00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e"),
                                    91812,
                                            BlockHash.parse(
                                                    "00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f"))),
                    210000,
                    Optional.empty(),
                    seeds());

    private MainParams() {}

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
                new ChainParams.Deployment("taproot", 2, 1619222400L, 1628640000L, 709632));
    }

    private static ChainParams.Trust trust() {
        return new ChainParams.Trust(
                hex("000000000000000000000000000000000000000088e186b70e0862c193ec44d6"),
                Optional.of(
                        BlockHash.parse(
                                "000000000000000000011c5890365bdbe5d25b97ce0057589acaef4f1a57263f")),
                checkpoints(),
                snapshots(),
                Optional.of(new ChainParams.TxData(1723649144L, 1059312821L, 6.721086701157182)),
                620,
                14);
    }

    private static NavigableMap<Integer, BlockHash> checkpoints() {
        var map = new TreeMap<Integer, BlockHash>();
        map.put(
                11111,
                BlockHash.parse(
                        "0000000069e244f73d78e8fd29ba2fd2ed618bd6fa2ee92559f542fdb26e7c1d"));
        map.put(
                33333,
                BlockHash.parse(
                        "000000002dd5588a74784eaa7ab0507a18ad16a236e7b1ce69f00d7ddfb5d0a6"));
        map.put(
                74000,
                BlockHash.parse(
                        "0000000000573993a3c9e41ce34471c079dcf5f52a0e824a81e7f953b8661a20"));
        map.put(
                105000,
                BlockHash.parse(
                        "00000000000291ce28027faea320c8d2b054b2e0fe44a773f3eefb151d6bdc97"));
        map.put(
                134444,
                BlockHash.parse(
                        "00000000000005b12ffd4cd315cd34ffd4a594f430ac814c91184a0d42d2b0fe"));
        map.put(
                168000,
                BlockHash.parse(
                        "000000000000099e61ea72015e79632f216fe6cb33d7899acb35b75c8303b763"));
        map.put(
                193000,
                BlockHash.parse(
                        "000000000000059f452a5f7340de6682a977387c17010ff6e6c3bd83ca8b1317"));
        map.put(
                210000,
                BlockHash.parse(
                        "000000000000048b95347e83192f69cf0366076336c639f9b7228e9ba171342e"));
        map.put(
                216116,
                BlockHash.parse(
                        "00000000000001b4f4b433e81ee46494af945cf96014816a4e2370f11b23df4e"));
        map.put(
                225430,
                BlockHash.parse(
                        "00000000000001c108384350f74090433e7fcf79a606b8e797f065b130575932"));
        map.put(
                250000,
                BlockHash.parse(
                        "000000000000003887df1f29024b06fc2200b55f8af8f35453d7be294df2d214"));
        map.put(
                279000,
                BlockHash.parse(
                        "0000000000000001ae8c72a0b0c301f67e3afca10e819efa9041e458e9bd7e40"));
        map.put(
                295000,
                BlockHash.parse(
                        "00000000000000004d9b4ef50f0f9d686fd69db2e03af35a100370c64632a983"));
        return java.util.Collections.unmodifiableNavigableMap(map);
    }

    private static List<ChainParams.AssumeUtxo> snapshots() {
        return List.of(
                new ChainParams.AssumeUtxo(
                        840000,
                        BlockHash.parse(
                                "0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5"),
                        "a2a5521b1b5ab65f67818e5e8eccabb7171a517f9e2382208f77687310768f96",
                        991032194L));
    }

    private static List<ChainParams.DnsSeed> seeds() {
        return List.of(
                new ChainParams.DnsSeed("seed.bitcoin.sipa.be.", "Pieter Wuille"),
                new ChainParams.DnsSeed("dnsseed.bluematt.me.", "Matt Corallo"),
                new ChainParams.DnsSeed(
                        "dnsseed.bitcoin.dashjr-list-of-p2p-nodes.us.", "Luke Dashjr"),
                new ChainParams.DnsSeed("seed.bitcoin.jonasschnelli.ch.", "Jonas Schnelli"),
                new ChainParams.DnsSeed("seed.btc.petertodd.net.", "Peter Todd"),
                new ChainParams.DnsSeed("seed.bitcoin.sprovoost.nl.", "Sjors Provoost"),
                new ChainParams.DnsSeed("dnsseed.emzy.de.", "Stephan Oeste"),
                new ChainParams.DnsSeed("seed.bitcoin.wiz.biz.", "Jason Maurice"),
                new ChainParams.DnsSeed("seed.mainnet.achownodes.xyz.", "Ava Chow"));
    }
}
