package weft.server.rpc;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.server.http.HttpReply;
import weft.server.json.Json;

/// What `/rest/…` answers (`-rest`): the questions of Bitcoin Core's REST interface, as binary, hexadecimal
/// or JSON, without a login. Each is a call of a method or some, in other clothes.
public final class Rest {
    private static final int UNAVAILABLE = 503;
    private static final int INTERNAL_ERROR = 500;
    private static final int OK = 200;
    private static final int HEADERS_MAX = 2_000;
    private static final String TEXT = "text/plain";
    private static final String BINARY = "application/octet-stream";
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,4}");
    private static final Pattern HEIGHT = Pattern.compile("[0-9]{1,9}");

    private final RpcTable table;

    /// Answers with the methods of a table.
    public Rest(RpcTable table) {
        this.table = table;
    }

    /// Answers a request.
    ///
    /// @param target path and query, from `/rest/` on
    public HttpReply answer(String target, byte[] body) {
        String warmUp = table.warmUpStatus();
        if (warmUp != null) {
            return error(UNAVAILABLE, "Service temporarily unavailable: " + warmUp);
        }
        try {
            return route(target.substring("/rest/".length()), body);
        } catch (RestFault e) {
            return error(e.status(), String.valueOf(e.getMessage()));
        } catch (RpcException e) {
            return error(INTERNAL_ERROR, e.text());
        } catch (IllegalStateException e) {
            return error(UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private HttpReply route(String target, byte[] body) {
        int end = 0;
        while (end < target.length() && "/?.".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        String name = target.substring(0, end);
        boolean slash = target.startsWith("/", end);
        RestRequest request = RestRequest.parse(target.substring(slash ? end + 1 : end));
        return switch (slash ? name + "/" : name) {
            case "tx/" -> transaction(request);
            case "block/" -> block(request);
            case "blockfilter/" -> filter(request);
            case "blockfilterheaders/" -> filterHeaders(request);
            case "headers/" -> headers(request);
            case "mempool/" -> mempool(request);
            case "blockhashbyheight/" -> hashByHeight(request);
            case "chaininfo", "chaininfo/" -> onlyJson(request, () -> call("getblockchaininfo"));
            case "deploymentinfo", "deploymentinfo/" -> deployments(request);
            case "getutxos", "getutxos/" -> reply(request, RestCoins.find(this, request, body));
            default -> new HttpReply(404, "");
        };
    }

    // ---- what the answers have in common

    /// An answer in its forms; each is made only if it is asked for.
    interface Forms {
        Bytes binary();

        JsonNode json();

        /// What the hexadecimal form has, if it is not the binary one's digits.
        default String hex() {
            return binary().toString();
        }
    }

    private interface Source {
        JsonNode get();
    }

    private static HttpReply error(int status, String what) {
        return new HttpReply(status, TEXT, what + "\r\n");
    }

    private static HttpReply reply(RestRequest request, Forms forms) {
        return switch (request.format()) {
            case BIN -> new HttpReply(OK, BINARY, forms.binary());
            case HEX -> new HttpReply(OK, TEXT, forms.hex() + "\n");
            case JSON -> new HttpReply(OK, HttpReply.JSON, Json.write(forms.json()) + "\n");
            case UNKNOWN -> throw noSuchFormat(".bin, .hex, .json");
        };
    }

    private static HttpReply onlyJson(RestRequest request, Source source) {
        if (request.format() != RestRequest.Format.JSON) {
            throw noSuchFormat("json");
        }
        return new HttpReply(OK, HttpReply.JSON, Json.write(source.get()) + "\n");
    }

    static RestFault noSuchFormat(String available) {
        return new RestFault(
                RestFault.NOT_FOUND, "output format not found (available: " + available + ")");
    }

    /// Calls a method.
    JsonNode call(String method, Object... arguments) {
        ArrayNode params = Json.array();
        for (Object each : arguments) {
            switch (each) {
                case String text -> params.add(text);
                case Integer number -> params.add(number);
                case Boolean flag -> params.add(flag);
                default -> throw new IllegalArgumentException("no argument: " + each);
            }
        }
        return table.execute(method, params, "", "/rest");
    }

    /// Calls a method; null if it says that there is no such thing.
    private @Nullable JsonNode find(String method, Object... arguments) {
        try {
            return call(method, arguments);
        } catch (RpcException e) {
            if (e.code() == RpcError.INVALID_ADDRESS_OR_KEY.code()) {
                return null;
            }
            throw e;
        }
    }

    private static String hash(String text) {
        if (!HASH.matcher(text).matches()) {
            throw new RestFault(RestFault.BAD_REQUEST, "Invalid hash: " + text);
        }
        return text;
    }

    private static Bytes bytes(JsonNode hex) {
        return Bytes.parse(hex.asString(""));
    }

    /// A hash in the order of the wire.
    static Bytes reversed(String hash) {
        byte[] bytes = Bytes.parse(hash).toByteArray();
        for (int i = 0; i < bytes.length / 2; i++) {
            byte other = bytes[bytes.length - 1 - i];
            bytes[bytes.length - 1 - i] = bytes[i];
            bytes[i] = other;
        }
        return Bytes.wrap(bytes);
    }

    // ---- transactions, blocks

    private HttpReply transaction(RestRequest request) {
        String txid = hash(request.whole());
        JsonNode found = find("getrawtransaction", txid, true);
        if (found == null) {
            throw new RestFault(RestFault.NOT_FOUND, txid + " not found");
        }
        var json = (tools.jackson.databind.node.ObjectNode) found;
        json.remove(List.of("confirmations", "time", "blocktime", "in_active_chain"));
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        return bytes(json.path("hex"));
                    }

                    @Override
                    public JsonNode json() {
                        return json;
                    }
                });
    }

    private HttpReply block(RestRequest request) {
        boolean brief =
                request.parts().size() == 2 && request.parts().getFirst().equals("notxdetails");
        String hash = hash(brief ? request.last() : request.whole());
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        return bytes(blockOf(hash, 0));
                    }

                    @Override
                    public JsonNode json() {
                        return blockOf(hash, brief ? 1 : 3);
                    }
                });
    }

    private JsonNode blockOf(String hash, int verbosity) {
        try {
            JsonNode block = find("getblock", hash, verbosity);
            if (block != null) {
                return block;
            }
        } catch (RpcException e) {
            boolean pruned = e.text().contains("pruned");
            throw new RestFault(
                    RestFault.NOT_FOUND,
                    hash + (pruned ? " not available (pruned data)" : " not found"));
        }
        throw new RestFault(RestFault.NOT_FOUND, hash + " not found");
    }

    private HttpReply hashByHeight(RestRequest request) {
        String height = request.whole();
        if (!HEIGHT.matcher(height).matches()) {
            throw new RestFault(RestFault.BAD_REQUEST, "Invalid height: " + height);
        }
        String hash;
        try {
            hash = call("getblockhash", Integer.parseInt(height)).asString("");
        } catch (RpcException e) {
            throw new RestFault(RestFault.NOT_FOUND, "Block height out of range");
        }
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        return reversed(hash);
                    }

                    @Override
                    public String hex() {
                        return hash;
                    }

                    @Override
                    public JsonNode json() {
                        return Json.object().put("blockhash", hash);
                    }
                });
    }

    // ---- headers

    private static int count(RestRequest request, int deprecatedAt) {
        String text =
                deprecatedAt >= 0
                        ? request.parts().get(deprecatedAt)
                        : request.parameter("count").orElse("5");
        int count = COUNT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (count < 1 || count > HEADERS_MAX) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "Header count is invalid or out of acceptable range (1-"
                            + HEADERS_MAX
                            + "): "
                            + text);
        }
        return count;
    }

    /// Headers of the main chain from a block on; none if that is not on it.
    private List<JsonNode> chain(String from, int count) {
        var found = new ArrayList<JsonNode>();
        JsonNode next = find("getblockheader", from);
        while (next != null && next.path("confirmations").asInt(-1) >= 0) {
            found.add(next);
            String after = next.path("nextblockhash").asString("");
            next = found.size() == count || after.isEmpty() ? null : find("getblockheader", after);
        }
        return found;
    }

    private HttpReply headers(RestRequest request) {
        int size = request.parts().size();
        if (size > 2) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "Invalid URI format. Expected /rest/headers/<hash>.<ext>?count=<count>");
        }
        int count = count(request, size == 2 ? 0 : -1);
        List<JsonNode> headers = chain(hash(request.last()), count);
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        var out = new ByteWriter();
                        for (JsonNode each : headers) {
                            String hash = each.path("hash").asString("");
                            out.bytes(bytes(call("getblockheader", hash, false)));
                        }
                        return out.toBytes();
                    }

                    @Override
                    public JsonNode json() {
                        return Json.array().addAll(headers);
                    }
                });
    }

    // ---- filters

    /// The filter and its header of a block; null if there is no such block.
    private @Nullable JsonNode filterOf(String hash, String type) {
        try {
            return call("getblockfilter", hash, type);
        } catch (RpcException e) {
            if (e.text().equals("Unknown filtertype")) {
                throw new RestFault(RestFault.BAD_REQUEST, e.text() + " " + type);
            }
            if (e.text().startsWith("Index is not enabled")) {
                throw new RestFault(RestFault.BAD_REQUEST, e.text());
            }
            if (e.text().equals("Block not found")) {
                return null;
            }
            throw new RestFault(RestFault.NOT_FOUND, e.text());
        }
    }

    private HttpReply filter(RestRequest request) {
        if (request.parts().size() != 2) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "Invalid URI format. Expected /rest/blockfilter/<filtertype>/<blockhash>");
        }
        String hash = hash(request.last());
        JsonNode found = filterOf(hash, request.parts().getFirst());
        if (found == null) {
            throw new RestFault(RestFault.NOT_FOUND, hash + " not found");
        }
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        // 0 is the basic type, the only one.
                        return new ByteWriter()
                                .u8(0)
                                .bytes(reversed(hash))
                                .varBytes(bytes(found.path("filter")))
                                .toBytes();
                    }

                    @Override
                    public JsonNode json() {
                        return Json.object().set("filter", found.path("filter"));
                    }
                });
    }

    private HttpReply filterHeaders(RestRequest request) {
        int size = request.parts().size();
        if (size != 2 && size != 3) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "Invalid URI format. Expected"
                            + " /rest/blockfilterheaders/<filtertype>/<blockhash>.<ext>?count=<count>");
        }
        int count = count(request, size == 3 ? 1 : -1);
        String from = hash(request.last());
        String type = request.parts().getFirst();
        // Says what is wrong with the type where there are no blocks.
        filterOf(from, type);
        ArrayNode found = Json.array();
        for (JsonNode each : chain(from, count)) {
            JsonNode filter = filterOf(each.path("hash").asString(""), type);
            if (filter != null) {
                found.add(filter.path("header"));
            }
        }
        return reply(
                request,
                new Forms() {
                    @Override
                    public Bytes binary() {
                        var out = new ByteWriter();
                        found.forEach(each -> out.bytes(reversed(each.asString(""))));
                        return out.toBytes();
                    }

                    @Override
                    public JsonNode json() {
                        return found;
                    }
                });
    }

    // ---- the state of things

    private HttpReply deployments(RestRequest request) {
        String hash = request.whole();
        return onlyJson(
                request,
                () -> {
                    if (hash.isEmpty()) {
                        return call("getdeploymentinfo");
                    }
                    JsonNode found = find("getdeploymentinfo", hash(hash));
                    if (found == null) {
                        throw new RestFault(RestFault.BAD_REQUEST, "Block not found");
                    }
                    return found;
                });
    }

    private HttpReply mempool(RestRequest request) {
        return switch (request.whole()) {
            case "info" -> onlyJson(request, () -> call("getmempoolinfo"));
            case "contents" -> onlyJson(request, () -> poolContents(request));
            default ->
                    throw new RestFault(
                            RestFault.BAD_REQUEST,
                            "Invalid URI format. Expected /rest/mempool/<info|contents>.json");
        };
    }

    private JsonNode poolContents(RestRequest request) {
        boolean verbose = flag(request, "verbose", "true");
        boolean sequence = flag(request, "mempool_sequence", "false");
        if (verbose && sequence) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "Verbose results cannot contain mempool sequence values. (hint: set"
                            + " \"verbose=false\")");
        }
        return call("getrawmempool", verbose, sequence);
    }

    private static boolean flag(RestRequest request, String name, String usual) {
        String text = request.parameter(name).orElse(usual);
        if (!text.equals("true") && !text.equals("false")) {
            throw new RestFault(
                    RestFault.BAD_REQUEST,
                    "The \"" + name + "\" query parameter must be either \"true\" or \"false\".");
        }
        return text.equals("true");
    }

    /// A parse error where bytes make no sense.
    static RestFault malformed(MalformedBytes cause) {
        var fault = new RestFault(RestFault.BAD_REQUEST, "Parse error");
        fault.initCause(cause);
        return fault;
    }
}
