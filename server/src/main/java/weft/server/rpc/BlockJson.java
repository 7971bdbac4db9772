package weft.server.rpc;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.chain.BlockUndo;
import weft.chain.ChainState;
import weft.chain.api.HeaderNode;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Transaction;
import weft.server.json.Json;

/// Headers and blocks in the form of `getblockheader` and `getblock`.
final class BlockJson {
    private static final int EASIEST_EXPONENT = 29;

    private BlockJson() {}

    /// How many times harder than the easiest target of the main network.
    static double difficulty(long bits) {
        int exponent = (int) (bits >>> 24);
        double difficulty = (double) 0xffff / (bits & 0xff_ffff);
        for (; exponent < EASIEST_EXPONENT; exponent++) {
            difficulty *= 256.0;
        }
        for (; exponent > EASIEST_EXPONENT; exponent--) {
            difficulty /= 256.0;
        }
        return difficulty;
    }

    /// Work as 64 hexadecimal digits.
    static String work(BigInteger work) {
        return String.format(Locale.ROOT, "%064x", work);
    }

    /// A header; on the chain's thread.
    static ObjectNode header(ChainState chain, HeaderNode node) {
        boolean isActive = chain.chain().contains(node);
        int confirmations = isActive ? chain.chain().height() - node.height() + 1 : -1;
        return header(
                node,
                confirmations,
                chain.headers().status(node).txCount(),
                chain.chain().next(node));
    }

    /// A header of whatever chain.
    ///
    /// @param confirmations -1 for a header that is not of the active branch
    /// @param txCount of its block; 0 where nobody knows
    /// @param next on the active branch; null if there is none
    static ObjectNode header(
            HeaderNode node, int confirmations, int txCount, @Nullable HeaderNode next) {
        BlockHeader header = node.header();
        ObjectNode json = Json.object();
        json.put("hash", node.hash().toString());
        json.put("confirmations", confirmations);
        json.put("height", node.height());
        json.put("version", header.version());
        json.put("versionHex", TxJson.hex8(header.version()));
        json.put("merkleroot", header.merkleRoot().toString());
        json.put("time", header.time());
        json.put("mediantime", node.medianTimePast());
        json.put("nonce", header.nonce());
        json.put("bits", TxJson.hex8(header.bits()));
        json.put("difficulty", difficulty(header.bits()));
        json.put("chainwork", work(node.chainWork()));
        json.put("nTx", txCount);
        HeaderNode parent = node.parent();
        if (parent != null) {
            json.put("previousblockhash", parent.hash().toString());
        }
        if (next != null) {
            json.put("nextblockhash", next.hash().toString());
        }
        return json;
    }

    /// Adds a block's body to its header.
    ///
    /// @param verbosity 1 for ids, 2 for transactions, 3 for transactions with what they spend
    static ObjectNode body(
            ObjectNode json,
            Block block,
            Optional<BlockUndo> undo,
            int verbosity,
            TxJson transactions) {
        json.put("strippedsize", block.strippedSize());
        json.put("size", block.totalSize());
        json.put("weight", block.weight());
        ArrayNode list = json.putArray("tx");
        for (int i = 0; i < block.transactions().size(); i++) {
            Transaction tx = block.transactions().get(i);
            if (verbosity == 1) {
                list.add(tx.txid().toString());
                continue;
            }
            List<Coin> spent = null;
            if (undo.isPresent() && i > 0) {
                spent = undo.get().transactions().get(i - 1).coins();
            }
            list.add(transactions.transaction(tx, spent, verbosity >= 3, true));
        }
        return json;
    }
}
