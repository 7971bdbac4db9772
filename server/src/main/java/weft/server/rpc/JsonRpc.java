package weft.server.rpc;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.server.json.Json;

/// The protocol: JSON-RPC 1.0, 1.1 and 2.0, single calls and batches, with the HTTP status that each gets.
///
/// A request that says `"jsonrpc":"2.0"` is answered as the specification has it, with status 200 even for
/// errors. Every other is answered in the old form, with an HTTP status that tells of the error. See
/// `doc/JSON-RPC-interface.md` of Bitcoin Core.
public final class JsonRpc {
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int INTERNAL_ERROR = 500;

    private final RpcTable table;
    private final Access access;
    private final Log log;

    /// Which methods a user may call.
    ///
    /// @param allowed by user; who is not in it may call everything or nothing
    /// @param everythingByDefault which of both
    public record Access(Map<String, Set<String>> allowed, boolean everythingByDefault) {
        /// Everybody may call everything.
        public static final Access OPEN = new Access(Map.of(), true);

        boolean mayCall(String user, String method) {
            Set<String> methods = allowed.get(user);
            return methods == null ? everythingByDefault : methods.contains(method);
        }

        boolean mayCallNothing(String user) {
            return !everythingByDefault && !allowed.containsKey(user);
        }
    }

    /// What goes back.
    ///
    /// @param body JSON and a newline; empty for statuses without a body
    public record Reply(int status, String body) {
        private static Reply of(int status, JsonNode body) {
            return new Reply(status, Json.write(body) + "\n");
        }

        private static Reply of(int status) {
            return new Reply(status, "");
        }
    }

    /// One request as far as it was understood; what is known when an error comes up shapes the answer.
    private static final class Request {
        @Nullable JsonNode id = Json.nothing();
        boolean isVersion2;
        String method = "";
        JsonNode params = Json.array();

        boolean isNotification() {
            return isVersion2 && id == null;
        }

        void parse(JsonNode request) {
            if (!request.isObject()) {
                throw new RpcException(RpcError.INVALID_REQUEST, "Invalid Request object");
            }
            id = request.get("id");
            isVersion2 = isVersion2(request.path("jsonrpc"));
            JsonNode name = request.path("method");
            if (name.isNull() || name.isMissingNode()) {
                throw new RpcException(RpcError.INVALID_REQUEST, "Missing method");
            }
            if (!name.isString()) {
                throw new RpcException(RpcError.INVALID_REQUEST, "Method must be a string");
            }
            method = name.stringValue();
            JsonNode arguments = request.path("params");
            if (arguments.isContainer()) {
                params = arguments;
            } else if (arguments.isNull() || arguments.isMissingNode()) {
                params = Json.array();
            } else {
                throw new RpcException(
                        RpcError.INVALID_REQUEST, "Params must be an array or object");
            }
        }

        private static boolean isVersion2(JsonNode version) {
            if (version.isMissingNode() || version.isNull()) {
                return false;
            }
            if (!version.isString()) {
                throw new RpcException(RpcError.INVALID_REQUEST, "jsonrpc field must be a string");
            }
            return switch (version.stringValue()) {
                case "1.0", "1.1" -> false;
                case "2.0" -> true;
                default ->
                        throw new RpcException(
                                RpcError.INVALID_REQUEST, "JSON-RPC version not supported");
            };
        }

        ObjectNode result(JsonNode result) {
            ObjectNode reply = Json.object();
            if (isVersion2) {
                reply.put("jsonrpc", "2.0").set("result", result);
            } else {
                reply.set("result", result);
                reply.putNull("error");
            }
            return withId(reply);
        }

        ObjectNode error(RpcException e) {
            ObjectNode reply = Json.object();
            if (isVersion2) {
                reply.put("jsonrpc", "2.0");
            } else {
                reply.putNull("result");
            }
            reply.putObject("error").put("code", e.code()).put("message", e.text());
            return withId(reply);
        }

        private ObjectNode withId(ObjectNode reply) {
            if (id != null) {
                reply.set("id", id);
            }
            return reply;
        }
    }

    /// A protocol over a table of methods.
    public JsonRpc(RpcTable table, Access access, Log log) {
        this.table = table;
        this.access = access;
        this.log = log;
    }

    /// Answers the body of a POST.
    ///
    /// @param user who is logged in
    /// @param path of the URL
    public Reply answer(byte[] body, String user, String path) {
        var request = new Request();
        try {
            JsonNode top = parse(body);
            if (access.mayCallNothing(user)) {
                log.info("RPC User " + user + " not allowed to call any methods");
                return Reply.of(FORBIDDEN);
            }
            if (top.isObject()) {
                return single(request, top, user, path);
            }
            if (top.isArray()) {
                return batch(top, user, path);
            }
            throw new RpcException(RpcError.PARSE_ERROR, "Top-level object parse error");
        } catch (RpcException e) {
            return failed(request, e);
        }
    }

    private static JsonNode parse(byte[] body) {
        try {
            return Json.parse(body);
        } catch (IllegalArgumentException e) {
            throw new RpcException(RpcError.PARSE_ERROR, "Parse error");
        }
    }

    private Reply failed(Request request, RpcException e) {
        int status = INTERNAL_ERROR;
        if (request.isVersion2) {
            status = OK;
        } else if (e.code() == RpcError.INVALID_REQUEST.code()) {
            status = BAD_REQUEST;
        } else if (e.code() == RpcError.METHOD_NOT_FOUND.code()) {
            status = NOT_FOUND;
        }
        return Reply.of(status, request.error(e));
    }

    private Reply single(Request request, JsonNode top, String user, String path) {
        request.parse(top);
        if (!access.mayCall(user, request.method)) {
            log.info("RPC User " + user + " not allowed to call method " + request.method);
            return Reply.of(FORBIDDEN);
        }
        try {
            ObjectNode reply = request.result(execute(request, user, path));
            return request.isNotification() ? Reply.of(NO_CONTENT) : Reply.of(OK, reply);
        } catch (RpcException e) {
            return request.isNotification() ? Reply.of(NO_CONTENT) : failed(request, e);
        }
    }

    private JsonNode execute(Request request, String user, String path) {
        log.debug(
                LogCategory.RPC,
                () -> "ThreadRPCServer method=" + clean(request.method) + " user=" + clean(user));
        try {
            return table.execute(request.method, request.params, user, path);
        } catch (RpcException e) {
            throw e;
        } catch (IllegalStateException e) {
            throw new RpcException(RpcError.MISC_ERROR, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.error("RPC method " + clean(request.method) + " failed: " + e);
            throw new RpcException(RpcError.MISC_ERROR, "Internal error: " + e);
        }
    }

    private static String clean(String text) {
        return text.replaceAll("[^a-zA-Z0-9 .,;\\-_/:?@()]", "");
    }

    private Reply batch(JsonNode top, String user, String path) {
        for (JsonNode each : top) {
            if (access.allowed().containsKey(user)
                    && !access.mayCall(user, each.path("method").asString(""))) {
                log.info(
                        "RPC User "
                                + user
                                + " not allowed to call method "
                                + each.path("method").asString(""));
                return Reply.of(FORBIDDEN);
            }
        }
        ArrayNode replies = Json.array();
        for (JsonNode each : top) {
            var request = new Request();
            ObjectNode reply;
            try {
                request.parse(each);
                reply = request.result(execute(request, user, path));
            } catch (RpcException e) {
                reply = request.error(e);
            }
            if (!request.isNotification()) {
                replies.add(reply);
            }
        }
        return replies.isEmpty() && !top.isEmpty() ? Reply.of(NO_CONTENT) : Reply.of(OK, replies);
    }
}
