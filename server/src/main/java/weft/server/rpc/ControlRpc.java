package weft.server.rpc;

import static weft.server.rpc.RpcParam.optional;
import static weft.server.rpc.RpcParam.required;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.server.PeersApi;
import weft.server.json.Json;

/// The server itself: help, stop, clock, log.
public final class ControlRpc {
    private static final String CONTROL = "control";
    private static final String HIDDEN = "hidden";
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MOCK_TIME_MAX = Long.MAX_VALUE / NANOS_PER_SECOND;
    private static final long MOCK_STEP_MAX = 3_600;
    private static final long CHUNK_BYTES = 1 << 20;

    private final PeersApi node;
    private final RpcTable table;

    /// Methods over a node.
    ///
    /// @param table that they and all others are in
    public ControlRpc(PeersApi node, RpcTable table) {
        this.node = node;
        this.table = table;
    }

    /// The methods.
    public List<RpcCommand> commands() {
        var commands = new ArrayList<>(control());
        commands.addAll(hidden());
        return commands;
    }

    private List<RpcCommand> control() {
        return List.of(
                RpcCommand.of(
                        CONTROL,
                        "help",
                        "All methods, or the help of one.",
                        this::help,
                        optional("command", ParamType.STR, "all commands", "The method")),
                RpcCommand.of(
                        CONTROL,
                        "stop",
                        "Asks the node to stop.",
                        this::stop,
                        optional(
                                "wait",
                                ParamType.NUM,
                                "",
                                "Milliseconds to wait before the answer")),
                RpcCommand.of(
                        CONTROL,
                        "uptime",
                        "How long the node has been running, in seconds.",
                        call ->
                                Json.number(
                                        node.now().unixSeconds()
                                                - node.settings().startedSeconds())),
                RpcCommand.of(
                        CONTROL, "getrpcinfo", "What the RPC server is doing.", this::getRpcInfo),
                RpcCommand.of(
                        CONTROL,
                        "getmemoryinfo",
                        "How much memory the JVM's heap has, in chunks of one MiB; no page of it is"
                                + " locked.",
                        this::getMemoryInfo,
                        optional("mode", ParamType.STR, "stats", "Only stats")),
                RpcCommand.of(
                        CONTROL,
                        "logging",
                        "Shows and switches the categories of the log; valid logging categories"
                                + " are: "
                                + String.join(", ", node.logging().names()),
                        this::logging,
                        optional("include", ParamType.ARR, "", "Categories to switch on"),
                        optional("exclude", ParamType.ARR, "", "Categories to switch off")));
    }

    private List<RpcCommand> hidden() {
        var commands =
                new ArrayList<>(
                        List.of(
                                RpcCommand.of(
                                        HIDDEN,
                                        "setmocktime",
                                        "Sets the clock; for tests.",
                                        this::setMockTime,
                                        required(
                                                "timestamp",
                                                ParamType.NUM,
                                                "Seconds since 1970; 0 for the real time")),
                                RpcCommand.of(
                                        HIDDEN,
                                        "mockscheduler",
                                        "Lets timers think that time passed; for tests.",
                                        this::mockScheduler,
                                        required(
                                                "delta_time",
                                                ParamType.NUM,
                                                "Seconds, 1 to 3600"))));
        commands.add(
                RpcCommand.of(
                        HIDDEN,
                        "echoipc",
                        "Returns its argument: there is one process only.",
                        call -> Json.text(call.text(0)),
                        required("arg", ParamType.STR, "The text")));
        for (String name : List.of("echo", "echojson")) {
            var params = new ArrayList<RpcParam>();
            for (int i = 0; i < 10; i++) {
                params.add(optional("arg" + i, ParamType.ANY, "", ""));
            }
            commands.add(
                    new RpcCommand(
                            HIDDEN, name, params, "Returns its arguments.", ControlRpc::echo));
        }
        return commands;
    }

    private static JsonNode echo(RpcCall call) {
        if (call.has(9) && call.at(9).isString() && call.text(9).equals("trigger_internal_bug")) {
            throw RpcException.misc(
                    "Internal bug detected: request.params[9].get_str() !="
                            + " \"trigger_internal_bug\"");
        }
        ArrayNode list = Json.array();
        call.arguments().forEach(list::add);
        return list;
    }

    private JsonNode help(RpcCall call) {
        String name = call.text(0, "");
        if (!name.equals("dump_all_command_conversions")) {
            return Json.text(table.help(name));
        }
        ArrayNode all = Json.array();
        for (RpcCommand command : table.commands()) {
            for (int i = 0; i < command.params().size(); i++) {
                RpcParam param = command.params().get(i);
                boolean isText = param.type() == ParamType.STR || param.type() == ParamType.HEX;
                for (String alias : param.aliases()) {
                    all.addArray().add(command.name()).add(i).add(alias).add(isText);
                }
            }
        }
        return all;
    }

    private JsonNode stop(RpcCall call) {
        node.requestStop();
        if (call.at(0).isNumber()) {
            try {
                Thread.sleep(Duration.ofMillis(call.integer(0)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return Json.text("weft stopping");
    }

    private JsonNode getRpcInfo(RpcCall call) {
        ObjectNode json = Json.object();
        ArrayNode active = json.putArray("active_commands");
        for (RpcTable.Active each : table.active()) {
            active.addObject()
                    .put("method", each.method())
                    .put("duration", (System.nanoTime() - each.startNanos()) / 1_000);
        }
        return json.put("logpath", node.settings().folder().logFile());
    }

    private JsonNode getMemoryInfo(RpcCall call) {
        String mode = call.text(0, "stats");
        if (!mode.equals("stats")) {
            throw RpcException.parameter(
                    mode.equals("mallocinfo")
                            ? "mallocinfo mode not available"
                            : "unknown mode " + mode);
        }
        Runtime runtime = Runtime.getRuntime();
        long total = runtime.totalMemory();
        long free = runtime.freeMemory();
        long used = total - free;
        ObjectNode json = Json.object();
        json.putObject("locked")
                .put("used", used)
                .put("free", free)
                .put("total", total)
                .put("locked", 0)
                .put("chunks_used", (used + CHUNK_BYTES - 1) / CHUNK_BYTES)
                .put("chunks_free", free / CHUNK_BYTES);
        return json;
    }

    private JsonNode logging(RpcCall call) {
        switchCategories(call.at(0), true);
        switchCategories(call.at(1), false);
        ObjectNode json = Json.object();
        PeersApi.Logging logging = node.logging();
        logging.names().forEach(name -> json.put(name, logging.isOn(name)));
        return json;
    }

    private void switchCategories(JsonNode names, boolean on) {
        for (JsonNode each : names) {
            String name = each.asString("");
            if (!node.logging().set(name, on)) {
                throw RpcException.parameter("unknown logging category " + name);
            }
        }
    }

    private void mustBeMockable(String method) {
        if (!node.params().identity().mockable()) {
            throw RpcException.misc(method + " is for regression testing (-regtest mode) only");
        }
    }

    private JsonNode setMockTime(RpcCall call) {
        mustBeMockable("setmocktime");
        long time = call.number(0);
        if (time < 0 || time > MOCK_TIME_MAX) {
            throw RpcException.parameter(
                    "Mocktime must be in the range [0, " + MOCK_TIME_MAX + "], not " + time + ".");
        }
        node.setMockTime(time);
        return Json.nothing();
    }

    private JsonNode mockScheduler(RpcCall call) {
        mustBeMockable("mockscheduler");
        long seconds = call.number(0);
        if (seconds <= 0 || seconds > MOCK_STEP_MAX) {
            throw RpcException.misc("delta_time must be between 1 and 3600 seconds (1 hr)");
        }
        node.forwardTime(Duration.ofSeconds(seconds));
        return Json.nothing();
    }
}
