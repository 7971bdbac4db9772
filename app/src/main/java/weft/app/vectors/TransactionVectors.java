package weft.app.vectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import weft.consensus.TxCheck;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.ScriptText;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// `tx_valid.json` and `tx_invalid.json`, with the rule that their lists of flags are the shortest.
final class TransactionVectors {
    private static final int FLAG_COUNT = 21;
    private static final int ALL = (1 << FLAG_COUNT) - 1;

    private final Transaction tx;
    private final List<TxOut> spent;

    private TransactionVectors(Transaction tx, List<TxOut> spent) {
        this.tx = tx;
        this.spent = spent;
    }

    private interface Check {
        void run(TransactionVectors each, String flags);
    }

    private static void all(VectorFile file, Cases cases, Check check) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            if (each.required(0).isArray()) {
                cases.run(index, () -> check.run(of(each), each.required(2).asString()));
            }
        }
    }

    private static TransactionVectors of(JsonNode each) {
        Map<OutPoint, TxOut> outputs = new LinkedHashMap<>();
        for (JsonNode output : each.required(0)) {
            Txid txid = Txid.parse(output.required(0).asString());
            long index = output.required(1).asLong() & 0xffff_ffffL;
            long amount = output.size() > 3 ? output.required(3).asLong() : 0;
            var out = new TxOut(amount, ScriptText.parse(output.required(2).asString()));
            outputs.put(new OutPoint(txid, index), out);
        }
        Transaction tx = Transaction.parse(each.required(1).asString());
        var spent = new ArrayList<TxOut>();
        for (TxIn input : tx.inputs()) {
            TxOut out = outputs.get(input.prevout());
            if (out != null) {
                spent.add(out);
            }
        }
        return new TransactionVectors(tx, spent);
    }

    /// Transactions that verify with all flags but those listed.
    static void valid(VectorFile file, Cases cases) {
        all(file, cases, TransactionVectors::checkValid);
    }

    private void checkValid(String names) {
        Expect.same("the check of the transaction alone", null, TxCheck.check(tx));
        checkComplete();
        int excluded = ScriptFlags.parse(names);
        int flags = withoutDependants(ALL & ~excluded);
        Expect.holds("all inputs verify", verifies(flags));
        for (int bit = 0; bit < FLAG_COUNT; bit++) {
            int flag = 1 << bit;
            Expect.holds(
                    "all inputs verify without " + ScriptFlags.toText(flag),
                    verifies(withoutDependants(flags & ~flag)));
            if ((excluded & flag) != 0) {
                Expect.holds(
                        "an input fails with " + ScriptFlags.toText(flag),
                        !verifies(withNeeded(flags | flag)));
            }
        }
    }

    /// Transactions that fail alone, or with the flags listed.
    static void invalid(VectorFile file, Cases cases) {
        all(file, cases, TransactionVectors::checkInvalid);
    }

    private void checkInvalid(String names) {
        if (names.equals("BADTX")) {
            Expect.holds("the transaction alone is invalid", TxCheck.check(tx) != null);
            return;
        }
        checkComplete();
        int flags = ScriptFlags.parse(names);
        Expect.holds("an input fails", !verifies(withNeeded(flags)));
        for (int bit = 0; bit < FLAG_COUNT; bit++) {
            int flag = 1 << bit;
            Expect.holds(
                    "an input fails with " + ScriptFlags.toText(flag),
                    !verifies(withNeeded(flags | flag)));
            if ((flags & flag) != 0) {
                Expect.holds(
                        "all inputs verify without " + ScriptFlags.toText(flag),
                        verifies(withoutDependants(flags & ~flag)));
            }
        }
    }

    private void checkComplete() {
        Expect.same("the number of outputs spent", tx.inputs().size(), spent.size());
    }

    private boolean verifies(int flags) {
        var shared = PrecomputedTxHashes.of(tx, spent);
        for (int i = 0; i < spent.size(); i++) {
            if (!ScriptVectors.verifies(shared, i, flags)) {
                return false;
            }
        }
        return true;
    }

    /// The flags but those that ask for one that is not there.
    private static int withoutDependants(int flags) {
        int left = (flags & ScriptFlags.P2SH) == 0 ? flags & ~ScriptFlags.WITNESS : flags;
        return (left & ScriptFlags.WITNESS) == 0 ? left & ~ScriptFlags.CLEANSTACK : left;
    }

    /// The flags and those that they ask for.
    private static int withNeeded(int flags) {
        int more = (flags & ScriptFlags.CLEANSTACK) == 0 ? flags : flags | ScriptFlags.WITNESS;
        return (more & ScriptFlags.WITNESS) == 0 ? more : more | ScriptFlags.P2SH;
    }
}
