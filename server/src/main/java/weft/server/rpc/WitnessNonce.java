package weft.server.rpc;

import java.util.ArrayList;
import java.util.List;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.WitnessCommitment;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.Witness;

/// Adds what old miners leave out: the coinbase's witness of a block that commits to witnesses. See BIP-0141.
final class WitnessNonce {
    private static final Bytes ZEROS = Bytes.wrap(new byte[32]);

    private WitnessNonce() {}

    static Block complete(Block block, ChainEngine engine, ChainParams params) {
        HeaderNode parent = engine.chain().headers().find(block.header().parent());
        Transaction coinbase = block.transactions().getFirst();
        boolean commits = WitnessCommitment.indexIn(coinbase) >= 0;
        if (parent == null
                || parent.height() + 1 < params.heights().segwit()
                || !commits
                || coinbase.hasWitness()) {
            return block;
        }
        var transactions = new ArrayList<>(block.transactions());
        transactions.set(
                0,
                Transaction.of(
                        coinbase.version(),
                        coinbase.inputs(),
                        coinbase.outputs(),
                        List.of(Witness.of(ZEROS)),
                        coinbase.lockTime()));
        return Block.of(block.header(), transactions);
    }
}
