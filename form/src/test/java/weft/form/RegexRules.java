package weft.form;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Methods that run a regular expression, also where a method of `String` hides one. What a peer sends must
/// not choose how long it takes to be read.
final class RegexRules {
    private static final Set<String> HIDING = Set.of("matches", "replaceAll", "replaceFirst");
    private static final String META = ".$|()[{^?*+\\";

    private RegexRules() {}

    /// Every such call in a module's main classes, as `class.method: what it calls`.
    static List<String> uses(Path root, String module) {
        Path classes = root.resolve(module).resolve("target").resolve("classes");
        var found = new ArrayList<String>();
        try (Stream<Path> paths = Files.walk(classes)) {
            for (Path path : paths.filter(each -> each.toString().endsWith(".class")).toList()) {
                found.addAll(uses(Files.readAllBytes(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read " + classes, e);
        }
        return found;
    }

    /// Every such call in a class.
    static List<String> uses(byte[] bytes) {
        ClassModel model = java.lang.classfile.ClassFile.of().parse(bytes);
        var found = new ArrayList<String>();
        for (MethodModel method : model.methods()) {
            CodeModel code = method.code().orElse(null);
            String text = "";
            for (CodeElement element : code == null ? List.<CodeElement>of() : code) {
                if (element instanceof ConstantInstruction constant
                        && constant.constantValue() instanceof String value) {
                    text = value;
                }
                if (element instanceof InvokeInstruction call && isRegex(call, text)) {
                    found.add(
                            "%s.%s: %s.%s"
                                    .formatted(
                                            model.thisClass().asInternalName(),
                                            method.methodName().stringValue(),
                                            call.owner().asInternalName(),
                                            call.name().stringValue()));
                }
            }
        }
        return found;
    }

    private static boolean isRegex(InvokeInstruction call, String lastText) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        if (owner.startsWith("java/util/regex/") || owner.equals("java/util/Scanner")) {
            return true;
        }
        return owner.equals("java/lang/String")
                && (HIDING.contains(name) || (name.equals("split") && !isPlain(lastText)));
    }

    /// Whether `String.split` looks for this without a regular expression: one character, or an escaped one.
    private static boolean isPlain(String separator) {
        return switch (separator.length()) {
            case 1 -> META.indexOf(separator.charAt(0)) < 0;
            case 2 ->
                    separator.charAt(0) == '\\' && !Character.isLetterOrDigit(separator.charAt(1));
            default -> false;
        };
    }
}
