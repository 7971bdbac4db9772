package weft.server.rpc;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.server.json.Json;

/// One method: what it is called, what it takes, what it does.
///
/// @param category heading in `help`; `hidden` keeps the method out of the list
/// @param text what it does, for `help`
/// @param action does it
public record RpcCommand(
        String category, String name, List<RpcParam> params, String text, Action action) {
    /// What a method does.
    @FunctionalInterface
    public interface Action {
        /// Answers a call.
        ///
        /// @throws RpcException with what the caller did wrong
        JsonNode call(RpcCall call);
    }

    /// Copies the list.
    public RpcCommand {
        params = List.copyOf(params);
    }

    /// A method of a category.
    public static RpcCommand of(
            String category, String name, String text, Action action, RpcParam... params) {
        return new RpcCommand(category, name, List.of(params), text, action);
    }

    private boolean takes(int arguments) {
        int least = 0;
        for (int i = 0; i < params.size(); i++) {
            if (!params.get(i).isOptional()) {
                least = i + 1;
            }
        }
        return least <= arguments && arguments <= params.size();
    }

    /// Checks number and types of the arguments, then does it.
    JsonNode run(RpcCall call) {
        if (!takes(call.size())) {
            throw RpcException.misc(help());
        }
        ObjectNode mismatches = Json.object();
        for (int i = 0; i < params.size(); i++) {
            String why = params.get(i).mismatch(call.at(i));
            if (why != null) {
                mismatches.put("Position " + (i + 1) + " (" + params.get(i).names() + ")", why);
            }
        }
        if (!mismatches.isEmpty()) {
            throw RpcException.type("Wrong type passed:\n" + Json.write(mismatches, 4));
        }
        return action.call(call);
    }

    /// Name and parameters on one line.
    public String usage() {
        var line = new StringBuilder(name);
        boolean inOptional = false;
        for (RpcParam param : params) {
            line.append(' ');
            if (param.isOptional() && !inOptional) {
                line.append("( ");
            } else if (!param.isOptional() && inOptional) {
                line.append(") ");
            }
            inOptional = param.isOptional();
            line.append(param.usage());
        }
        return inOptional ? line.append(" )").toString() : line.toString();
    }

    /// All that `help` says of the method.
    public String help() {
        var help = new StringBuilder(usage()).append("\n\n").append(text).append('\n');
        if (!params.isEmpty()) {
            help.append("\nArguments:\n");
            for (int i = 0; i < params.size(); i++) {
                help.append(params.get(i).helpLine(i + 1));
            }
        }
        return help.toString();
    }
}
