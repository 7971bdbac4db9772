package weft.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.app.args.Args;
import weft.consensus.ChainParams;
import weft.server.json.Json;

/// One node's RPC server, as the options name it. Every call has its own connection.
public final class CliConnection {
    private static final int UNAUTHORIZED = 401;
    private static final int UNAVAILABLE = 503;
    private static final Set<Integer> WITH_JSON = Set.of(400, 404, 500);
    private static final int ERRORS = 400;
    private static final long TIMEOUT_SECONDS = 900;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int IN_WARMUP = -28;

    private final Args args;
    private final String host;
    private final int port;
    private final Path cookie;
    private final Optional<String> password;

    /// A node that is not asked yet.
    ///
    /// @param password in place of the option; empty for the option, or else the cookie
    public CliConnection(Args args, Path dataFolder, Optional<String> password) {
        this.args = args;
        ChainParams params = ChainParams.of(args.network());
        String connect = args.text("rpcconnect").orElse("127.0.0.1");
        int colon = connect.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && (connect.indexOf(':') == colon || connect.charAt(colon - 1) == ']');
        this.host = hasPort ? connect.substring(0, colon) : connect;
        int fallback = hasPort ? port("rpcconnect", connect.substring(colon + 1), connect) : -1;
        this.port =
                args.text("rpcport")
                        .map(text -> port("rpcport", text, text))
                        .orElse(fallback > 0 ? fallback : params.identity().rpcPort());
        Path folder = dataFolder.resolve(params.identity().subfolder());
        this.cookie = folder.resolve(args.text("rpccookiefile").orElse(".cookie"));
        this.password = password.or(() -> args.text("rpcpassword"));
    }

    private static int port(String option, String text, String shown) {
        try {
            int number = Integer.parseInt(text);
            if (number > 0 && number <= 0xffff) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new CliFault("Invalid port provided in -" + option + ": " + shown);
    }

    /// Calls a method; waits for the node if the options say so.
    ///
    /// @param params array or object
    /// @return the whole reply, with a result or an error
    /// @throws CliFault if there is none
    public JsonNode call(String method, JsonNode params) {
        boolean wait = args.flag("rpcwait", false);
        long limit = args.number("rpcwaittimeout", 0);
        long deadline = System.nanoTime() + Duration.ofSeconds(limit).toNanos();
        while (true) {
            try {
                JsonNode reply = callOnce(method, params);
                if (wait && reply.path("error").path("code").asInt(0) == IN_WARMUP) {
                    throw CliFault.noConnection("server in warmup");
                }
                return reply;
            } catch (CliFault e) {
                if (!e.isTransient()) {
                    throw e;
                }
                if (!wait || (limit > 0 && System.nanoTime() - deadline >= 0)) {
                    throw new CliFault("timeout on transient error: " + e.getMessage());
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFault("interrupted");
        }
    }

    private JsonNode callOnce(String method, JsonNode params) {
        ObjectNode request = Json.object();
        request.put("method", method);
        request.set("params", params);
        request.put("id", 1).put("jsonrpc", "2.0");
        Optional<String> login = login();
        try {
            HttpURLConnection connection = open(login.orElse(""));
            try (OutputStream out = connection.getOutputStream()) {
                out.write((Json.write(request) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            String body = read(connection, status);
            return reply(status, body, login.isPresent());
        } catch (IOException e) {
            throw CliFault.noConnection(
                    "Could not connect to the server "
                            + host
                            + ":"
                            + port
                            + "\n\nMake sure the weftd server is running "
                            + "and that you are connecting to the correct "
                            + "RPC port.\nUse \"weft-cli -help\" for more info.");
        }
    }

    private Optional<String> login() {
        if (password.isPresent()) {
            return Optional.of(args.text("rpcuser").orElse("") + ":" + password.get());
        }
        try {
            return Optional.of(Files.readString(cookie, StandardCharsets.US_ASCII));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private HttpURLConnection open(String login) throws IOException {
        // A request that changes something must not be sent twice.
        System.setProperty("sun.net.http.retryPost", "false");
        String path =
                args.text("rpcwallet")
                        .map(
                                name ->
                                        "/wallet/"
                                                + URLEncoder.encode(name, StandardCharsets.UTF_8)
                                                        .replace("+", "%20"))
                        .orElse("/");
        URI uri = URI.create("http://" + host + ":" + port + path);
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        long timeout = args.number("rpcclienttimeout", TIMEOUT_SECONDS);
        connection.setReadTimeout(Math.toIntExact(Math.min(timeout, 2_000_000) * 1_000));
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("Content-Type", "application/json");
        byte[] text = login.getBytes(StandardCharsets.UTF_8);
        connection.setRequestProperty(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(text));
        return connection;
    }

    private static String read(HttpURLConnection connection, int status) throws IOException {
        try (InputStream in =
                status >= ERRORS ? connection.getErrorStream() : connection.getInputStream()) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private JsonNode reply(int status, String body, boolean hasLogin) {
        if (status == UNAUTHORIZED) {
            throw new CliFault(
                    hasLogin
                            ? "Authorization failed: Incorrect rpcuser or rpcpassword"
                            : "Could not locate RPC credentials. "
                                    + "No authentication cookie could be found, and RPC "
                                    + "password is not set.  See -rpcpassword and -stdinrpcpass.  "
                                    + "Cookie file: ("
                                    + cookie
                                    + ")");
        }
        if (status == UNAVAILABLE) {
            throw new CliFault("Server response: " + body);
        }
        if (status >= ERRORS && !WITH_JSON.contains(status)) {
            throw new CliFault("server returned HTTP error " + status);
        }
        if (body.isEmpty()) {
            throw new CliFault("no response from server");
        }
        try {
            return Json.parse(body);
        } catch (IllegalArgumentException e) {
            throw new CliFault("couldn't parse reply from server");
        }
    }
}
