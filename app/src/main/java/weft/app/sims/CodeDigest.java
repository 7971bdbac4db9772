package weft.app.sims;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import weft.chain.ChainOptions;
import weft.consensus.ChainParams;
import weft.crypto.Sha256;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.node.Node;
import weft.p2p.PeerEngine;
import weft.primitives.Bug;
import weft.primitives.Check;
import weft.sim.Proof;
import weft.wire.Message;

/// What tells one build of the simulated program from another, so that results of long proofs that were
/// found in several goes are never of several programs.
final class CodeDigest {
    private static final int SHOWN_BYTES = 8;

    /// One class of each module whose code a simulated node runs.
    private static final List<Class<?>> MODULES =
            List.of(
                    Sha256.class,
                    Check.class,
                    ChainParams.class,
                    ChainOptions.class,
                    MempoolOptions.class,
                    TemplateOptions.class,
                    Message.class,
                    PeerEngine.class,
                    Node.class,
                    Proof.class);

    private CodeDigest() {}

    /// The first 64 bits of the hash of all compiled classes of the node and the simulator, in hexadecimal;
    /// the same for one source, whatever its comments, and one compiler.
    static String get() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Class<?> each : MODULES) {
                add(whereOf(each), digest);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, SHOWN_BYTES);
        } catch (NoSuchAlgorithmException | IOException | URISyntaxException e) {
            throw new Bug("the program cannot read its own code: " + e);
        }
    }

    private static Path whereOf(Class<?> type) throws URISyntaxException {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return Path.of(source.getLocation().toURI());
    }

    private static void add(Path place, MessageDigest digest) throws IOException {
        if (Files.isDirectory(place)) {
            addClasses(place, digest);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            addClasses(jar.getPath("/"), digest);
        }
    }

    private static void addClasses(Path root, MessageDigest digest) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> classes =
                    files.filter(file -> file.toString().endsWith(".class"))
                            .filter(file -> !file.endsWith("module-info.class"))
                            .sorted((a, b) -> a.toString().compareTo(b.toString()))
                            .toList();
            for (Path each : classes) {
                digest.update(withoutLines(Files.readAllBytes(each)));
            }
        }
    }

    /// A comment more or less does not make it another program.
    private static byte[] withoutLines(byte[] compiled) {
        var bare =
                ClassFile.of(
                        ClassFile.DebugElementsOption.DROP_DEBUG,
                        ClassFile.LineNumbersOption.DROP_LINE_NUMBERS,
                        ClassFile.StackMapsOption.DROP_STACK_MAPS,
                        ClassFile.DeadCodeOption.KEEP_DEAD_CODE,
                        ClassFile.ConstantPoolSharingOption.NEW_POOL);
        return bare.transformClass(bare.parse(compiled), ClassTransform.ACCEPT_ALL);
    }
}
