package weft.app.bench.sync;

import java.util.ArrayList;
import java.util.List;
import weft.consensus.script.PrecomputedTxHashes;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;

/// A transaction before it is signed.
///
/// @param coins that are spent, in order
/// @param kinds of the outputs
/// @param owners of the outputs
record TxPlan(
        List<SyntheticCoin> coins,
        List<TxOut> outputs,
        List<CoinKind> kinds,
        List<Integer> owners) {
    private static final int VERSION = 2;
    private static final int OVERHEAD_BYTES = 12;

    /// Virtual bytes that the signed transaction has at most.
    int vsizeMax() {
        int sum = OVERHEAD_BYTES;
        for (SyntheticCoin coin : coins) {
            sum += coin.kind().inputBytes;
        }
        for (CoinKind kind : kinds) {
            sum += kind.outputBytes;
        }
        return sum;
    }

    /// Signature operations as BIP-0141 counts their cost.
    int sigOpsCost() {
        int sum = 0;
        for (SyntheticCoin coin : coins) {
            sum +=
                    switch (coin.kind()) {
                        case P2SH_MULTISIG -> 12;
                        case P2WSH_MULTISIG -> 3;
                        case P2WPKH -> 1;
                        case P2PKH, P2TR_KEY, P2TR_SCRIPT -> 0;
                    };
        }
        for (CoinKind kind : kinds) {
            sum += kind == CoinKind.P2PKH ? 4 : 0;
        }
        return sum;
    }

    /// Signs every input.
    Transaction sign(KeyRing keys) {
        var inputs = new ArrayList<TxIn>();
        for (SyntheticCoin coin : coins) {
            inputs.add(new TxIn(coin.outPoint(), Bytes.EMPTY, TxIn.SEQUENCE_FINAL));
        }
        Transaction unsigned = Transaction.of(VERSION, inputs, outputs, List.of(), 0);
        PrecomputedTxHashes shared = KeyRing.shared(unsigned, coins);
        var signed = new ArrayList<TxIn>();
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < coins.size(); i++) {
            KeyRing.Unlock unlock = keys.unlock(coins.get(i), shared, i);
            signed.add(new TxIn(coins.get(i).outPoint(), unlock.scriptSig(), TxIn.SEQUENCE_FINAL));
            witnesses.add(unlock.witness());
        }
        boolean hasWitness = witnesses.stream().anyMatch(witness -> !witness.isEmpty());
        return Transaction.of(VERSION, signed, outputs, hasWitness ? witnesses : List.of(), 0);
    }

    /// The coins that the signed transaction makes.
    List<SyntheticCoin> made(Transaction signed) {
        var made = new ArrayList<SyntheticCoin>();
        for (int i = 0; i < outputs.size(); i++) {
            made.add(
                    new SyntheticCoin(
                            new OutPoint(signed.txid(), i),
                            outputs.get(i),
                            kinds.get(i),
                            owners.get(i)));
        }
        return made;
    }
}
