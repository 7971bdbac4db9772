package weft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Breaks one rule of the product for one run of one test, and requires that the test notices. The product is
/// loaded anew beside the real one, so nothing else sees the breakage.
public final class Saboteur {
    /// Tests that passed against the product loaded anew, so that once is enough.
    private static final Set<Method> GREEN = ConcurrentHashMap.newKeySet();

    /// How long a broken product is waited for: it was seen to do the same unbroken, so whatever is going to
    /// come comes soon.
    private static final Duration PATIENCE_WITH_BROKEN = Duration.ofSeconds(5);

    /// How often a broken product is tried that does right.
    ///
    /// *Rationale:* where it has several threads, it may do right by luck. That a test can fail is shown when
    /// it has failed once.
    private static final int TRIES = 3;

    /// How many causes of a failure are looked at: a chain of them may be a ring.
    private static final int CAUSES_MAX = 20;

    private static volatile boolean nowBroken;

    private Saboteur() {}

    /// How long a test should wait for something that comes at once where all is well.
    ///
    /// @param usual as long as the slowest machine may need
    public static Duration patience(Duration usual) {
        return nowBroken && usual.compareTo(PATIENCE_WITH_BROKEN) > 0
                ? PATIENCE_WITH_BROKEN
                : usual;
    }

    /// What is broken, and how, in a few words.
    public static String name(Sabotage sabotage) {
        String how;
        if (!sabotage.constant().isEmpty()) {
            how = " with " + sabotage.constant();
        } else if (sabotage.flips() > 0) {
            how = " with jump " + sabotage.flips() + " flipped";
        } else if (!sabotage.catches().isEmpty()) {
            how = " catching all as " + sabotage.catches();
        } else if (!sabotage.call().isEmpty()) {
            how = " not asking " + sabotage.call();
        } else {
            how = " returning " + sabotage.returns();
        }
        return sabotage.type() + "." + sabotage.method() + how;
    }

    /// Runs a test against the product as it is, where it must pass, and against the broken one, where it
    /// must fail, once of three times: at an assertion, or because the product throws what it should not. A
    /// null that the sabotage made, or code that does not verify, is no such failure.
    public static void seenRed(Method test, Sabotage sabotage) {
        if (!GREEN.contains(test)) {
            ClassLoader real = test.getDeclaringClass().getClassLoader();
            Throwable before = run(test, new Loader(real, sabotage.type(), null));
            if (before != null) {
                throw new AssertionError("fails without sabotage: " + before, before);
            }
            GREEN.add(test);
        }
        Throwable after = null;
        for (int i = 0; i < TRIES && after == null; i++) {
            after = runBroken(test, sabotage);
        }
        if (after == null) {
            throw new AssertionError(test.getName() + " passes although broken: " + name(sabotage));
        }
        boolean red = after instanceof AssertionError || after instanceof RuntimeException;
        if (!red || isOfNull(after)) {
            throw new AssertionError("fails, but not for the rule: " + after, after);
        }
    }

    /// Whether it is for a null, itself or in the end; [Property] names the seed of whatever a case fails by.
    private static boolean isOfNull(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < CAUSES_MAX && root.getCause() != null; i++) {
            root = root.getCause();
        }
        return root instanceof NullPointerException;
    }

    /// @return what it fails by; null if it passes
    private static Throwable runBroken(Method test, Sabotage sabotage) {
        ClassLoader real = test.getDeclaringClass().getClassLoader();
        var loader = new Loader(real, sabotage.type(), sabotage);
        nowBroken = true;
        Throwable after;
        try {
            after = run(test, loader);
        } finally {
            nowBroken = false;
        }
        if (loader.unbreakable != null) {
            // Whatever failed because of it, perhaps in a thread of its own, failed for no rule.
            throw new AssertionError("cannot be broken so: " + name(sabotage), loader.unbreakable);
        }
        if (!loader.broken) {
            throw new AssertionError("never loads " + sabotage.type());
        }
        return after;
    }

    private static Throwable run(Method test, Loader loader) {
        try {
            Class<?> type = loader.loadClass(test.getDeclaringClass().getName());
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Method copy = type.getDeclaredMethod(test.getName());
            copy.setAccessible(true);
            copy.invoke(constructor.newInstance());
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a check is a method without parameters", e);
        }
    }

    /// How far up a package is: nothing below needs anything above, so what is below a broken class need not
    /// be loaded anew. The test kit is lowest, for test and build must share it.
    private static int layer(String name) {
        return switch (name.split("\\.")[1]) {
            case "testkit" -> -1;
            case "crypto" -> 0;
            case "primitives" -> 1;
            case "consensus", "wire" -> 2;
            case "chain" -> 3;
            default -> 4;
        };
    }

    /// Loads the project's classes itself, with one of them broken; all others come from the real loader.
    private static final class Loader extends ClassLoader {
        private final String target;
        private final Sabotage sabotage;
        private volatile boolean broken;
        private volatile RuntimeException unbreakable;

        Loader(ClassLoader real, String target, Sabotage sabotage) {
            super(real);
            this.target = target;
            this.sabotage = sabotage;
        }

        private boolean isOurs(String name) {
            return name.startsWith("weft.") && layer(name) >= layer(target);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded =
                        isOurs(name) ? findLoadedClass(name) : super.loadClass(name, false);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            byte[] bytes;
            String file = name.replace('.', '/') + ".class";
            try (InputStream in = getParent().getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("read " + name, e);
            }
            if (sabotage != null && sabotage.type().equals(name)) {
                try {
                    bytes = breakIt(bytes);
                    broken = true;
                } catch (RuntimeException e) {
                    unbreakable = e;
                    throw new LinkageError("cannot be broken so: " + e.getMessage(), e);
                }
            }
            return defineClass(name, bytes, 0, bytes.length);
        }

        private byte[] breakIt(byte[] bytes) {
            var resolver = ClassHierarchyResolver.ofResourceParsing(getParent());
            ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(resolver));
            ClassModel model = files.parse(bytes);
            var breakage = new Breakage(sabotage);
            byte[] result =
                    files.transformClass(
                            model,
                            ClassTransform.transformingMethods(
                                    Loader.this::isTarget, breakage::method));
            if (breakage.changes() == 0) {
                throw new IllegalArgumentException("nothing to break in " + name(sabotage));
            }
            return result;
        }

        private boolean isTarget(MethodModel method) {
            return method.methodName().equalsString(sabotage.method());
        }
    }
}
