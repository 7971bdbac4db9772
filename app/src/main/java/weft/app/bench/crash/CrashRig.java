package weft.app.bench.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import weft.app.bench.sync.SyntheticBlocks;
import weft.primitives.Bytes;

/// What the cycles start from: a source that runs all the time, folders of nodes to copy, blocks to hand in,
/// and the coins that undisturbed nodes have.
///
/// The chain: synthetic blocks, then empty ones, up to branch A; branch B leaves it six blocks below its
/// tip and has more work.
final class CrashRig implements AutoCloseable {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final int EMPTY_BLOCKS = 400;
    private static final int TAIL_BLOCKS = 24;
    private static final int FORK_DEPTH = 6;
    private static final int BRANCH_BLOCKS = 9;

    private final Path folder;
    private final List<String> program;
    private final int port;
    private final CrashNode source;
    private final List<String> tail = new ArrayList<>();
    private final List<String> branch = new ArrayList<>();
    private String coinsA = "";
    private String coinsB = "";
    private int heightA;
    private int heightB;

    /// @param folder for everything, empty
    /// @param program the command that starts a node
    /// @param port four ports are used from here
    CrashRig(Path folder, List<String> program, int port) {
        this.folder = folder;
        this.program = program;
        this.port = port;
        this.source = new CrashNode(new CrashNode.Home(program, folder.resolve("source"), port));
    }

    /// Makes the chain.
    void prepare(long seed, int megabytes) throws IOException, InterruptedException {
        source.startAndWait(List.of("-maxtipage=1000000000"));
        SyntheticBlocks.make(
                seed,
                megabytes,
                block -> accepted(source, Bytes.wrap(block.toByteArray()).toHex()));
        source.call("generatetoaddress", EMPTY_BLOCKS, ADDRESS);
        keep("before");
        List<String> mined = new ArrayList<>();
        source.call("generatetoaddress", TAIL_BLOCKS, ADDRESS)
                .forEach(each -> mined.add(each.asString()));
        mined.forEach(each -> tail.add(raw(each)));
        coinsA = source.coins();
        keep("tip");
        heightA = source.height();
        source.call("invalidateblock", mined.get(TAIL_BLOCKS - FORK_DEPTH));
        source.call("generatetoaddress", BRANCH_BLOCKS, otherAddress())
                .forEach(each -> branch.add(raw(each.asString())));
        coinsB = source.coins();
        heightB = source.height();
    }

    private static String otherAddress() {
        return "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
    }

    private String raw(String hash) {
        return source.call("getblock", hash, 0).asString();
    }

    /// Hands in a block that must be taken.
    static void accepted(CrashNode node, String block) {
        String refused = node.call("submitblock", block).asString("");
        // "inconclusive": on a branch with less work.
        if (!refused.isEmpty() && !refused.equals("inconclusive") && !refused.equals("duplicate")) {
            throw new IllegalStateException("block refused: " + refused);
        }
    }

    private void keep(String name) throws IOException, InterruptedException {
        source.stop();
        copy(source.home().folder(), folder.resolve(name));
        source.startAndWait(List.of("-maxtipage=1000000000"));
    }

    /// A node that may be killed, on a folder of its own.
    ///
    /// @param from name of a kept folder; empty for none
    CrashNode victim(String from) throws IOException {
        Path home = folder.resolve("victim");
        delete(home);
        if (!from.isEmpty()) {
            copy(folder.resolve(from), home);
        }
        return new CrashNode(new CrashNode.Home(program, home, port + 2));
    }

    CrashNode source() {
        return source;
    }

    /// The last blocks of branch A, which the folder `before` lacks.
    List<String> tail() {
        return tail;
    }

    /// The blocks of branch B that A lacks.
    List<String> branch() {
        return branch;
    }

    String coinsA() {
        return coinsA;
    }

    String coinsB() {
        return coinsB;
    }

    int heightA() {
        return heightA;
    }

    int heightB() {
        return heightB;
    }

    /// Number of blocks of both branches.
    int blocks() {
        return heightB + FORK_DEPTH;
    }

    /// Keeps a node's folder for whoever looks into a loss.
    void keepVictim(String name) throws IOException {
        copy(folder.resolve("victim"), folder.resolve(name));
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Path target = to.resolve(from.relativize(each));
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
