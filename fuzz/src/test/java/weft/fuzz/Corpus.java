package weft.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Vectors;

/// Inputs to begin with, from the public test vectors: for each target, real things and known corner cases.
final class Corpus {
    private static final int BLOCK_TRANSACTIONS_MAX = 8;
    private static final int BYTES_MAX = 20_000;
    private static final String TAPROOT = "script/taproot_corpus_a.jsonl.gz";

    private Corpus() {}

    /// Writes one file for each input into a folder for each target.
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        for (Map.Entry<String, List<byte[]>> each : all().entrySet()) {
            Path target = Files.createDirectories(folder.resolve(each.getKey()));
            int number = 0;
            for (byte[] input : each.getValue()) {
                Files.write(target.resolve(String.format("seed-%05d", number++)), input);
            }
            System.out.println(each.getKey() + ": " + number + " seeds");
        }
    }

    /// The inputs for each target, none of them longer than 20,000 bytes.
    static Map<String, List<byte[]>> all() {
        Map<String, List<byte[]>> all = new TreeMap<>();
        List<Transaction> transactions = new ArrayList<>();
        List<byte[]> encoded = transactions(transactions);
        all.put("TransactionFuzz", shortOnes(encoded));
        all.put("BlockFuzz", shortOnes(blocks()));
        all.put("ScriptParseFuzz", shortOnes(scripts(transactions)));
        all.put("InterpreterFuzz", shortOnes(spends()));
        return all;
    }

    private static List<byte[]> shortOnes(List<byte[]> inputs) {
        return inputs.stream().filter(input -> input.length <= BYTES_MAX).toList();
    }

    private static List<byte[]> transactions(List<Transaction> read) {
        List<byte[]> all = new ArrayList<>();
        for (String file : List.of("script/tx_valid.json", "script/tx_invalid.json")) {
            for (JsonNode each : Vectors.json(file)) {
                if (each.size() == 3) {
                    all.add(bytes(each.get(1)));
                }
            }
        }
        for (JsonNode each : Vectors.json("script/sighash.json")) {
            if (each.size() == 5) {
                all.add(bytes(each.get(0)));
            }
        }
        for (byte[] each : all) {
            try {
                read.add(Transaction.read(ByteReader.of(each)));
            } catch (MalformedBytes e) {
                // Some cases of tx_invalid cannot be read, and that is their point.
            }
        }
        return all;
    }

    private static List<byte[]> blocks() {
        List<byte[]> all = new ArrayList<>();
        for (JsonNode each : Vectors.json("blocks/index.json")) {
            String file =
                    String.format(
                            "blocks/%s/%07d.blk",
                            each.get("network").asString(), each.get("height").asInt());
            Block block = Block.read(ByteReader.of(Vectors.bytes(file)));
            List<Transaction> some = block.transactions();
            some = some.subList(0, Math.min(some.size(), BLOCK_TRANSACTIONS_MAX));
            all.add(Block.of(block.header(), some).toByteArray());
        }
        return all;
    }

    private static List<byte[]> scripts(List<Transaction> transactions) {
        List<byte[]> all = new ArrayList<>();
        for (Transaction tx : transactions) {
            tx.inputs().stream().map(TxIn::scriptSig).map(Bytes::toByteArray).forEach(all::add);
            tx.outputs().forEach(out -> all.add(out.scriptPubKey().toByteArray()));
        }
        for (String line : Vectors.lines("script/consensus_fuzz.jsonl.gz")) {
            all.add(bytes(Vectors.parseJson(line).get("scriptPubKey")));
        }
        return all;
    }

    private static List<byte[]> spends() {
        List<byte[]> all = new ArrayList<>();
        for (JsonNode each : Vectors.json("script/script_tests.json")) {
            if (each.size() >= 4 && !each.get(0).isArray()) {
                for (SpendInput.Form form : SpendInput.Form.values()) {
                    all.add(
                            spend(
                                    form,
                                    ScriptFlags.parse(each.get(2).asString()),
                                    script(each.get(0).asString()),
                                    script(each.get(1).asString()),
                                    Witness.EMPTY));
                }
            }
        }
        for (String line : Vectors.lines("script/consensus_fuzz.jsonl.gz")) {
            JsonNode each = Vectors.parseJson(line);
            int flags = ScriptFlags.parse(each.get("flags").asString());
            Bytes script = Bytes.wrap(bytes(each.get("scriptPubKey")));
            all.add(spend(SpendInput.Form.BARE, flags, Bytes.EMPTY, script, Witness.EMPTY));
        }
        for (String line : Vectors.lines(TAPROOT)) {
            JsonNode each = Vectors.parseJson(line);
            for (String verdict : List.of("success", "failure")) {
                if (each.has(verdict)) {
                    leaf(each.get(verdict), all);
                }
            }
        }
        return all;
    }

    /// The leaf that a taproot case runs, with its arguments.
    private static void leaf(JsonNode verdict, List<byte[]> all) {
        List<Bytes> items = new ArrayList<>();
        verdict.get("witness").forEach(item -> items.add(Bytes.wrap(bytes(item))));
        if (items.size() < 2) {
            return;
        }
        Bytes script = items.get(items.size() - 2);
        var witness = new Witness(items.subList(0, items.size() - 2));
        all.add(
                spend(
                        SpendInput.Form.TAPSCRIPT,
                        ScriptFlags.MANDATORY,
                        Bytes.EMPTY,
                        script,
                        witness));
    }

    private static byte[] spend(
            SpendInput.Form form, int flags, Bytes scriptSig, Bytes script, Witness witness) {
        boolean inWitness = form.ordinal() >= SpendInput.Form.P2WSH.ordinal();
        var fields = new SpendInput.Fields(2, 0, 0xffff_fffeL, 1);
        return new SpendInput(
                        SpendInput.closed(inWitness ? flags | ScriptFlags.MANDATORY : flags),
                        ScriptFlags.STANDARD,
                        form,
                        false,
                        fields,
                        inWitness ? Bytes.EMPTY : scriptSig,
                        script,
                        witness)
                .toByteArray();
    }

    private static byte[] bytes(JsonNode hex) {
        return Bytes.parse(hex.asString()).toByteArray();
    }

    private static Bytes script(String text) {
        var builder = new ScriptBuilder();
        for (String word : text.split("[ \t\n]+")) {
            if (word.isEmpty()) {
                continue;
            }
            Integer opcode = Opcode.parse(word);
            if (word.matches("-?[0-9]+")) {
                builder.number(Long.parseLong(word));
            } else if (word.startsWith("0x")) {
                builder.raw(Bytes.parse(word.substring(2)));
            } else if (word.startsWith("'")) {
                builder.push(
                        word.substring(1, word.length() - 1).getBytes(StandardCharsets.ISO_8859_1));
            } else if (opcode != null) {
                builder.op(opcode);
            } else {
                throw new IllegalArgumentException("no operation " + word);
            }
        }
        return builder.build();
    }
}
