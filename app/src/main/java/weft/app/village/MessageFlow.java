package weft.app.village;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// What one node said to others and heard from them, as it wrote it down itself (`-capturemessages`).
final class MessageFlow {
    /// Messages about the connection itself, which tell nothing of blocks and payments.
    private static final Set<String> CHATTER = Set.of("ping", "pong", "feefilter");

    private static final int COMMAND_BYTES = 12;
    private static final int LINES_MAX = 60;

    private final VillageNode node;
    private final Path folder;
    private final Map<String, String> names = new HashMap<>();

    /// One message, or several of a kind in a row.
    ///
    /// @param micros of the first, since 1970
    private record Said(long micros, String from, String to, String command, int count) {
        boolean continues(Said before) {
            return from.equals(before.from)
                    && to.equals(before.to)
                    && command.equals(before.command);
        }
    }

    /// @param node started with `-capturemessages`
    MessageFlow(VillageNode node) {
        this.node = node;
        this.folder = node.home().folder().resolve("regtest").resolve("message_capture");
    }

    /// Learns which connection leads to whom; to be called while the connections are open.
    void learnNames() {
        for (JsonNode peer : node.call("getpeerinfo")) {
            names.put(
                    peer.path("addr").asString().replace(':', '_'),
                    Village.name(peer.path("subver").asString()));
        }
    }

    /// The messages of a span of time, one line each.
    ///
    /// @param from microseconds since 1970; times are shown from here
    List<String> lines(long from, long to) throws IOException {
        var all = new ArrayList<Said>();
        try (var peers = Files.list(folder)) {
            for (Path peer : peers.sorted().toList()) {
                String name = names.getOrDefault(String.valueOf(peer.getFileName()), "?");
                all.addAll(read(peer.resolve("msgs_recv.dat"), name, node.home().name()));
                all.addAll(read(peer.resolve("msgs_sent.dat"), node.home().name(), name));
            }
        }
        all.removeIf(
                said -> said.micros < from || said.micros > to || CHATTER.contains(said.command));
        all.sort(Comparator.comparingLong(Said::micros));
        List<Said> joined = join(all);
        var lines = new ArrayList<String>();
        for (Said said : joined.subList(0, Math.min(LINES_MAX, joined.size()))) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%+9.3f s  %-7s -> %-7s  %s%s",
                            (said.micros - from) / 1e6,
                            said.from,
                            said.to,
                            said.command,
                            said.count > 1 ? " x" + said.count : ""));
        }
        if (joined.size() > LINES_MAX) {
            lines.add("... and " + (joined.size() - LINES_MAX) + " more");
        }
        return lines;
    }

    private static List<Said> join(List<Said> all) {
        var joined = new ArrayList<Said>();
        for (Said said : all) {
            if (!joined.isEmpty() && said.continues(joined.getLast())) {
                Said last = joined.removeLast();
                joined.add(new Said(last.micros, last.from, last.to, last.command, last.count + 1));
            } else {
                joined.add(said);
            }
        }
        return joined;
    }

    private static List<Said> read(Path file, String from, String to) throws IOException {
        var all = new ArrayList<Said>();
        if (!Files.exists(file)) {
            return all;
        }
        ByteReader in = ByteReader.of(Files.readAllBytes(file));
        try {
            while (in.remaining() > 0) {
                long micros = in.i64();
                byte[] name = in.bytes(COMMAND_BYTES);
                in.skip((int) in.u32());
                String command = new String(name, StandardCharsets.US_ASCII).trim();
                all.add(new Said(micros, from, to, command, 1));
            }
        } catch (MalformedBytes e) {
            // The last message is being written.
        }
        return all;
    }
}
