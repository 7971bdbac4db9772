package weft.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.server.json.Json;

/// What `-getinfo`, `-netinfo` and `-addrinfo` show, put together from several calls.
public final class Summaries {
    private static final double COMPLETE = 0.99;
    private static final int BAR = 21;

    private final CliConnection node;

    /// Of a node.
    public Summaries(CliConnection node) {
        this.node = node;
    }

    /// A call whose error ends everything.
    private sealed interface Part {
        record Good(JsonNode result) implements Part {}

        record Bad(JsonNode reply) implements Part {}
    }

    private Part ask(String method, JsonNode params) {
        JsonNode reply = node.call(method, params);
        return reply.path("error").isObject()
                ? new Part.Bad(reply)
                : new Part.Good(reply.path("result"));
    }

    /// Runs calls until one fails.
    ///
    /// @param results where their results go
    /// @return the reply of the one that failed
    private Optional<JsonNode> askAll(List<String> methods, List<JsonNode> results) {
        for (String method : methods) {
            switch (ask(method, Json.array())) {
                case Part.Good(JsonNode result) -> results.add(result);
                case Part.Bad(JsonNode reply) -> {
                    return Optional.of(reply);
                }
            }
        }
        return Optional.empty();
    }

    private static ObjectNode reply(JsonNode result) {
        ObjectNode reply = Json.object();
        reply.set("result", result);
        return reply;
    }

    /// How the node stands, as text in a reply.
    public JsonNode getInfo() {
        var results = new ArrayList<JsonNode>();
        Optional<JsonNode> failed = askAll(List.of("getnetworkinfo", "getblockchaininfo"), results);
        if (failed.isPresent()) {
            return failed.get();
        }
        JsonNode net = results.get(0);
        JsonNode chain = results.get(1);
        double progress = chain.path("verificationprogress").asDouble(0);
        String text =
                "Chain: "
                        + chain.path("chain").asString("")
                        + "\n"
                        + "Blocks: "
                        + Json.write(chain.path("blocks"))
                        + "\n"
                        + "Headers: "
                        + Json.write(chain.path("headers"))
                        + "\n"
                        + "Verification progress: "
                        + bar(progress)
                        + String.format(Locale.ROOT, "%.4f%%", progress * 100)
                        + "\n"
                        + "Difficulty: "
                        + Json.write(chain.path("difficulty"))
                        + "\n\n"
                        + "Network: in "
                        + Json.write(net.path("connections_in"))
                        + ", out "
                        + Json.write(net.path("connections_out"))
                        + ", total "
                        + Json.write(net.path("connections"))
                        + "\n"
                        + "Version: "
                        + Json.write(net.path("version"))
                        + "\n"
                        + "Time offset (s): "
                        + Json.write(net.path("timeoffset"))
                        + "\n"
                        + "Proxies: "
                        + proxies(net.path("networks"))
                        + "\n"
                        + "Min tx relay fee rate (BTC/kvB): "
                        + Json.write(net.path("relayfee"))
                        + "\n\n"
                        + "Warnings: "
                        + warnings(net.path("warnings"));
        return reply(Json.text(text));
    }

    /// Each proxy with the networks that are reached through it.
    private static String proxies(JsonNode networks) {
        var named = new LinkedHashMap<String, List<String>>();
        for (JsonNode each : networks) {
            String proxy = each.path("proxy").asString("");
            if (!proxy.isEmpty()) {
                named.computeIfAbsent(proxy, any -> new ArrayList<>())
                        .add(each.path("name").asString(""));
            }
        }
        var texts = new ArrayList<String>();
        named.forEach((proxy, names) -> texts.add(proxy + " (" + String.join(", ", names) + ")"));
        return texts.isEmpty() ? "n/a" : String.join(", ", texts);
    }

    private static String warnings(JsonNode warnings) {
        var lines = new ArrayList<String>();
        warnings.forEach(each -> lines.add(each.asString("")));
        return lines.isEmpty() ? "(none)" : String.join("\n", lines);
    }

    private static String bar(double progress) {
        if (progress >= COMPLETE) {
            return "";
        }
        int done = (int) Math.round(progress * BAR);
        return "▒".repeat(done) + "░".repeat(BAR - done) + " ";
    }

    /// How the node is connected, as text in a reply.
    public JsonNode netInfo() {
        var results = new ArrayList<JsonNode>();
        Optional<JsonNode> failed =
                askAll(List.of("getpeerinfo", "getnetworkinfo", "getblockchaininfo"), results);
        if (failed.isPresent()) {
            return failed.get();
        }
        JsonNode net = results.get(1);
        var text = new StringBuilder("weft client ");
        text.append(results.get(2).path("chain").asString("")).append(" - server ");
        text.append(Json.write(net.path("protocolversion")))
                .append(net.path("subversion").asString(""));
        text.append(String.format(Locale.ROOT, "%n%n%8s%8s%8s%8s%n", "", "in", "out", "total"));
        var networks = new ArrayList<String>();
        results.get(0)
                .forEach(
                        peer -> {
                            String name = peer.path("network").asString("");
                            if (!networks.contains(name)) {
                                networks.add(name);
                            }
                        });
        for (String name : networks) {
            text.append(row(name, results.get(0), name));
        }
        text.append(row("total", results.get(0), ""));
        text.append("\nLocal addresses");
        JsonNode locals = net.path("localaddresses");
        if (locals.isEmpty()) {
            text.append(": n/a");
        }
        for (JsonNode each : locals) {
            text.append("\n").append(each.path("address").asString("")).append("     port ");
            text.append(Json.write(each.path("port")))
                    .append("     score ")
                    .append(Json.write(each.path("score")));
        }
        return reply(Json.text(text.toString()));
    }

    private static String row(String title, JsonNode peers, String network) {
        int in = 0;
        int out = 0;
        for (JsonNode peer : peers) {
            if (network.isEmpty() || peer.path("network").asString("").equals(network)) {
                boolean inbound = peer.path("inbound").asBoolean(false);
                in += inbound ? 1 : 0;
                out += inbound ? 0 : 1;
            }
        }
        return String.format(Locale.ROOT, "%-8s%8d%8d%8d%n", title, in, out, in + out);
    }

    /// How many addresses the node knows, as an object in a reply.
    public JsonNode addrInfo() {
        switch (ask("getaddrmaninfo", Json.array())) {
            case Part.Bad(JsonNode reply) -> {
                return reply;
            }
            case Part.Good(JsonNode sizes) -> {
                ObjectNode result = Json.object();
                ObjectNode known = result.putObject("addresses_known");
                sizes.properties()
                        .forEach(
                                entry -> {
                                    String name =
                                            entry.getKey().equals("all_networks")
                                                    ? "total"
                                                    : entry.getKey();
                                    known.set(name, entry.getValue().path("total"));
                                });
                return reply(result);
            }
        }
    }
}
