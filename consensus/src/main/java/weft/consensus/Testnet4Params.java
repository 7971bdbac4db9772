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

/// The parameters of TESTNET4, as Bitcoin Core 28.1 has them.
final class Testnet4Params {
    private static final String GENESIS =
            "0100000000000000000000000000000000000000000000000000000000000000000000004e7b2b91"
                    + "28fe0291db0693af2ae418b767e657cd407e80cb1434221eaea7a07a046f3566ffff001dbb0c7817"
                    + "0101000000010000000000000000000000000000000000000000000000000000000000000000ffff"
                    + "ffff5504ffff001d01044c4c30332f4d61792f323032342030303030303030303030303030303030"
                    + "30303030316562643538633234343937306233616139643738336262303031303131666265386561"
                    + "3865393865303065ffffffff0100f2052a0100000023210000000000000000000000000000000000"
                    + "00000000000000000000000000000000ac00000000";

    static final ChainParams PARAMS =
            new ChainParams(
                    new ChainParams.Identity(
                            Network.TESTNET4,
                            Bytes.parse("1c163f28"),
                            48333,
                            48332,
                            48334,
                            "testnet4",
                            Block.parse(GENESIS),
                            1000,
                            false),
                    new AddressPrefixes(
                            111, 196, 239, Bytes.parse("043587cf"), Bytes.parse("04358394"), "tb"),
                    new ChainParams.Pow(
                            hex("00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
                            1209600,
                            true,
                            true,
                            false),
                    new ChainParams.Heights(1, Optional.empty(), 1, 1, 1, 1, 0),
                    new ChainParams.Deployments(2016, 1512, deployments()),
                    trust(),
                    new ChainParams.Exceptions(Map.of(), Map.of(), Map.of()),
                    210000,
                    Optional.empty(),
                    seeds());

    private Testnet4Params() {}

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
                hex("00000000000000000000000000000000000000000000005faa15d02e6202f3ba"),
                Optional.of(
                        BlockHash.parse(
                                "000000005be348057db991fa5d89fe7c4695b667cfb311391a8db374b6f681fd")),
                checkpoints(),
                snapshots(),
                Optional.of(new ChainParams.TxData(1723651702L, 757229L, 0.01570402633472492)),
                1,
                0);
    }

    private static NavigableMap<Integer, BlockHash> checkpoints() {
        var map = new TreeMap<Integer, BlockHash>();
        return java.util.Collections.unmodifiableNavigableMap(map);
    }

    private static List<ChainParams.AssumeUtxo> snapshots() {
        return List.of();
    }

    private static List<ChainParams.DnsSeed> seeds() {
        return List.of(
                new ChainParams.DnsSeed("seed.testnet4.bitcoin.sprovoost.nl.", "Sjors Provoost"),
                new ChainParams.DnsSeed("seed.testnet4.wiz.biz.", "Jason Maurice"));
    }
}
