package weft.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import weft.consensus.Coin;
import weft.consensus.RuleFailure;
import weft.consensus.SigOps;
import weft.consensus.TxCheck;
import weft.consensus.TxInputs;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Amount;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Bytes that pretend to be a transaction, in both forms.
public final class TransactionFuzz {
    private TransactionFuzz() {}

    /// One input.
    public static void fuzzerTestOneInput(byte[] data) {
        Measured.run(data.length, () -> read(data, Transaction.Encoding.WITNESS));
        Measured.run(data.length, () -> read(data, Transaction.Encoding.LEGACY));
    }

    private static void read(byte[] data, Transaction.Encoding encoding) {
        ByteReader in = ByteReader.of(data);
        Transaction tx;
        try {
            tx = Transaction.read(in, encoding);
        } catch (MalformedBytes e) {
            return;
        }
        var out = new ByteWriter();
        tx.write(out, encoding);
        byte[] written = out.toByteArray();
        Measured.require(
                Arrays.equals(written, Arrays.copyOf(data, in.position())),
                "what was read is written as it came");
        check(tx, written, encoding);
    }

    /// What must hold for every transaction that could be read.
    static void check(Transaction tx, byte[] written, Transaction.Encoding encoding) {
        Transaction again = Transaction.read(ByteReader.of(written), encoding);
        Measured.require(again.equals(tx) && again.txid().equals(tx.txid()), "read twice, equal");
        Measured.require(tx.weight() == 3 * tx.strippedSize() + tx.totalSize(), "weight");
        Measured.require(tx.totalSize() == written.length, "total size");
        var witnesses = new ArrayList<weft.primitives.Witness>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            witnesses.add(tx.witness(i));
        }
        Transaction built =
                Transaction.of(tx.version(), tx.inputs(), tx.outputs(), witnesses, tx.lockTime());
        Measured.require(
                built.txid().equals(tx.txid()) && built.wtxid().equals(tx.wtxid()),
                "built from its fields it has the same ids");
        Measured.require(built.strippedSize() == tx.strippedSize(), "stripped size");
        RuleFailure failure = TxCheck.check(tx);
        Measured.require(SigOps.legacyCount(tx) >= 0, "operations are counted upwards");
        if (failure == null) {
            spend(tx);
        }
    }

    /// Spends outputs like its own: amounts stay in range whatever the fields say.
    private static void spend(Transaction tx) {
        List<Coin> coins = new ArrayList<>();
        for (int i = 0; i < tx.inputs().size(); i++) {
            TxOut out = tx.outputs().get(i % tx.outputs().size());
            coins.add(new Coin(out, i, i % 2 == 1));
        }
        if (!tx.isCoinbase()) {
            TxInputs.Result result = TxInputs.check(tx, coins, 200);
            Measured.require(Amount.isInRange(result.fee()), "a fee is an amount");
            int cost = SigOps.cost(tx, coins, ScriptFlags.P2SH | ScriptFlags.WITNESS);
            Measured.require(cost >= 4 * SigOps.legacyCount(tx), "cost counts what legacy counts");
        }
    }
}
