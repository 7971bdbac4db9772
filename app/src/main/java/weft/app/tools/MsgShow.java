package weft.app.tools;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.primitives.codec.MalformedBytes;
import weft.server.json.Json;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;

/// `weft msg show FILE…`: captured messages of all files in the order of their times.
@Command(
        name = "show",
        description = {
            "Print captured messages (-capturemessages, of weft or Bitcoin Core), or make packets"
                    + " of them.",
            "Several files are merged by time. A file that breaks off is shown up to there; exit"
                    + " code 1."
        },
        mixinStandardHelpOptions = true)
public final class MsgShow implements Callable<Integer> {
    private static final int FIELDS_CHARS_MAX = 200;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "msgs_recv.dat, msgs_sent.dat; the folder has the name of the peer.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--json", description = "One JSON object a line, with all fields.")
    private boolean json;

    @Option(
            names = "--pcapng",
            paramLabel = "OUT",
            description = "Write packets for Wireshark to this file, in the plain transport.")
    private @Nullable Path pcapng;

    @Option(
            names = "--network",
            description =
                    "For the packets: main, test, testnet4, signet or regtest"
                            + " (default: as the folders are called, else main).")
    private Optional<String> network = Optional.empty();

    private final PrintStream out;

    /// A command that prints to standard output.
    public MsgShow() {
        this.out = System.out;
    }

    /// The next message of a file, and what comes after it.
    private record Head(CaptureReader.Captured message, CaptureReader rest, int file) {}

    @Override
    public Integer call() {
        var faults = new ArrayList<String>();
        var readers = new ArrayList<CaptureReader>();
        try {
            for (Path each : files) {
                readers.add(CaptureReader.open(each));
            }
            Path packets = pcapng;
            if (packets == null) {
                merge(readers, this::print, faults);
            } else {
                writePackets(packets, readers, faults);
            }
        } catch (NoSuchFileException e) {
            faults.add("there is no file " + e.getMessage());
        } catch (IOException | IllegalArgumentException e) {
            faults.add(String.valueOf(e.getMessage()));
        } finally {
            readers.forEach(MsgShow::close);
        }
        faults.forEach(each -> System.err.println("Error: " + each));
        return faults.isEmpty() ? 0 : 1;
    }

    private static void close(CaptureReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            System.err.println("Error: " + e.getMessage());
        }
    }

    /// Takes messages.
    private interface Sink {
        void take(CaptureReader.Captured message) throws IOException;
    }

    private static void merge(List<CaptureReader> readers, Sink sink, List<String> faults)
            throws IOException {
        var heads =
                new PriorityQueue<Head>(
                        Comparator.comparing((Head each) -> each.message.time())
                                .thenComparingInt(Head::file));
        for (int i = 0; i < readers.size(); i++) {
            advance(readers.get(i), i, heads, faults);
        }
        for (Head next = heads.poll(); next != null; next = heads.poll()) {
            sink.take(next.message);
            advance(next.rest, next.file, heads, faults);
        }
    }

    private static void advance(
            CaptureReader reader, int file, PriorityQueue<Head> heads, List<String> faults)
            throws IOException {
        try {
            reader.next().ifPresent(message -> heads.add(new Head(message, reader, file)));
        } catch (MalformedBytes e) {
            faults.add(String.valueOf(e.getMessage()));
        }
    }

    private void writePackets(Path path, List<CaptureReader> readers, List<String> faults)
            throws IOException {
        try (var writer =
                new PcapngWriter(
                        new BufferedOutputStream(Files.newOutputStream(path)), network())) {
            merge(readers, writer::write, faults);
            out.println(writer.packets() + " packets in " + path);
        }
    }

    private NamedNetwork network() {
        if (network.isPresent()) {
            return NamedNetwork.parse(network.get());
        }
        for (Path folder : files.getFirst().toAbsolutePath()) {
            switch (folder.toString()) {
                case "testnet3" -> {
                    return NamedNetwork.TEST;
                }
                case "testnet4", "signet", "regtest" -> {
                    return NamedNetwork.parse(folder.toString());
                }
                default -> {}
            }
        }
        return NamedNetwork.MAIN;
    }

    private void print(CaptureReader.Captured message) {
        JsonNode fields;
        String fault = "";
        try {
            fields =
                    MessageFields.of(
                            MessageCodec.decode(
                                    message.command(), message.payload(), Negotiated.CURRENT));
        } catch (MalformedBytes e) {
            fields = Json.nothing();
            fault = String.valueOf(e.getMessage());
        }
        if (json) {
            ObjectNode line = Json.object();
            line.put("time", message.time().toString())
                    .put("peer", message.peer())
                    .put("direction", message.sent() ? "sent" : "received")
                    .put("command", message.command())
                    .put("length", message.payload().length());
            line.set("fields", fields);
            if (!fault.isEmpty()) {
                line.put("malformed", fault);
            }
            out.println(Json.write(line));
            return;
        }
        String text = fault.isEmpty() ? Json.write(fields) : "malformed (" + fault + ")";
        out.printf(
                Locale.ROOT,
                "%-27s %s %-24s %-12s %8d %s%n",
                message.time(),
                message.sent() ? "->" : "<-",
                message.peer(),
                message.command(),
                message.payload().length(),
                text.length() <= FIELDS_CHARS_MAX
                        ? text
                        : text.substring(0, FIELDS_CHARS_MAX) + "…");
    }
}
