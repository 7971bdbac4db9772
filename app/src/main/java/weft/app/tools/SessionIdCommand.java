package weft.app.tools;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// `weft session-id NODE [NODE]`: shows the session ids of a node's encrypted connections, or says which of
/// them another node has too. BIP-0324 does not tell who is at the other end; equal ids at both ends do tell
/// that nobody is in between.
@Command(
        name = "session-id",
        description = {
            "Show the BIP-0324 session ids of a node's connections, or compare those of two nodes.",
            "NODE is HOST:PORT of its RPC server and its cookie file:"
                    + " 127.0.0.1:8332,FOLDER/.cookie",
            "Exit code with two nodes: 0 if they share a session, 1 if not."
        },
        mixinStandardHelpOptions = true)
public final class SessionIdCommand implements Callable<Integer> {
    @Parameters(arity = "1..2", paramLabel = "NODE", description = "One node, or both ends.")
    private List<String> nodes = List.of();

    private final PrintStream out;

    /// A command that prints to standard output.
    public SessionIdCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        var sessions = new ArrayList<Map<String, String>>();
        nodes.forEach(each -> sessions.add(sessions(each)));
        if (sessions.size() == 1) {
            sessions.getFirst().forEach((id, peer) -> out.println(id + " " + peer));
            return 0;
        }
        int shared = 0;
        for (Map.Entry<String, String> each : sessions.getFirst().entrySet()) {
            String other = sessions.getLast().get(each.getKey());
            if (other != null) {
                shared++;
                out.println(each.getKey() + " same: " + each.getValue() + " and there " + other);
            }
        }
        if (shared == 0) {
            out.println(
                    "No session in common: not connected, not encrypted, or somebody in between");
        }
        return shared > 0 ? 0 : 1;
    }

    /// Connections by session id.
    private static Map<String, String> sessions(String node) {
        int comma = node.indexOf(',');
        if (comma < 0) {
            throw new IllegalArgumentException("HOST:PORT,COOKIE-FILE wanted, not " + node);
        }
        HostPort place = HostPort.parse(node.substring(0, comma), java.util.Optional.empty());
        var rpc = new RpcClient(place.host(), place.port(), Path.of(node.substring(comma + 1)));
        var found = new LinkedHashMap<String, String>();
        for (JsonNode each : rpc.call("getpeerinfo")) {
            String id = each.path("session_id").asString("");
            if (!id.isEmpty()) {
                String peer = "peer " + each.path("id").asLong() + " at ";
                found.put(id, peer + each.path("addr").asString(""));
            }
        }
        return found;
    }
}
