package weft.app.vectors;

import java.util.List;
import weft.chain.BlockUndo;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// Sums over the transactions of a block, the coinbase left out of all but the outputs.
///
/// @param fees in satoshis
/// @param amount of all outputs, in satoshis
record BlockSums(
        long inputs,
        long outputs,
        long fees,
        long amount,
        long bytes,
        long weight,
        long withWitness) {
    static BlockSums of(Block block, BlockUndo undo) {
        long inputs = 0;
        long outputs = 0;
        long spent = 0;
        long amount = 0;
        long bytes = 0;
        long weight = 0;
        long withWitness = 0;
        List<Transaction> transactions = block.transactions();
        for (int i = 0; i < transactions.size(); i++) {
            Transaction tx = transactions.get(i);
            outputs += tx.outputs().size();
            if (i == 0) {
                continue;
            }
            inputs += tx.inputs().size();
            amount += tx.outputs().stream().mapToLong(TxOut::value).sum();
            bytes += tx.totalSize();
            weight += tx.weight();
            withWitness += tx.hasWitness() ? 1 : 0;
            for (Coin coin : undo.transactions().get(i - 1).coins()) {
                spent += coin.out().value();
            }
        }
        return new BlockSums(inputs, outputs, spent - amount, amount, bytes, weight, withWitness);
    }
}
