package weft.consensus;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

/// A real block with everything that it spends.
///
/// @param name network and height
/// @param spent the outputs that each transaction spends, none for the coinbase
record SpentBlock(
        String name,
        Block block,
        List<List<TxOut>> spent,
        ChainParams params,
        int height,
        int flags) {

    /// All blocks that have a `.spent` file.
    static List<SpentBlock> all() {
        List<SpentBlock> all = new ArrayList<>();
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            if (each.get("spent_file").asBoolean()) {
                all.add(read(each));
            }
        }
        return List.copyOf(all);
    }

    private static SpentBlock read(JsonNode each) {
        Block block = BlockVectorsTest.read(each);
        ChainParams params = BlockVectorsTest.params(each);
        int height = each.get("height").asInt();
        ByteReader in = ByteReader.of(Vectors.bytes(BlockVectorsTest.file(each, "spent")));
        List<List<TxOut>> spent = new ArrayList<>();
        for (Transaction tx : block.transactions()) {
            List<TxOut> outs = new ArrayList<>();
            if (!tx.isCoinbase()) {
                tx.inputs().forEach(_ -> outs.add(TxOut.read(in)));
            }
            spent.add(List.copyOf(outs));
        }
        in.expectEnd();
        return new SpentBlock(
                each.get("network").asString() + " " + height,
                block,
                List.copyOf(spent),
                params,
                height,
                BlockScriptFlags.of(block.hash(), height, params));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// What the coinbase leaves of fees and subsidy when a transaction spends other outputs: 0 if the block
    /// balances; empty if amounts are out of range or a fee is negative.
    OptionalLong leftOver(int changed, List<TxOut> instead) {
        long left = Subsidy.at(height, params);
        List<Transaction> transactions = block.transactions();
        for (int i = 1; i < transactions.size(); i++) {
            List<TxOut> outs = i == changed ? instead : spent.get(i);
            List<Coin> coins = outs.stream().map(out -> new Coin(out, 0, false)).toList();
            TxInputs.Result result = TxInputs.check(transactions.get(i), coins, height);
            if (result.failure() != null) {
                return OptionalLong.empty();
            }
            left += result.fee();
        }
        for (TxOut out : transactions.getFirst().outputs()) {
            left -= out.value();
        }
        return OptionalLong.of(left);
    }
}
