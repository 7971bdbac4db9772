package weft.app.vectors;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// The coins that a block spends, transaction by transaction; none for the coinbase.
///
/// @param coins one list a transaction, one coin an input
public record SpentOutputs(List<List<Coin>> coins) {
    /// Keeps copies of the lists.
    public SpentOutputs {
        coins = coins.stream().map(List::copyOf).toList();
    }

    /// Reads the outputs of all inputs in order: amount, length and script of each.
    ///
    /// @throws MalformedBytes if there are more or fewer than the block has inputs
    public static SpentOutputs read(Block block, byte[] bytes) {
        ByteReader in = ByteReader.of(bytes);
        var all = new ArrayList<List<Coin>>();
        for (Transaction tx : block.transactions()) {
            var coins = new ArrayList<Coin>();
            if (!tx.isCoinbase()) {
                for (int i = tx.inputs().size(); i > 0; i--) {
                    coins.add(new Coin(TxOut.read(in), 0, false));
                }
            }
            all.add(coins);
        }
        in.expectEnd();
        return new SpentOutputs(all);
    }

    /// Number of inputs.
    public int inputs() {
        return coins.stream().mapToInt(List::size).sum();
    }

    /// An input that spends what is not there, or not what the coins say; null if there is none that the
    /// block alone shows.
    @Nullable String contradiction(Block block) {
        Map<OutPoint, TxOut> made = new HashMap<>();
        Set<OutPoint> gone = new HashSet<>();
        Set<Object> later = new HashSet<>();
        block.transactions().forEach(tx -> later.add(tx.txid()));
        for (int i = 0; i < block.transactions().size(); i++) {
            Transaction tx = block.transactions().get(i);
            for (int j = 0; j < coins.get(i).size(); j++) {
                TxIn input = tx.inputs().get(j);
                TxOut known = made.get(input.prevout());
                String where = "input " + j + " of " + tx.txid();
                if (!gone.add(input.prevout())) {
                    return where + " is spent twice";
                }
                if (known != null && !known.equals(coins.get(i).get(j).out())) {
                    return where + " spends another output of this block than the file says";
                }
                if (known == null && later.contains(input.prevout().txid())) {
                    return where + " spends what is not there yet";
                }
            }
            for (int j = 0; j < tx.outputs().size(); j++) {
                made.put(new OutPoint(tx.txid(), j), tx.outputs().get(j));
            }
        }
        return null;
    }
}
