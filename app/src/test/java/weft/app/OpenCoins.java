package weft.app;

import java.util.HexFormat;
import weft.crypto.Sha256;

/// Coins of regtest that everybody may spend by showing the script OP_TRUE, in a form that every node relays.
final class OpenCoins {
    private static final String OP_TRUE = "51";
    private static final long FEE = 10_000;
    private static final long REWARD = 50L * 100_000_000;

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
        byte[] id = HexFormat.of().parseHex(coinbase);
        var reversed = new byte[id.length];
        for (int i = 0; i < id.length; i++) {
            reversed[i] = id[id.length - 1 - i];
        }
        long value = Long.reverseBytes(REWARD - FEE);
        return "02000000"
                + "0001"
                + "01"
                + HexFormat.of().formatHex(reversed)
                + "00000000"
                + "00"
                + "fdffffff"
                + "01"
                + HexFormat.of().toHexDigits(value)
                + "22"
                + scriptPubKey()
                + "01"
                + "01"
                + OP_TRUE
                + "00000000";
    }
}
