package weft.server.rpc;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.index.IndexSet;
import weft.chain.index.TxIndex;
import weft.consensus.script.Script;
import weft.mempool.MempoolEntry;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.server.NodeApi;
import weft.wallet.psbt.Psbt;
import weft.wallet.psbt.PsbtInput;
import weft.wallet.psbt.PsbtSigner;
import weft.wallet.sign.SigningProvider;

/// Adds to a PSBT what the node and descriptors know.
final class PsbtUpdate {
    private final NodeApi node;

    PsbtUpdate(NodeApi node) {
        this.node = node;
    }

    /// Adds coins, scripts and keys, and signs if there are private keys.
    ///
    /// @param finalize whether complete signatures become finished scripts
    void update(Psbt psbt, SigningProvider known, int hashType, boolean finalize) {
        addCoins(psbt, known);
        var signer = new PsbtSigner(psbt);
        for (int i = 0; i < psbt.inputs().size(); i++) {
            if (!psbt.inputs().get(i).isSigned()) {
                signer.sign(i, known, hashType, finalize);
            }
        }
        for (int i = 0; i < psbt.outputs().size(); i++) {
            signer.updateOutput(i, known);
        }
        signer.dropUnneededTransactions();
    }

    private void addCoins(Psbt psbt, SigningProvider known) {
        IndexSet.Kept<TxIndex> index = node.indexes().transactions().orElse(null);
        if (index != null) {
            node.awaitIndex(index.writer());
        }
        Map<OutPoint, TxOut> coins = KnownCoins.of(node, List.of(psbt.tx()));
        for (int i = 0; i < psbt.inputs().size(); i++) {
            PsbtInput input = psbt.inputs().get(i);
            if (input.previous() != null) {
                continue;
            }
            TxIn in = psbt.tx().inputs().get(i);
            Transaction previous = transaction(in.prevout().txid(), index);
            TxOut coin = coins.get(in.prevout());
            if (previous != null) {
                input.previous(previous);
            } else if (coin != null && isWitness(coin.scriptPubKey(), known)) {
                input.spent(coin);
            }
        }
    }

    private @Nullable Transaction transaction(Txid txid, IndexSet.@Nullable Kept<TxIndex> index) {
        Optional<TxIndex.Found> found = index == null ? Optional.empty() : index.index().find(txid);
        return node.onChain(
                engine -> {
                    Optional<Transaction> confirmed =
                            found.flatMap(each -> inBlock(engine, each, txid));
                    MempoolEntry waiting = engine.mempool().find(txid);
                    return confirmed.orElse(waiting == null ? null : waiting.tx());
                });
    }

    private static Optional<Transaction> inBlock(
            ChainEngine engine, TxIndex.Found found, Txid txid) {
        HeaderNode at = engine.chain().headers().find(BlockHash.parse(found.block().toHex()));
        Optional<Block> block = at == null ? Optional.empty() : engine.chain().block(at);
        return block.flatMap(
                each ->
                        each.transactions().stream()
                                .filter(tx -> tx.txid().equals(txid))
                                .findFirst());
    }

    /// Whether an output is signed in the witness, so that it need not be proven by its transaction.
    private static boolean isWitness(Bytes script, SigningProvider known) {
        if (Script.witnessProgram(script) != null) {
            return true;
        }
        Bytes inner = Script.isPayToScriptHash(script) ? known.script(script.slice(2, 20)) : null;
        return inner != null && Script.witnessProgram(inner) != null;
    }
}
