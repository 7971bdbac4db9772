package weft.form;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Methods that native code calls. What leaves such a method by an exception ends the process, or is lost in
/// a thread of which Java knows nothing.
final class UpcallRules {
    /// Calls that throw nothing, whatever they are given.
    private static final Set<String> HARMLESS =
            Set.of("java/util/concurrent/atomic/AtomicReference.compareAndSet");

    private UpcallRules() {}

    /// Methods that hand native code a method to call, and methods without a body, as `class.method`.
    static List<String> doors(ClassModel type) {
        var found = new ArrayList<String>();
        for (MethodModel method : type.methods()) {
            boolean isNative = method.flags().has(AccessFlag.NATIVE);
            if (isNative || calls(method, "java/lang/foreign/Linker.upcallStub")) {
                found.add(name(type, method));
            }
        }
        return found;
    }

    /// Methods of a class derived from one of a native library, which calls them.
    ///
    /// @param library package of it, as class files have it
    static List<MethodModel> callbacks(ClassModel type, String library) {
        boolean isDerived =
                type.superclass()
                                .filter(each -> each.asInternalName().startsWith(library))
                                .isPresent()
                        || type.interfaces().stream()
                                .anyMatch(each -> each.asInternalName().startsWith(library));
        return isDerived
                ? type.methods().stream()
                        .filter(each -> !each.methodName().stringValue().startsWith("<"))
                        .filter(each -> !each.flags().has(AccessFlag.STATIC))
                        .toList()
                : List.of();
    }

    static String name(ClassModel type, MethodModel method) {
        return type.thisClass().asInternalName() + "." + method.methodName().stringValue();
    }

    private static boolean calls(MethodModel method, String wanted) {
        CodeModel code = method.code().orElse(null);
        for (CodeElement element : code == null ? List.<CodeElement>of() : code) {
            if (element instanceof InvokeInstruction call && target(call).equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String target(InvokeInstruction call) {
        return call.owner().asInternalName() + "." + call.name().stringValue();
    }

    /// What a method does outside of a `try` that catches everything, and that could throw.
    static List<String> unguarded(MethodModel method) {
        var found = new ArrayList<String>();
        CodeModel code = method.code().orElse(null);
        if (code == null) {
            return found;
        }
        List<ExceptionCatch> guards =
                code.exceptionHandlers().stream().filter(UpcallRules::catchesAll).toList();
        long depth = 0;
        for (CodeElement element : code) {
            if (element instanceof LabelTarget target) {
                Label here = target.label();
                depth += guards.stream().filter(each -> each.tryStart().equals(here)).count();
                depth -= guards.stream().filter(each -> each.tryEnd().equals(here)).count();
            } else if (depth == 0 && mayThrow(element)) {
                found.add(element.toString());
            }
        }
        return found;
    }

    private static boolean catchesAll(ExceptionCatch guard) {
        return guard.catchType()
                .filter(each -> !each.asInternalName().equals("java/lang/Throwable"))
                .isEmpty();
    }

    private static boolean mayThrow(CodeElement element) {
        return switch (element) {
            case InvokeInstruction call -> !HARMLESS.contains(target(call));
            case InvokeDynamicInstruction _,
                    NewObjectInstruction _,
                    NewPrimitiveArrayInstruction _,
                    NewReferenceArrayInstruction _,
                    NewMultiArrayInstruction _,
                    ArrayLoadInstruction _,
                    ArrayStoreInstruction _,
                    ThrowInstruction _,
                    TypeCheckInstruction _,
                    OperatorInstruction _,
                    MonitorInstruction _ ->
                    true;
            default -> false;
        };
    }
}
