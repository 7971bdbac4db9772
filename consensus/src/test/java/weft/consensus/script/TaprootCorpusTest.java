package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

class TaprootCorpusTest {
    private static final List<Integer> FLAG_SETS = consensusFlagSets();

    /// All sets of consensus flags in which each flag comes with those that it asks for.
    private static List<Integer> consensusFlagSets() {
        var sets = new ArrayList<Integer>();
        for (int set = ScriptFlags.MANDATORY; ; set = (set - 1) & ScriptFlags.MANDATORY) {
            boolean p2sh = (set & ScriptFlags.P2SH) != 0;
            boolean witness = (set & ScriptFlags.WITNESS) != 0;
            boolean taproot = (set & ScriptFlags.TAPROOT) != 0;
            if ((p2sh || !witness) && (witness || !taproot)) {
                sets.add(set);
            }
            if (set == 0) {
                return sets;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"script/taproot_corpus_a.jsonl.gz", "script/taproot_corpus_b.jsonl.gz"})
    void shouldAgreeWithTheGenerator(String file) {
        var failures = new ArrayList<String>();
        List<String> lines = Vectors.lines(file);
        for (String line : lines) {
            check(Vectors.parseJson(line), failures);
        }
        assertThat(failures).isEmpty();
        assertThat(lines).hasSizeGreaterThan(2000);
    }

    private static void check(JsonNode each, List<String> failures) {
        int own = ScriptFlags.parse(each.get("flags").asString());
        var spent = new ArrayList<TxOut>();
        for (JsonNode prevout : each.get("prevouts")) {
            spent.add(TxOut.read(ByteReader.of(Bytes.parse(prevout.asString()).toByteArray())));
        }
        Transaction tx = Transaction.parse(each.get("tx").asString());
        int index = each.get("index").asInt();
        boolean always = each.has("final") && each.get("final").asBoolean();
        if (each.has("success")) {
            var good = PrecomputedTxHashes.of(with(tx, index, each.get("success")), spent);
            for (int flags : FLAG_SETS) {
                boolean mustPass = always || (flags & ~own) == 0;
                if (mustPass && Interpreter.verifyInput(good, index, flags) != ScriptError.OK) {
                    failures.add("success: " + name(each, flags));
                }
            }
        }
        if (each.has("failure")) {
            var bad = PrecomputedTxHashes.of(with(tx, index, each.get("failure")), spent);
            for (int flags : FLAG_SETS) {
                boolean mustFail = (own & ~flags) == 0;
                if (mustFail && Interpreter.verifyInput(bad, index, flags) == ScriptError.OK) {
                    failures.add("failure: " + name(each, flags));
                }
            }
        }
    }

    private static String name(JsonNode each, int flags) {
        return each.get("id").asString()
                + " "
                + each.get("comment").asString()
                + " "
                + ScriptFlags.toText(flags);
    }

    private static Transaction with(Transaction tx, int index, JsonNode spend) {
        var inputs = new ArrayList<TxIn>(tx.inputs());
        TxIn old = inputs.get(index);
        inputs.set(
                index,
                new TxIn(
                        old.prevout(),
                        Bytes.parse(spend.get("scriptSig").asString()),
                        old.sequence()));
        var items = new ArrayList<Bytes>();
        spend.get("witness").forEach(item -> items.add(Bytes.parse(item.asString())));
        var witnesses = new ArrayList<Witness>();
        for (int i = 0; i < inputs.size(); i++) {
            witnesses.add(i == index ? new Witness(items) : tx.witness(i));
        }
        return Transaction.of(tx.version(), inputs, tx.outputs(), witnesses, tx.lockTime());
    }
}
