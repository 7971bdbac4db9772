package weft.form;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Native code calls few methods, and these throw nothing.
class UpcallFormTest {
    private static final List<String> MODULES =
            List.of(
                    "crypto",
                    "primitives",
                    "consensus",
                    "chain",
                    "mempool",
                    "mining",
                    "wire",
                    "p2p",
                    "node",
                    "light",
                    "store",
                    "net",
                    "server",
                    "wallet",
                    "sim",
                    "app");

    /// Where the signature library is told whom to call when it is misused, and whom.
    private static final String DOOR = "weft/crypto/internal/NativeContext.installCallbacks";

    /// The database calls methods of classes derived from its own.
    private static final String LISTENED_TO = "org/rocksdb/";

    private static final String CALLED = "weft/crypto/internal/NativeContext.onMisuse";

    @Test
    @DisplayName("B14 an exception out of a method that native code calls")
    void shouldThrowNothingAtNativeCode() {
        var doors = new TreeSet<String>();
        var called = new TreeSet<String>();
        var unguarded = new ArrayList<String>();
        for (ClassModel type : HashKeyRules.classes(SourceTree.root(), MODULES).values()) {
            doors.addAll(UpcallRules.doors(type));
            var methods = new ArrayList<>(UpcallRules.callbacks(type, LISTENED_TO));
            type.methods().stream()
                    .filter(each -> UpcallRules.name(type, each).equals(CALLED))
                    .forEach(methods::add);
            for (MethodModel each : methods) {
                String name = UpcallRules.name(type, each);
                called.add(name);
                UpcallRules.unguarded(each).forEach(what -> unguarded.add(name + ": " + what));
            }
        }
        assertThat(doors).containsExactly(DOOR);
        assertThat(called)
                .containsExactly(CALLED, "weft/store/RocksKeyValueStore$1.onBackgroundError");
        assertThat(unguarded).isEmpty();
    }

    @Test
    void shouldSeeDoorsAndCallbacks() throws IOException {
        assertThat(UpcallRules.doors(model(Door.class)))
                .containsExactly(
                        "weft/form/UpcallFormTest$Door.open",
                        "weft/form/UpcallFormTest$Door.elsewhere");
        assertThat(UpcallRules.callbacks(model(Door.class), "java/util/")).isEmpty();
        assertThat(UpcallRules.callbacks(model(Listener.class), "org/rocksdb/")).isEmpty();
        assertThat(UpcallRules.callbacks(model(Listener.class), "java/util/"))
                .extracting(each -> each.methodName().stringValue())
                .containsExactly("clear");
    }

    @Test
    void shouldSeeWhatCouldBeThrown() throws IOException {
        for (MethodModel each : model(Bodies.class).methods()) {
            String name = each.methodName().stringValue();
            if (name.startsWith("safe")) {
                assertThat(UpcallRules.unguarded(each)).as(name).isEmpty();
            } else if (!name.startsWith("<")) {
                assertThat(UpcallRules.unguarded(each)).as(name).isNotEmpty();
            }
        }
    }

    private static ClassModel model(Class<?> type) throws IOException {
        String file = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream in = UpcallFormTest.class.getResourceAsStream(file)) {
            return HashKeyRules.read(Objects.requireNonNull(in).readAllBytes());
        }
    }

    /// Lets native code call Java, and Java native code.
    static final class Door {
        private Door() {}

        @SuppressWarnings("restricted") // an example, which nobody runs
        static MemorySegment open(MethodHandle target) {
            return Linker.nativeLinker()
                    .upcallStub(target, FunctionDescriptor.ofVoid(), Arena.global());
        }

        static native void elsewhere();

        static void plain() {}
    }

    /// Is called by who made the class above.
    abstract static class Listener extends AbstractList<String> {
        static int count;

        @Override
        public void clear() {
            count++;
        }
    }

    /// What throws nothing, and what might.
    static final class Bodies {
        private String text = "";

        void safe(int[] numbers) {
            text = "none";
            try {
                text = "first " + numbers[0];
            } catch (Throwable _) {
                text = "no first";
            }
        }

        void call() {
            text = Integer.toString(3);
        }

        void handlerThrows(int[] numbers) {
            try {
                text = "first " + numbers[0];
            } catch (Throwable e) {
                text = "no first: " + e;
            }
        }

        void catchesSome(int[] numbers) {
            try {
                text = "first " + numbers[0];
            } catch (RuntimeException _) {
                text = "no first";
            }
        }

        void readsAnArray(int[] numbers) {
            text = numbers[0] > 0 ? "more" : text;
        }

        void makesSomething() {
            byte[] bytes = new byte[8];
            text = bytes == null ? "" : text;
        }
    }
}
