package weft.app.vectors;

import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;

/// Values as the vectors write them.
final class Vector {
    private static final Map<String, Network> NETWORKS =
            Map.of(
                    "mainnet", Network.MAIN,
                    "testnet3", Network.TESTNET3,
                    "testnet4", Network.TESTNET4,
                    "signet", Network.SIGNET,
                    "regtest", Network.REGTEST);

    private Vector() {}

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static byte[] hex(JsonNode node, String field) {
        return hex(node.required(field).asString());
    }

    static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static Bytes bytes(JsonNode node) {
        return Bytes.parse(node.asString());
    }

    /// A 32-bit number in hexadecimal digits.
    static long bits(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    static BlockHeader header(byte[] bytes) {
        ByteReader in = ByteReader.of(bytes);
        BlockHeader header = BlockHeader.read(in);
        in.expectEnd();
        return header;
    }

    static BlockHeader header(String hex) {
        return header(hex(hex));
    }

    /// The network of a name that begins as its files do.
    static Optional<ChainParams> params(String name) {
        int end = name.indexOf('_');
        Network network = NETWORKS.get(end < 0 ? name : name.substring(0, end));
        return Optional.ofNullable(network).map(ChainParams::of);
    }

    /// The network of a name.
    ///
    /// @throws IllegalArgumentException if there is none
    static ChainParams knownParams(String name) {
        return params(name)
                .orElseThrow(() -> new IllegalArgumentException("no network in " + name));
    }
}
