package weft.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.Set;

/// Loads the store module once more, so rewritten that [Faults] stands at every place where it writes, syncs,
/// renames, creates or deletes: what is there today, and whatever will be.
final class FaultLoader extends ClassLoader {
    private static final ClassDesc FAULTS = ClassDesc.of("weft.store.Faults");

    /// What both sides know.
    private static final Set<String> SHARED =
            Set.of("weft.store.Faults", "weft.store.Faults$Mode", "weft.store.FaultyNode");

    /// Calls with a hook before and one behind.
    private static final Map<String, Set<String>> WATCHED =
            Map.of(
                    "java/io/RandomAccessFile",
                    Set.of("setLength"),
                    "java/nio/channels/FileChannel",
                    Set.of("write", "truncate"),
                    "java/nio/file/Files",
                    Set.of(
                            "move",
                            "delete",
                            "deleteIfExists",
                            "createFile",
                            "createDirectories",
                            "write",
                            "writeString"),
                    "org/rocksdb/RocksDB",
                    Set.of("open", "syncWal", "ingestExternalFile"),
                    "org/rocksdb/SstFileWriter",
                    Set.of("open", "finish"));

    /// Calls that a method of [Faults] with the same name takes over.
    private static final Map<String, Set<String>> REPLACED =
            Map.of(
                    "java/io/RandomAccessFile", Set.of("write"),
                    "java/nio/channels/FileChannel", Set.of("force", "open"),
                    "org/rocksdb/RocksDB", Set.of("write"));

    FaultLoader(ClassLoader parent) {
        super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean ours = name.startsWith("weft.store.") && !SHARED.contains(name);
        if (!ours) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            var resolver = ClassHierarchyResolver.ofResourceParsing(getParent());
            ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(resolver));
            byte[] bytes =
                    files.transformClass(
                            files.parse(in.readAllBytes()),
                            ClassTransform.transformingMethodBodies(FaultLoader::rewrite));
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + name, e);
        }
    }

    private static void rewrite(CodeBuilder out, CodeElement element) {
        if (!(element instanceof InvokeInstruction call)) {
            out.with(element);
            return;
        }
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        if (owner.equals("java/io/RandomAccessFile") && name.equals("<init>")) {
            out.dup2();
            out.invokestatic(
                    FAULTS,
                    "opening",
                    MethodTypeDesc.ofDescriptor("(Ljava/io/File;Ljava/lang/String;)V"));
            out.with(element);
        } else if (REPLACED.getOrDefault(owner, Set.of()).contains(name)) {
            MethodTypeDesc type = call.typeSymbol();
            boolean isStatic = call.opcode() == java.lang.classfile.Opcode.INVOKESTATIC;
            out.invokestatic(
                    FAULTS,
                    name,
                    isStatic ? type : type.insertParameterTypes(0, call.owner().asSymbol()));
        } else if (WATCHED.getOrDefault(owner, Set.of()).contains(name)) {
            String text = owner.substring(owner.lastIndexOf('/') + 1) + "." + name;
            hook(out, "before", text);
            out.with(element);
            hook(out, "after", text);
        } else {
            out.with(element);
        }
    }

    private static void hook(CodeBuilder out, String name, String text) {
        out.loadConstant(text);
        out.invokestatic(
                FAULTS, name, MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String));
    }
}
