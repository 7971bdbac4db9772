package weft.form;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.ConstantPool;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What one compiled class names: the members it calls or takes a reference to, and the types it knows.
///
/// @param module the folder it was compiled in
/// @param name with `/` between packages
/// @param members `owner.name` and descriptor of each method and field
/// @param types every class named anywhere, also in signatures only
record ClassFile(String module, String name, Set<String> members, Set<String> types) {
    private static final Pattern TYPE_IN_DESCRIPTOR = Pattern.compile("L([a-zA-Z0-9_$/]+)[;<]");

    /// The folder of packages, for example `weft/p2p/sync`.
    String packageName() {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    /// All classes compiled from a module's main sources.
    static List<ClassFile> ofModule(Path root, String module) {
        Path classes = root.resolve(module).resolve("target").resolve("classes");
        if (!Files.isDirectory(classes)) {
            return List.of();
        }
        List<ClassFile> found = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(classes)) {
            paths.filter(path -> path.toString().endsWith(".class"))
                    .filter(path -> !path.endsWith("module-info.class"))
                    .sorted()
                    .forEach(path -> found.add(read(module, bytes(path))));
        } catch (IOException e) {
            throw new UncheckedIOException("read " + classes, e);
        }
        return found;
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + path, e);
        }
    }

    /// Reads the constant pool: calls, method references and constants of a class all stand there.
    static ClassFile read(String module, byte[] bytes) {
        ClassModel model = java.lang.classfile.ClassFile.of().parse(bytes);
        ConstantPool pool = model.constantPool();
        Set<String> members = new TreeSet<>();
        Set<String> types = new TreeSet<>();
        for (PoolEntry entry : pool) {
            switch (entry) {
                case MemberRefEntry member ->
                        members.add(
                                member.owner().asInternalName()
                                        + "."
                                        + member.name()
                                        + member.type());
                case ClassEntry type -> types.add(type.asInternalName());
                case Utf8Entry text ->
                        TYPE_IN_DESCRIPTOR
                                .matcher(text.stringValue())
                                .results()
                                .forEach(match -> types.add(match.group(1)));
                default -> {}
            }
        }
        return new ClassFile(module, model.thisClass().asInternalName(), members, types);
    }
}
