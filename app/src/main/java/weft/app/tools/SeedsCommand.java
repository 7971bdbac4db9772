package weft.app.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.wire.NetAddress;

/// `weft seeds`: what a node starts from when it knows nobody.
@Command(
        name = "seeds",
        description = "Addresses to start from.",
        mixinStandardHelpOptions = true,
        subcommands = {SeedsCommand.Make.class, SeedQuery.class})
public final class SeedsCommand {
    private SeedsCommand() {}

    /// `weft seeds make FILE…`: makes the list of a network that comes with the program.
    @Command(
            name = "make",
            description = "Make a list of fixed seeds from addresses, and print it.",
            mixinStandardHelpOptions = true)
    public static final class Make implements Callable<Integer> {
        @Parameters(
                arity = "1..*",
                paramLabel = "FILE",
                description = "Answer of getnodeaddresses, or address:port lines; - for the input.")
        private List<String> files = List.of();

        @Option(
                names = "--network",
                description = "main, test, testnet4 or signet (default: main).")
        private String network = "main";

        @Option(
                names = "--check",
                description = "Dial each; keep those that answer and offer the whole chain.")
        private boolean check;

        @Option(names = "--min-height", description = "With --check: no node that has less.")
        private int heightMin;

        @Option(names = "--timeout", description = "With --check: seconds (default: 5).")
        private int seconds = 5;

        @Option(names = "--max", description = "At most so many addresses (default: 1024).")
        private int max = 1024;

        @Option(names = "--min", description = "Print nothing if there are fewer (default: 20).")
        private int min = 20;

        @Option(
                names = "--per-group",
                description = "Most of one /16 of IPv4 or /32 of IPv6 (default: 2).")
        private int perGroup = 2;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Make() {
            this.out = System.out;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            NamedNetwork chain = NamedNetwork.parse(network);
            var candidates = new SeedCandidates(chain.port());
            for (String each : files) {
                candidates.read(text(each));
            }
            List<NetAddress> usable = candidates.all();
            if (check) {
                var probe = new SeedProbe(chain.magic(), heightMin, Duration.ofSeconds(seconds));
                usable = probe.answering(usable);
            }
            List<NetAddress> chosen = SeedCandidates.spread(usable, perGroup, max);
            System.err.printf(
                    Locale.ROOT,
                    "%d candidates, %d usable, %d chosen%n",
                    candidates.all().size(),
                    usable.size(),
                    chosen.size());
            if (chosen.size() < min) {
                System.err.println("Error: fewer than " + min + ": nothing printed");
                return 1;
            }
            out.printf(
                    Locale.ROOT,
                    "# Nodes of the network %s that were %s in %s: address and port, a line"
                            + " each.%n",
                    chain.label(),
                    check ? "seen to answer" : "heard of",
                    DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH)
                            .format(Instant.now().atOffset(ZoneOffset.UTC)));
            chosen.forEach(out::println);
            return 0;
        }

        private static String text(String file) throws IOException {
            if (file.equals("-")) {
                return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
            }
            return Files.readString(Path.of(file), StandardCharsets.UTF_8);
        }
    }
}
