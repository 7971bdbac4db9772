package weft.app.record;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.record.Decision;
import weft.p2p.record.Replay;
import weft.wire.NetAddress;

/// Counts what a recording holds: inputs by kind, messages by command, and who the peers were.
public final class ReplayTally {
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Map<String, long[]> messages = new TreeMap<>();
    private final Map<PeerId, Seen> peers = new LinkedHashMap<>();
    private long decisions;

    /// A connection.
    private static final class Seen {
        final NetAddress address;
        final boolean inbound;
        long received;
        long sent;
        String end = "open at the end";

        Seen(NetAddress address, boolean inbound) {
            this.address = address;
            this.inbound = inbound;
        }
    }

    /// Nothing is counted yet.
    public ReplayTally() {}

    /// Counts an input.
    public void add(Replay.Step step) {
        kinds.merge(kind(step.input()), 1L, Long::sum);
        decisions += step.recorded().size();
        switch (step.input()) {
            case PeerInput.Accepted each -> peers.put(each.peer(), new Seen(each.address(), true));
            case PeerInput.Connected each ->
                    peers.put(each.peer(), new Seen(each.address(), false));
            case PeerInput.Disconnected each -> {
                Seen peer = peers.get(each.peer());
                if (peer != null) {
                    peer.end = "closed: " + printable(each.why());
                }
            }
            case PeerInput.Received each -> {
                count(each.message().command(), 0);
                Seen peer = peers.get(each.peer());
                if (peer != null) {
                    peer.received++;
                }
            }
            case PeerInput.Sent each when !each.command().isEmpty() -> {
                count(each.command(), 1);
                Seen peer = peers.get(each.peer());
                if (peer != null) {
                    peer.sent++;
                }
            }
            default -> {}
        }
    }

    private void count(String command, int direction) {
        messages.computeIfAbsent(printable(command), any -> new long[2])[direction]++;
    }

    /// The kind of an input; of events and commands what they are.
    private static String kind(PeerInput input) {
        Object what =
                switch (input) {
                    case PeerInput.Chain(var event) -> event;
                    case PeerInput.Command(var command) -> command;
                    default -> input;
                };
        return what.getClass().getSimpleName();
    }

    /// Text of strangers must not steer a terminal.
    public static String printable(String text) {
        var safe = new StringBuilder(text.length());
        text.chars().forEach(each -> safe.append(Character.isISOControl(each) ? '?' : (char) each));
        return safe.toString();
    }

    /// Prints all counts.
    public void print(PrintStream out) {
        out.println("Inputs:");
        kinds.forEach((kind, count) -> row(out, kind, String.format(Locale.ROOT, "%,d", count)));
        out.println("Messages received and sent:");
        messages.forEach(
                (command, count) ->
                        row(
                                out,
                                command,
                                String.format(Locale.ROOT, "%,d  %,d", count[0], count[1])));
        out.println("Peers, messages received and sent:");
        peers.forEach(
                (id, peer) ->
                        row(
                                out,
                                id + (peer.inbound ? " from " : " to ") + peer.address,
                                String.format(
                                        Locale.ROOT,
                                        "%,d  %,d  %s",
                                        peer.received,
                                        peer.sent,
                                        peer.end)));
        out.println("Decisions: " + String.format(Locale.ROOT, "%,d", decisions));
    }

    private static void row(PrintStream out, String name, String value) {
        out.printf(Locale.ROOT, "  %-36s %s%n", name, value);
    }

    /// A step in one line: number, time, input, decisions.
    public static String line(Replay.Step step) {
        String input = printable(step.input().toString());
        int most = 160;
        String shown = input.length() <= most ? input : input.substring(0, most) + "…";
        return step.number() + " " + step.now().wall() + " " + shown + " -> " + list(step.found());
    }

    /// Decisions in one line.
    public static String list(List<Decision> decisions) {
        return decisions.isEmpty()
                ? "nothing"
                : printable(String.join("; ", decisions.stream().map(Decision::toString).toList()));
    }
}
