package weft.form;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Rules on compiled classes: what an engine may not touch, and which module may know which.
final class ClassRules {
    /// Modules whose objects do no I/O: input and time go in, outputs come out.
    static final List<String> ENGINES =
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
                    "wallet");

    private static final Pattern BANNED_MEMBER =
            Pattern.compile(
                    String.join(
                            "|",
                            "java/time/[A-Za-z]+\\.now\\(.*",
                            "java/time/Clock\\.(system|tick).*",
                            "java/lang/System\\.(nanoTime|currentTimeMillis|exit|identityHashCode)\\(.*",
                            "java/lang/Math\\.random\\(.*",
                            "java/util/(Random|SplittableRandom)\\.<init>\\(\\)V",
                            "java/util/Collections\\.shuffle\\(Ljava/util/List;\\)V",
                            "java/util/UUID\\.randomUUID\\(.*",
                            "java/util/random/RandomGenerator\\.(getDefault|of)\\(.*",
                            ".*\\.parallelStream\\(.*",
                            "java/util/stream/.*\\.parallel\\(.*"));

    private static final Pattern BANNED_TYPE =
            Pattern.compile(
                    String.join(
                            "|",
                            "java/lang/Thread(\\$.*)?",
                            "java/util/Timer",
                            "java/util/concurrent/(Executors|.*ExecutorService|ForkJoinPool)",
                            "java/util/concurrent/CompletableFuture",
                            "java/util/concurrent/ThreadLocalRandom",
                            "java/security/SecureRandom",
                            "java/net/.*",
                            "java/nio/(file|channels)/.*",
                            "java/io/(File|File[A-Z].*|RandomAccessFile|Console)"));

    /// The one package that loads a native library and blinds its context: it needs a file and a secret.
    private static final String NATIVE_PACKAGE = "weft/crypto/internal";

    private static final Pattern ALLOWED_TO_NATIVE =
            Pattern.compile(
                    "java/security/SecureRandom|java/nio/file/.*|java/net/(URL|URI)|java/io/File");

    /// Which modules a module may name; a path with more than one part allows that package only.
    private static final Map<String, List<String>> MAY_KNOW = mayKnow();

    private ClassRules() {}

    private static Map<String, List<String>> mayKnow() {
        List<String> rules = List.of("crypto", "primitives", "consensus");
        Map<String, List<String>> may = new TreeMap<>();
        may.put("crypto", List.of());
        may.put("primitives", List.of("crypto"));
        may.put("consensus", List.of("crypto", "primitives"));
        may.put("chain", rules);
        may.put("mempool", plus(rules, "chain"));
        may.put("mining", plus(rules, "chain", "mempool"));
        may.put("wire", List.of("crypto", "primitives"));
        may.put("p2p", plus(rules, "wire", "chain/api"));
        may.put("node", plus(rules, "wire", "p2p", "chain", "mempool", "mining"));
        may.put("light", plus(rules, "wire", "p2p", "chain"));
        may.put("wallet", rules);
        may.put("store", plus(rules, "chain", "wallet"));
        may.put("net", plus(rules, "wire", "p2p", "chain/api"));
        may.put(
                "server",
                plus(
                        rules, "wire", "p2p", "chain", "mempool", "mining", "node", "light",
                        "wallet"));
        may.put("sim", plus(rules, "wire", "p2p", "chain", "mempool", "mining", "node", "light"));
        return may;
    }

    private static List<String> plus(List<String> some, String... more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    /// The world that an engine touches.
    static List<String> worldInEngine(ClassFile type) {
        if (!ENGINES.contains(type.module())) {
            return List.of();
        }
        boolean loadsNative = type.packageName().equals(NATIVE_PACKAGE);
        List<String> found = new ArrayList<>();
        for (String member : type.members()) {
            if (BANNED_MEMBER.matcher(member).matches()) {
                found.add(type.name() + " uses " + member);
            }
        }
        for (String known : type.types()) {
            boolean allowed = loadsNative && ALLOWED_TO_NATIVE.matcher(known).matches();
            if (BANNED_TYPE.matcher(known).matches() && !allowed) {
                found.add(type.name() + " knows " + known);
            }
        }
        return found;
    }

    /// A module of ours that this one may not know.
    static List<String> wrongDirection(ClassFile type) {
        List<String> may = MAY_KNOW.get(type.module());
        if (may == null) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        for (String known : type.types()) {
            boolean own = known.startsWith("weft/" + type.module() + "/");
            boolean allowed =
                    may.stream().anyMatch(module -> known.startsWith("weft/" + module + "/"));
            if (known.startsWith("weft/") && !own && !allowed) {
                found.add(type.name() + " knows " + known);
            }
        }
        return found;
    }

    /// RocksDB anywhere but in `store`.
    static List<String> databaseOutsideStore(ClassFile type) {
        return knows(type, !type.module().equals("store"), "org/rocksdb/");
    }

    /// Libraries that only tests may see, or that Java's own parts replaced.
    static List<String> strangers(ClassFile type) {
        List<String> found = new ArrayList<>();
        for (String prefix :
                Set.of(
                        "org/bitcoinj/",
                        "org/bitcoindevkit/",
                        "kotlin/",
                        "org/junit/",
                        "org/assertj/",
                        "fr/acinq/")) {
            found.addAll(knows(type, !type.module().equals("testkit"), prefix));
        }
        return found;
    }

    /// One server's package that names another's; `http` and `json` are the ground they share.
    static List<String> serversThatKnowEachOther(ClassFile type) {
        List<String> found = new ArrayList<>();
        String own = server(type.name());
        for (String known : type.types()) {
            String other = server(known);
            boolean shared = other.equals("http") || other.equals("json");
            if (!own.isEmpty() && !other.isEmpty() && !other.equals(own) && !shared) {
                found.add(type.name() + " knows " + known);
            }
        }
        return found;
    }

    private static String server(String type) {
        String[] parts = type.split("/", -1);
        return parts.length > 3 && parts[0].equals("weft") && parts[1].equals("server")
                ? parts[2]
                : "";
    }

    private static List<String> knows(ClassFile type, boolean banned, String prefix) {
        return type.types().stream()
                .filter(known -> banned && known.startsWith(prefix))
                .map(known -> type.name() + " knows " + known)
                .toList();
    }
}
