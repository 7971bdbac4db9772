package weft.form;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Keys of hash tables. Java's tables hash without a secret, so strangers may choose keys that fall in one
/// bucket; a bucket then becomes a tree, but only where keys have an order.
final class HashKeyRules {
    private static final Pattern TABLE =
            Pattern.compile(
                    "Ljava/util/(?:concurrent/)?((?:Linked|Concurrent|Sequenced)?(?:Hash)?(?:Map|Set))"
                            + "<L(weft/[A-Za-z0-9_$/]+);");

    private HashKeyRules() {}

    /// All classes of some modules, by name.
    static Map<String, ClassModel> classes(Path root, List<String> modules) {
        var found = new TreeMap<String, ClassModel>();
        for (String module : modules) {
            Path classes = root.resolve(module).resolve("target").resolve("classes");
            try (Stream<Path> paths = Files.walk(classes)) {
                for (Path path :
                        paths.filter(each -> each.toString().endsWith(".class")).toList()) {
                    ClassModel type = read(Files.readAllBytes(path));
                    found.put(type.thisClass().asInternalName(), type);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("read " + classes, e);
            }
        }
        return found;
    }

    static ClassModel read(byte[] bytes) {
        return java.lang.classfile.ClassFile.of().parse(bytes);
    }

    /// Types of keys that are named in a class, in fields, methods and, as far as the compiler left them,
    /// local variables.
    static Set<String> keys(ClassModel type) {
        var signatures = new ArrayList<String>();
        for (FieldModel field : type.fields()) {
            signatures.addAll(signature(field));
        }
        for (MethodModel method : type.methods()) {
            signatures.addAll(signature(method));
            CodeModel code = method.code().orElse(null);
            if (code != null) {
                ((CodeAttribute) code)
                        .findAttribute(Attributes.localVariableTypeTable())
                        .ifPresent(
                                table ->
                                        table.localVariableTypes()
                                                .forEach(
                                                        each ->
                                                                signatures.add(
                                                                        each.signature()
                                                                                .stringValue())));
            }
        }
        var keys = new TreeSet<String>();
        for (String signature : signatures) {
            TABLE.matcher(signature).results().map(HashKeyRules::key).forEach(keys::add);
        }
        return keys;
    }

    private static String key(MatchResult table) {
        return table.group(2);
    }

    private static List<String> signature(AttributedElement element) {
        return element.findAttribute(Attributes.signature())
                .map(each -> List.of(each.signature().stringValue()))
                .orElse(List.of());
    }

    /// Whether many keys of a type in one bucket are searched one by one: they are equal by value, and have
    /// no order.
    static boolean isFlooded(ClassModel key) {
        boolean isRecord = key.findAttribute(Attributes.record()).isPresent();
        boolean byValue =
                isRecord
                        || key.methods().stream()
                                .anyMatch(
                                        each ->
                                                each.methodName().equalsString("hashCode")
                                                        && each.methodType().equalsString("()I"));
        boolean ordered =
                key.interfaces().stream()
                        .anyMatch(each -> each.asInternalName().equals("java/lang/Comparable"));
        return byValue && !ordered;
    }
}
