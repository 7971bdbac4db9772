package weft.app.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weft seeds query NAME`: asks a DNS seed, as `dig` would, and prints its answers and how long each may be
/// kept.
@Command(
        name = "query",
        description = "Ask a DNS seed for addresses; prints each with its TTL in seconds.",
        mixinStandardHelpOptions = true)
public final class SeedQuery implements Callable<Integer> {
    private static final Path RESOLVERS = Path.of("/etc/resolv.conf");
    private static final int DNS_PORT = 53;
    private static final int ID_MAX = 0x1_0000;
    private static final int TRIES = 2;

    @Parameters(paramLabel = "NAME", description = "The seed, such as seed.example.org.")
    private String name = "";

    @Option(
            names = "--server",
            paramLabel = "HOST[:PORT]",
            description = "The DNS server to ask (default: the first of /etc/resolv.conf).")
    private @Nullable String server;

    @Option(names = "--timeout", description = "Seconds for each of two tries (default: 3).")
    private int seconds = 3;

    private final PrintStream out;

    /// A command that prints to standard output.
    public SeedQuery() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException {
        InetSocketAddress asked = server(server);
        int found = 0;
        for (int type : List.of(DnsQuestion.A, DnsQuestion.AAAA)) {
            DnsQuestion.Reply reply = ask(asked, type);
            String kind = type == DnsQuestion.A ? "A" : "AAAA";
            if (reply.code() != 0) {
                System.err.println("Error: " + name + " " + kind + ": " + problem(reply.code()));
                return 1;
            }
            for (DnsQuestion.Answer each : reply.answers()) {
                out.printf(
                        Locale.ROOT,
                        "%s %d %s %s%n",
                        name,
                        each.ttlSeconds(),
                        kind,
                        each.address());
                found++;
            }
            if (reply.cut()) {
                System.err.println("Warning: there are more " + kind + " answers than fit");
            }
        }
        System.err.println(found + " addresses");
        return found == 0 ? 1 : 0;
    }

    private DnsQuestion.Reply ask(InetSocketAddress asked, int type) throws IOException {
        IOException last = new IOException("no answer");
        for (int i = 0; i < TRIES; i++) {
            try {
                int id = new SecureRandom().nextInt(ID_MAX);
                return DnsQuestion.ask(asked, name, type, id, seconds * 1_000);
            } catch (IOException e) {
                last = e;
            }
        }
        throw new IOException("no answer from " + asked + ": " + last.getMessage(), last);
    }

    private static String problem(int code) {
        return switch (code) {
            case 2 -> "the server failed";
            case 3 -> "no such name";
            case 5 -> "the server refused";
            default -> "error " + code;
        };
    }

    private static InetSocketAddress server(@Nullable String given) throws IOException {
        if (given != null) {
            boolean hasPort = given.indexOf(':') == given.lastIndexOf(':') && given.contains(":");
            HostPort parsed =
                    HostPort.parse(
                            hasPort || given.contains("]:") ? given : given + ":" + DNS_PORT,
                            java.util.Optional.empty());
            return new InetSocketAddress(parsed.host(), parsed.port());
        }
        for (String line : Files.readAllLines(RESOLVERS)) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 1 && words[0].equals("nameserver")) {
                return new InetSocketAddress(words[1], DNS_PORT);
            }
        }
        throw new IOException("no nameserver in " + RESOLVERS + ": give one by --server");
    }
}
