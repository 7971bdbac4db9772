package weft.form;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// Rules on methods and types, read with the compiler's own parser.
final class MethodRules {
    static final int METHOD_LINES_MAX = 70;
    static final int PARAMETERS_MAX = 6;
    static final int RECORD_COMPONENTS_MAX = 10;

    private MethodRules() {}

    /// All findings in the Java files among `files`.
    static List<String> check(List<SourceFile> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Map<URI, SourceFile> byName = new TreeMap<>();
        List<JavaFileObject> units = new ArrayList<>();
        for (SourceFile file : files) {
            if (file.isJava()) {
                var unit = new Unit(URI.create("string:///" + units.size() + ".java"), file);
                byName.put(unit.toUri(), file);
                units.add(unit);
            }
        }
        List<String> found = new ArrayList<>();
        if (units.isEmpty()) {
            return found;
        }
        JavacTask task =
                (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null, units);
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        try {
            for (CompilationUnitTree unit : task.parse()) {
                SourceFile file = byName.get(unit.getSourceFile().toUri());
                found.addAll(oneTopLevelType(unit, file));
                unit.accept(new Scanner(file, unit, positions, found), null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static List<String> oneTopLevelType(CompilationUnitTree unit, SourceFile file) {
        long types = unit.getTypeDecls().stream().filter(ClassTree.class::isInstance).count();
        return types > 1 ? List.of(file.at(1, types + " top-level types")) : List.of();
    }

    private static final class Unit extends SimpleJavaFileObject {
        private final SourceFile file;

        Unit(URI name, SourceFile file) {
            super(name, Kind.SOURCE);
            this.file = file;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return file.text();
        }
    }

    private static final class Scanner extends TreeScanner<@Nullable Void, @Nullable ClassTree> {
        private final SourceFile file;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        Scanner(
                SourceFile file,
                CompilationUnitTree unit,
                SourcePositions positions,
                List<String> found) {
            this.file = file;
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable ClassTree outer) {
            if (type.getKind() == Tree.Kind.RECORD) {
                long components = type.getMembers().stream().filter(Scanner::isComponent).count();
                if (components > RECORD_COMPONENTS_MAX) {
                    found.add(
                            file.at(
                                    line(type),
                                    type.getSimpleName() + " has " + components + " components"));
                }
            }
            return super.visitClass(type, type);
        }

        private static boolean isComponent(Tree member) {
            return member instanceof VariableTree field
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable ClassTree owner) {
            long start = line(method);
            long lines =
                    lineMap().getLineNumber(positions.getEndPosition(unit, method)) - start + 1;
            if (lines > METHOD_LINES_MAX) {
                found.add(file.at(start, method.getName() + " has " + lines + " lines"));
            }
            boolean ofRecord =
                    owner != null
                            && owner.getKind() == Tree.Kind.RECORD
                            && method.getName().contentEquals("<init>");
            int parameters = method.getParameters().size();
            if (parameters > (ofRecord ? RECORD_COMPONENTS_MAX : PARAMETERS_MAX)) {
                found.add(file.at(start, method.getName() + " has " + parameters + " parameters"));
            }
            return super.visitMethod(method, owner);
        }

        private long line(Tree tree) {
            return lineMap().getLineNumber(positions.getStartPosition(unit, tree));
        }

        private LineMap lineMap() {
            return unit.getLineMap();
        }
    }
}
