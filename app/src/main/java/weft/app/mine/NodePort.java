package weft.app.mine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.app.args.Args;
import weft.app.cli.CliConnection;
import weft.app.cli.CliFault;
import weft.app.cli.CliOptions;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.server.json.Json;

/// The node that a miner works for, over RPC: ours or any other that speaks as Bitcoin Core does.
final class NodePort {
    private final CliConnection connection;

    private NodePort(CliConnection connection) {
        this.connection = connection;
    }

    /// Where the node is and how it is entered.
    ///
    /// @param connect host, or host:port
    /// @param port 0 for the network's
    /// @param login empty for the cookie
    /// @param cookie file of the cookie; empty for the one in the data folder
    /// @param dataFolder of the node; empty for the default
    record Way(
            String network,
            String connect,
            int port,
            Login login,
            Optional<Path> cookie,
            Optional<Path> dataFolder) {}

    /// User and password; both empty for the cookie.
    record Login(String user, String password) {}

    /// A node that is not asked yet.
    static NodePort of(Way way) {
        var words = new ArrayList<String>();
        words.add("-chain=" + way.network());
        words.add("-rpcconnect=" + way.connect());
        if (way.port() > 0) {
            words.add("-rpcport=" + way.port());
        }
        if (!way.login().user().isEmpty()) {
            words.add("-rpcuser=" + way.login().user());
        }
        way.cookie().ifPresent(file -> words.add("-rpccookiefile=" + file.toAbsolutePath()));
        way.dataFolder().ifPresent(folder -> words.add("-datadir=" + folder));
        Args args = Args.parse(words.toArray(String[]::new), CliOptions::isKnown);
        Path folder = args.readConfig(args.dataFolder(), CliOptions::isKnown);
        Optional<String> password =
                way.login().password().isEmpty()
                        ? Optional.empty()
                        : Optional.of(way.login().password());
        return new NodePort(new CliConnection(args, folder, password));
    }

    /// What to mine.
    ///
    /// @param longPollId of the template that is worked on: waits for a better one; empty for one at once
    /// @throws CliFault if the node does not answer or refuses
    /// @throws IllegalArgumentException if the template cannot be used
    TemplateJson template(boolean isSignet, String longPollId) {
        var request = Json.object();
        var rules = request.putArray("rules").add("segwit");
        if (isSignet) {
            rules.add("signet");
        }
        request.putArray("capabilities").add("longpoll");
        if (!longPollId.isEmpty()) {
            request.put("longpollid", longPollId);
        }
        return TemplateJson.read(call("getblocktemplate", List.of(request)));
    }

    /// Hands over a block.
    ///
    /// @return why it is not accepted; empty if it is
    Optional<String> submit(Block block) {
        String hex = Bytes.wrap(block.toByteArray()).toHex();
        JsonNode answer = call("submitblock", List.of(Json.text(hex)));
        return answer.isString() ? Optional.of(answer.stringValue()) : Optional.empty();
    }

    private JsonNode call(String method, List<JsonNode> params) {
        var list = Json.array();
        params.forEach(list::add);
        JsonNode reply = connection.call(method, list);
        JsonNode error = reply.path("error");
        if (error.isObject()) {
            throw new CliFault(method + ": " + error.path("message").asString("error"));
        }
        return reply.path("result");
    }
}
