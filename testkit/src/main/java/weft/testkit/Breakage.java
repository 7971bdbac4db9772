package weft.testkit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodBuilder;
import java.lang.classfile.MethodElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.PseudoInstruction;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;

/// Rewrites the code of a method as a [Sabotage] says.
final class Breakage {
    private static final Map<Opcode, Opcode> OPPOSITES =
            Map.ofEntries(
                    Map.entry(Opcode.IFEQ, Opcode.IFNE),
                    Map.entry(Opcode.IFNE, Opcode.IFEQ),
                    Map.entry(Opcode.IFLT, Opcode.IFGE),
                    Map.entry(Opcode.IFGE, Opcode.IFLT),
                    Map.entry(Opcode.IFGT, Opcode.IFLE),
                    Map.entry(Opcode.IFLE, Opcode.IFGT),
                    Map.entry(Opcode.IFNULL, Opcode.IFNONNULL),
                    Map.entry(Opcode.IFNONNULL, Opcode.IFNULL),
                    Map.entry(Opcode.IF_ICMPEQ, Opcode.IF_ICMPNE),
                    Map.entry(Opcode.IF_ICMPNE, Opcode.IF_ICMPEQ),
                    Map.entry(Opcode.IF_ICMPLT, Opcode.IF_ICMPGE),
                    Map.entry(Opcode.IF_ICMPGE, Opcode.IF_ICMPLT),
                    Map.entry(Opcode.IF_ICMPGT, Opcode.IF_ICMPLE),
                    Map.entry(Opcode.IF_ICMPLE, Opcode.IF_ICMPGT),
                    Map.entry(Opcode.IF_ACMPEQ, Opcode.IF_ACMPNE),
                    Map.entry(Opcode.IF_ACMPNE, Opcode.IF_ACMPEQ));

    private final Sabotage sabotage;
    private int changes;
    private int jumps;

    Breakage(Sabotage sabotage) {
        this.sabotage = sabotage;
    }

    /// How many places were changed.
    int changes() {
        return changes;
    }

    void method(MethodBuilder out, MethodElement element) {
        if (!(element instanceof CodeModel code)) {
            out.with(element);
            return;
        }
        MethodTypeDesc type = code.parent().orElseThrow().methodTypeSymbol();
        if (!sabotage.catches().isEmpty()) {
            changes++;
            out.withCode(all -> catching(all, code, type.returnType()));
        } else if (!sabotage.returns().isEmpty() && sabotage.call().isEmpty()) {
            changes++;
            out.withCode(all -> answer(all, sabotage.returns(), type.returnType()));
        } else {
            jumps = 0;
            out.transformCode(code, this::instruction);
        }
    }

    private void catching(CodeBuilder all, CodeModel code, ClassDesc type) {
        Label start = all.newBoundLabel();
        code.forEach(element -> copy(all, element));
        Label handler = all.newBoundLabel();
        all.pop();
        answer(all, sabotage.catches(), type);
        // Last, so that the method's own handlers come first.
        all.exceptionCatchAll(start, handler, handler);
    }

    private static void copy(CodeBuilder out, CodeElement element) {
        boolean debug =
                element instanceof PseudoInstruction
                        && !(element instanceof java.lang.classfile.instruction.LabelTarget)
                        && !(element instanceof java.lang.classfile.instruction.ExceptionCatch);
        if (!debug && !(element instanceof java.lang.classfile.Attribute<?>)) {
            out.with(element);
        }
    }

    private static void answer(CodeBuilder out, String value, ClassDesc type) {
        push(out, value, type);
        out.return_(TypeKind.from(type));
    }

    private static void push(CodeBuilder out, String value, ClassDesc type) {
        switch (TypeKind.from(type)) {
            case VOID -> {}
            case LONG -> out.loadConstant(Long.parseLong(value));
            case BOOLEAN -> out.loadConstant(Boolean.parseBoolean(value) ? 1 : 0);
            case INT, BYTE, SHORT, CHAR -> out.loadConstant(Integer.parseInt(value));
            case REFERENCE -> reference(out, value, type);
            case FLOAT, DOUBLE -> throw new IllegalStateException("no such rule");
        }
    }

    private static void reference(CodeBuilder out, String value, ClassDesc type) {
        if (value.equals("null")) {
            out.aconst_null();
            return;
        }
        int dot = value.lastIndexOf('.');
        out.getstatic(ClassDesc.of(value.substring(0, dot)), value.substring(dot + 1), type);
    }

    private void instruction(CodeBuilder out, CodeElement element) {
        switch (element) {
            case BranchInstruction jump when OPPOSITES.containsKey(jump.opcode()) -> {
                jumps++;
                boolean flip = jumps == sabotage.flips();
                changes += flip ? 1 : 0;
                out.branch(flip ? OPPOSITES.get(jump.opcode()) : jump.opcode(), jump.target());
            }
            case ConstantInstruction constant
                    when sabotage.constant().startsWith(constant.constantValue() + ">") -> {
                String to = sabotage.constant().substring(sabotage.constant().indexOf('>') + 1);
                changes++;
                if (constant.typeKind() == TypeKind.LONG) {
                    out.loadConstant(Long.parseLong(to));
                } else {
                    out.loadConstant(Integer.parseInt(to));
                }
            }
            case InvokeInstruction call when call.name().equalsString(sabotage.call()) -> {
                changes++;
                skip(out, call);
            }
            default -> out.with(element);
        }
    }

    private void skip(CodeBuilder out, InvokeInstruction call) {
        MethodTypeDesc type = call.typeSymbol();
        for (int i = type.parameterCount() - 1; i >= 0; i--) {
            drop(out, type.parameterType(i));
        }
        if (call.opcode() != Opcode.INVOKESTATIC) {
            out.pop();
        }
        push(out, sabotage.returns(), type.returnType());
    }

    private static void drop(CodeBuilder out, ClassDesc type) {
        if (TypeKind.from(type).slotSize() == 2) {
            out.pop2();
        } else {
            out.pop();
        }
    }
}
