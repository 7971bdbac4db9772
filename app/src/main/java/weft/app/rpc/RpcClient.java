package weft.app.rpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Asks a node over JSON-RPC, with the cookie that the node wrote.
public final class RpcClient {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    private final URI uri;
    private final Path cookie;

    /// The node answered with an error, or not at all.
    public static final class RpcException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        /// @param code the node's error code; 0 if it did not answer
        public RpcException(int code, String message) {
            super(message);
            this.code = code;
        }

        /// The node's error code; 0 if it did not answer.
        public int code() {
            return code;
        }
    }

    /// @param cookie the file in the node's folder; read at each call, since a restart changes it
    public RpcClient(String host, int port, Path cookie) {
        this.uri = URI.create("http://" + host + ":" + port + "/");
        this.cookie = cookie;
    }

    /// Calls a method with positional parameters: text, numbers, truth values, or JSON.
    ///
    /// @return the result
    /// @throws RpcException if there is none
    public JsonNode call(String method, Object... params) {
        ObjectNode request = JSON.createObjectNode();
        request.put("jsonrpc", "2.0").put("id", 1).put("method", method);
        var list = request.putArray("params");
        for (Object param : params) {
            list.addPOJO(param);
        }
        try {
            JsonNode answer = post(JSON.writeValueAsBytes(request));
            JsonNode error = answer.path("error");
            if (error.isObject()) {
                throw new RpcException(
                        error.path("code").asInt(), error.path("message").asString());
            }
            return answer.path("result");
        } catch (IOException | JacksonException e) {
            throw new RpcException(0, "no answer from " + uri + ": " + e.getMessage());
        }
    }

    private JsonNode post(byte[] body) throws IOException {
        String secret = Files.readString(cookie, StandardCharsets.US_ASCII);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        connection.setReadTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty(
                "Authorization",
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(secret.getBytes(StandardCharsets.US_ASCII)));
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        try (InputStream in =
                status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            if (in == null) {
                throw new IOException("HTTP status " + status);
            }
            byte[] answer = in.readAllBytes();
            if (answer.length == 0) {
                throw new IOException("HTTP status " + status);
            }
            return JSON.readTree(answer);
        }
    }
}
