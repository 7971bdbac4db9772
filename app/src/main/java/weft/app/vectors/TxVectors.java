package weft.app.vectors;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.consensus.TxCheck;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Whole transactions, with what they spend where it is known.
final class TxVectors {
    private static final int OLD = ScriptFlags.P2SH | ScriptFlags.DERSIG;

    private TxVectors() {}

    private static Transaction read(byte[] bytes) {
        ByteReader in = ByteReader.of(bytes);
        Transaction tx = Transaction.read(in);
        in.expectEnd();
        return tx;
    }

    /// `real_txs.jsonl`.
    static void real(VectorFile file, Cases cases) {
        int line = 0;
        for (String text : file.lines()) {
            line++;
            cases.run(
                    "line " + line,
                    () -> {
                        JsonNode each = VectorFile.parseJson(text);
                        byte[] bytes = Vector.hex(each, "tx");
                        Transaction tx = read(bytes);
                        String wtxid = each.required("wtxid").asString();
                        Expect.same("wtxid", wtxid, tx.wtxid().toHex());
                        check(each, bytes, tx);
                    });
        }
    }

    private static void check(JsonNode each, byte[] bytes, Transaction tx) {
        Expect.same("txid", each.required("txid").asString(), tx.txid().toHex());
        boolean same = Arrays.equals(bytes, tx.toByteArray());
        Expect.holds("it is the same when written again", same);
        Expect.same("the check of the transaction alone", null, TxCheck.check(tx));
        if (!each.path("prevouts").isArray()) {
            return;
        }
        List<TxOut> spent = TaprootVectors.outputs(each.get("prevouts"));
        Expect.same("the number of outputs spent", tx.inputs().size(), spent.size());
        var shared = PrecomputedTxHashes.of(tx, spent);
        for (int i = 0; i < spent.size(); i++) {
            // Old transactions may break rules that are younger than they are.
            boolean newRules = tx.hasWitness();
            int flags = newRules ? ScriptFlags.MANDATORY : OLD;
            boolean verifies =
                    ScriptVectors.verifies(shared, i, flags)
                            || (!newRules && ScriptVectors.verifies(shared, i, ScriptFlags.P2SH));
            Expect.holds("input " + i + " verifies", verifies);
        }
    }

    /// `big_index.json`, with the transactions beside it.
    static void big(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            String name = each.path("file").asString("").replaceFirst("[.]gz$", "");
            Optional<VectorFile> beside = file.beside(name);
            if (beside.isEmpty()) {
                cases.leaveOut("their transactions are not in the folder");
                continue;
            }
            cases.run(
                    index,
                    () -> {
                        byte[] bytes = beside.get().bytes();
                        Transaction tx = read(bytes);
                        Expect.same("size", each.required("size").asInt(), tx.totalSize());
                        check(each, bytes, tx);
                    });
        }
    }

    /// A transaction in a file of its own.
    static void alone(VectorFile file, Cases cases) {
        cases.run(
                "transaction",
                () -> {
                    byte[] bytes = file.bytes();
                    Transaction tx = read(bytes);
                    boolean same = Arrays.equals(bytes, tx.toByteArray());
                    Expect.holds("it is the same when written again", same);
                    String name = file.name();
                    String begin = name.substring(0, Math.max(0, name.indexOf('_')));
                    Expect.holds("its id begins as its name", tx.txid().toHex().startsWith(begin));
                    Expect.same("the check of the transaction alone", null, TxCheck.check(tx));
                });
    }

    /// `decoded_transactions.json`.
    static void decoded(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(index, () -> decoded(each.required("decoded")));
        }
    }

    private static void decoded(JsonNode wanted) {
        Transaction tx = readEither(Vector.hex(wanted, "hex"));
        Expect.same("txid", wanted.required("txid").asString(), tx.txid().toHex());
        Expect.same("hash", wanted.required("hash").asString(), tx.wtxid().toHex());
        Expect.same("version", wanted.required("version").asLong(), tx.version());
        Expect.same("size", wanted.required("size").asInt(), tx.totalSize());
        Expect.same("vsize", wanted.required("vsize").asInt(), tx.vsize());
        Expect.same("weight", wanted.required("weight").asInt(), tx.weight());
        Expect.same("locktime", wanted.required("locktime").asLong(), tx.lockTime());
        JsonNode inputs = wanted.required("vin");
        Expect.same("the number of inputs", inputs.size(), tx.inputs().size());
        for (int i = 0; i < inputs.size(); i++) {
            input(inputs.get(i), tx.inputs().get(i));
        }
        JsonNode outputs = wanted.required("vout");
        Expect.same("the number of outputs", outputs.size(), tx.outputs().size());
        for (int i = 0; i < outputs.size(); i++) {
            TxOut out = tx.outputs().get(i);
            JsonNode script = outputs.get(i).required("scriptPubKey");
            Expect.same("a script", Vector.bytes(script.required("hex")), out.scriptPubKey());
            String asm = script.required("asm").asString();
            Expect.same("a script", asm, Script.toAsm(out.scriptPubKey()));
            var value = outputs.get(i).required("value").decimalValue();
            var found = new java.math.BigDecimal(Amount.format(out.value()));
            Expect.same("a value", 0, value.compareTo(found));
        }
    }

    private static void input(JsonNode wanted, TxIn found) {
        Expect.same("a sequence", wanted.required("sequence").asLong(), found.sequence());
        if (wanted.has("txid")) {
            String txid = wanted.get("txid").asString();
            Expect.same("an outpoint", txid, found.prevout().txid().toHex());
            Expect.same("an outpoint", wanted.get("vout").asLong(), found.prevout().index());
            Bytes scriptSig = Vector.bytes(wanted.required("scriptSig").required("hex"));
            Expect.same("a script", scriptSig, found.scriptSig());
        }
    }

    /// Without inputs, the two encodings look alike: the one that fits is taken.
    private static Transaction readEither(byte[] bytes) {
        try {
            return read(bytes);
        } catch (MalformedBytes _) {
            ByteReader in = ByteReader.of(bytes);
            Transaction tx = Transaction.read(in, Transaction.Encoding.LEGACY);
            in.expectEnd();
            return tx;
        }
    }
}
