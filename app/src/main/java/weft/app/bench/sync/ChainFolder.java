package weft.app.bench.sync;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.store.BlockFileOptions;
import weft.store.BlockFiles;

/// A synthetic chain in a folder: `blocks/blk00000.dat` … as any node writes them, not mixed with a key, and
/// `chain.json`, written last, which says what the chain was made from and holds.
record ChainFolder(Path folder, JsonNode facts) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FACTS = "chain.json";

    /// The chain of a folder; made if it is not there, or if the folder holds another.
    ///
    /// @throws IOException if the folder cannot be used
    static ChainFolder open(Path folder, ChainSpec spec, Consumer<String> progress)
            throws IOException {
        Path file = folder.resolve(FACTS);
        if (Files.exists(file)) {
            JsonNode facts = read(file);
            if (isMadeFrom(spec, facts)) {
                progress.accept("using the chain in " + folder);
                return new ChainFolder(folder, facts);
            }
            throw new IOException(
                    folder
                            + " holds a chain made from other values ("
                            + facts.path("spec")
                            + "); give another --folder or delete it");
        }
        return make(folder, spec, progress);
    }

    private static JsonNode read(Path file) throws IOException {
        try {
            return JSON.readTree(file);
        } catch (JacksonException e) {
            throw new IOException(file + " is not what this program wrote: " + e.getMessage(), e);
        }
    }

    private static JsonNode describe(ChainSpec spec) {
        return JSON.createObjectNode()
                .put("seed", spec.seed())
                .put("megabytes", spec.megabytes())
                .put("coins", spec.coins())
                .put("mix", spec.mix().text());
    }

    private static boolean isMadeFrom(ChainSpec spec, JsonNode facts) {
        return facts.path("spec").toString().equals(describe(spec).toString());
    }

    private static ChainFolder make(Path folder, ChainSpec spec, Consumer<String> progress)
            throws IOException {
        Path unfinished = folder.resolve("unfinished");
        delete(unfinished);
        Files.createDirectories(unfinished);
        var options =
                new BlockFileOptions(
                        ChainParams.of(Network.REGTEST).identity().magic(),
                        BlockFileOptions.FILE_BYTES,
                        false,
                        Bytes.wrap(new byte[8]),
                        BlockFileOptions.FREE_BYTES_MIN);
        var facts = JSON.createObjectNode();
        facts.set("spec", describe(spec));
        try (var files = BlockFiles.open(unfinished, options)) {
            var chain =
                    new SyntheticChain(
                            spec, block -> files.append(Bytes.wrap(block.toByteArray())));
            ChainTotals totals =
                    chain.make(done -> progress.accept("made " + done + " MB of the chain"));
            facts.put("tip", chain.tip().hash().toHex())
                    .put("height", chain.tip().height())
                    .put("bytes", totals.bytes)
                    .put("transactions", totals.transactions)
                    .put("inputs", totals.inputs)
                    .put("outputs", totals.outputs)
                    .put("ecdsaChecks", totals.ecdsaChecks)
                    .put("schnorrChecks", totals.schnorrChecks);
            files.flush();
        }
        Files.move(unfinished, folder.resolve("blocks"), StandardCopyOption.ATOMIC_MOVE);
        Files.writeString(folder.resolve(FACTS), facts.toPrettyString() + "\n");
        return new ChainFolder(folder, facts);
    }

    /// Copies the block files, so that a node may write beside them.
    void copyBlocks(Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(folder.resolve("blocks"))) {
            for (Path file : files.sorted().toList()) {
                Files.copy(file, target.resolve(file.getFileName().toString()));
            }
        }
    }

    /// Deletes a folder and all that is in it; nothing happens where there is none.
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    long fact(String name) {
        return facts.path(name).asLong();
    }

    String tip() {
        return facts.path("tip").asString();
    }
}
