package weft.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainState;
import weft.chain.CoinsView;
import weft.chain.api.HeaderNode;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// The coins of a chain, found anew from its blocks by the simplest rules: who spends takes away, who pays
/// adds. What a node that has just fetched these blocks would have, whatever way the node itself took.
final class NaiveLedger {
    private static final int OP_RETURN = 0x6a;
    private static final int SCRIPT_MAX = 10_000;

    private final ChainState chain;
    private final Map<OutPoint, Coin> coins = new HashMap<>();

    /// Coins that were once, and are no more.
    private final Set<OutPoint> gone = new HashSet<>();

    private NaiveLedger(ChainState chain) {
        this.chain = chain;
    }

    /// Compares a node's coins with those of its active chain, from the first block on.
    ///
    /// @param left the end of a branch that the node has left; null for none. No coin of it may be there
    ///     still
    /// @return what is wrong; empty if nothing is
    static String faultOf(ChainState chain, @Nullable HeaderNode left) {
        var ledger = new NaiveLedger(chain);
        String fault = ledger.replay();
        if (fault.isEmpty() && left != null) {
            fault = ledger.addLeft(left);
        }
        return fault.isEmpty() ? ledger.compare() : fault;
    }

    private String replay() {
        var path = new ArrayList<HeaderNode>();
        HeaderNode node = chain.chain().tip();
        // Nobody can spend what the first block pays.
        for (HeaderNode parent = node.parent(); parent != null; parent = node.parent()) {
            path.add(node);
            node = parent;
        }
        for (HeaderNode each : path.reversed()) {
            Block block = chain.block(each).orElse(null);
            if (block == null || !block.hash().equals(each.hash())) {
                return "a block of the active chain is not there";
            }
            for (Transaction tx : block.transactions()) {
                if (!take(tx) || !give(tx, each.height())) {
                    return "the active chain spends what is not there";
                }
            }
        }
        return "";
    }

    private boolean take(Transaction tx) {
        if (tx.isCoinbase()) {
            return true;
        }
        long sum = 0;
        for (TxIn in : tx.inputs()) {
            Coin coin = coins.remove(in.prevout());
            if (coin == null) {
                return false;
            }
            sum += coin.out().value();
            gone.add(in.prevout());
        }
        return sum >= tx.outputs().stream().mapToLong(TxOut::value).sum();
    }

    private boolean give(Transaction tx, int height) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            TxOut out = tx.outputs().get(i);
            var place = new OutPoint(tx.txid(), i);
            if (isSpendable(out)
                    && coins.put(place, new Coin(out, height, tx.isCoinbase())) != null) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpendable(TxOut out) {
        int length = out.scriptPubKey().length();
        boolean data = length > 0 && out.scriptPubKey().at(0) == OP_RETURN;
        return !data && length <= SCRIPT_MAX;
    }

    private String addLeft(HeaderNode end) {
        HeaderNode node = chain.headers().find(end.hash());
        while (node != null && !chain.chain().contains(node)) {
            Block block = chain.block(node).orElse(null);
            if (block == null) {
                return "a block of the branch that was left is not there";
            }
            for (Transaction tx : block.transactions()) {
                for (int i = 0; i < tx.outputs().size(); i++) {
                    gone.add(new OutPoint(tx.txid(), i));
                }
            }
            node = node.parent();
        }
        return "";
    }

    private String compare() {
        CoinsView theirs = chain.coins();
        for (Map.Entry<OutPoint, Coin> each : coins.entrySet()) {
            if (!each.getValue().equals(theirs.coin(each.getKey()))) {
                return "a coin of the active chain is missing or another";
            }
        }
        for (OutPoint each : gone) {
            if (!coins.containsKey(each) && theirs.has(each)) {
                return "a coin is there that the active chain does not have";
            }
        }
        // What memory knows to be spent may still be on disk.
        List<OutPoint> strange = new ArrayList<>();
        chain.coinsStore()
                .scan(
                        (place, _) -> {
                            if (!coins.containsKey(place) && theirs.has(place)) {
                                strange.add(place);
                            }
                            return true;
                        });
        return strange.isEmpty() ? "" : "a coin is on disk that the active chain does not have";
    }
}
