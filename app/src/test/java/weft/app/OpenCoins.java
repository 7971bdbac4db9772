package weft.app;

import java.util.HexFormat;
import java.util.List;
import weft.crypto.Sha256;

/// Coins of regtest that everybody may spend by showing the script OP_TRUE, in a form that every node relays.
final class OpenCoins {
    private static final String OP_TRUE = "51";
    static final long FEE = 10_000;
    static final long REWARD = 50L * 100_000_000;

    private OpenCoins() {}

    private static String scriptPubKey() {
        byte[] hash = Sha256.hash(HexFormat.of().parseHex(OP_TRUE));
        return "0020" + HexFormat.of().formatHex(hash);
    }

    /// Mines 101 blocks.
    ///
    /// @return txid of the first one's reward, which may be spent from now on
    static String mine(RunningNode node) {
        String descriptor = "raw(" + scriptPubKey() + ")";
        String first = node.call("generatetodescriptor", 101, descriptor).get(0).asString();
        return node.call("getblock", first).get("tx").get(0).asString();
    }

    /// A transaction that gives a reward, less a fee, to everybody again.
    static String spend(String coinbase) {
        return spend(coinbase, scriptPubKey());
    }

    /// A transaction that gives a reward, less a fee, to somebody.
    ///
    /// @param script whom, in hexadecimal, shorter than 253 bytes
    static String spend(String coinbase, String script) {
        return spend(2, coinbase, REWARD - FEE, script);
    }

    /// A parent without a fee and a child that pays for both, of version 3: they may come as a package.
    static List<String> parentAndChild(RunningNode node, String coinbase) {
        String parent = spend(3, coinbase, REWARD, scriptPubKey());
        String parentId = node.call("decoderawtransaction", parent).get("txid").asString();
        return List.of(parent, spend(3, parentId, REWARD - 10 * FEE, scriptPubKey()));
    }

    private static String spend(int version, String txid, long value, String script) {
        byte[] id = HexFormat.of().parseHex(txid);
        var reversed = new byte[id.length];
        for (int i = 0; i < id.length; i++) {
            reversed[i] = id[id.length - 1 - i];
        }
        return HexFormat.of().toHexDigits((byte) version)
                + "000000"
                + "0001"
                + "01"
                + HexFormat.of().formatHex(reversed)
                + "00000000"
                + "00"
                + "fdffffff"
                + "01"
                + HexFormat.of().toHexDigits(Long.reverseBytes(value))
                + HexFormat.of().toHexDigits((byte) (script.length() / 2))
                + script
                + "01"
                + "01"
                + OP_TRUE
                + "00000000";
    }
}
