package weft.form;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Handlers of exceptions after which a method goes on as if it had an answer.
///
/// Where blocks and transactions are judged, only exceptions that say something of the input may be handled
/// so.
/// Any other (memory, disk, a bug) is a failure of ours, and must leave the method: else it could become a
/// verdict.
final class HandlerRules {
    /// Exceptions about input, thrown for nothing else.
    private static final Set<String> OF_INPUT =
            Set.of(
                    "weft/primitives/codec/MalformedBytes",
                    "weft/consensus/script/ScriptAbort",
                    "weft/p2p/PeerFault");

    private HandlerRules() {}

    /// Every such handler in a module's main classes, as `class.method: caught type`.
    static List<String> answering(Path root, String module) {
        Path classes = root.resolve(module).resolve("target").resolve("classes");
        var found = new ArrayList<String>();
        try (Stream<Path> paths = Files.walk(classes)) {
            for (Path path : paths.filter(each -> each.toString().endsWith(".class")).toList()) {
                found.addAll(answering(Files.readAllBytes(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("read " + classes, e);
        }
        return found;
    }

    /// Every such handler in a class, but for those that the compiler writes for switches over enums.
    static List<String> answering(byte[] bytes) {
        ClassModel model = java.lang.classfile.ClassFile.of().parse(bytes);
        var found = new ArrayList<String>();
        for (MethodModel method : model.methods()) {
            CodeModel code = method.code().orElse(null);
            if (code == null) {
                continue;
            }
            List<CodeElement> elements = code.elementList();
            Map<Label, Integer> places = places(elements);
            for (CodeElement element : elements) {
                if (element instanceof ExceptionCatch handler) {
                    String caught =
                            handler.catchType().map(type -> type.asInternalName()).orElse("any");
                    int at = places.get(handler.handler());
                    boolean ofSwitch =
                            caught.equals("java/lang/NoSuchFieldError")
                                    && method.methodName().equalsString("<clinit>");
                    if (!OF_INPUT.contains(caught)
                            && !ofSwitch
                            && canReturn(elements, places, at)) {
                        found.add(
                                model.thisClass().asInternalName()
                                        + "."
                                        + method.methodName().stringValue()
                                        + ": "
                                        + caught);
                    }
                }
            }
        }
        return found.stream().distinct().toList();
    }

    private static Map<Label, Integer> places(List<CodeElement> elements) {
        var places = new HashMap<Label, Integer>();
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof LabelTarget target) {
                places.put(target.label(), i);
            }
        }
        return places;
    }

    /// Whether the method can return from a place on.
    private static boolean canReturn(
            List<CodeElement> elements, Map<Label, Integer> places, int from) {
        var seen = new BitSet();
        var open = new ArrayDeque<Integer>();
        open.add(from);
        while (!open.isEmpty()) {
            int at = open.poll();
            if (at >= elements.size() || seen.get(at)) {
                continue;
            }
            seen.set(at);
            switch (elements.get(at)) {
                case ReturnInstruction _ -> {
                    return true;
                }
                case ThrowInstruction _ -> {}
                case BranchInstruction branch -> {
                    open.add(places.get(branch.target()));
                    if (!branch.opcode().name().startsWith("GOTO")) {
                        open.add(at + 1);
                    }
                }
                case TableSwitchInstruction jump ->
                        addAll(jump.cases(), jump.defaultTarget(), places, open);
                case LookupSwitchInstruction jump ->
                        addAll(jump.cases(), jump.defaultTarget(), places, open);
                default -> open.add(at + 1);
            }
        }
        return false;
    }

    private static void addAll(
            List<SwitchCase> cases,
            Label fallback,
            Map<Label, Integer> places,
            ArrayDeque<Integer> open) {
        cases.forEach(each -> open.add(places.get(each.target())));
        open.add(places.get(fallback));
    }
}
