package weft.server.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.server.http.HttpReply;

/// Answers `GET /metrics` over HTTP, for Prometheus. Nobody is asked for a password.
///
/// *Rationale:* a page in a browser on this machine can ask any port of it under a name that its owner lets
/// lead here (DNS rebinding), and read the answer. Such a question names that name, so names are refused but
/// for those of the operator's.
public final class MetricsServer implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final int BACKLOG = 16;
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int BAD_METHOD = 405;
    private static final int UNAVAILABLE = 503;

    /// Requests that are read or answered at once; beyond them connections are closed. *Rationale:* one or
    /// two programs ask, each a few times in a minute.
    private static final int REQUESTS_MAX = 8;

    /// An address instead of a name, with or without a port.
    private static final Pattern ADDRESS =
            Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+\\])(:\\d{1,5})?");

    private final Supplier<Bytes> text;
    private final Options options;
    private final Log log;
    private final HttpServer server;
    private final Semaphore slots = new Semaphore(REQUESTS_MAX);

    /// How the server is set up.
    ///
    /// @param bind where it listens
    /// @param names under which it may be asked, besides addresses and `localhost`
    /// @param patience after which a request that is not through is given up: nobody holds a place by sending
    ///     or reading slowly
    public record Options(InetSocketAddress bind, List<String> names, Duration patience) {
        /// For what is read and answered in milliseconds.
        public static final Duration PATIENCE = Duration.ofSeconds(10);

        /// Copies the list, in small letters.
        public Options {
            names = names.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList();
        }
    }

    private MetricsServer(Supplier<Bytes> text, Options options, HttpServer server, Log log) {
        this.text = text;
        this.options = options;
        this.server = server;
        this.log = log;
    }

    /// Opens the server.
    ///
    /// @throws IOException if the port cannot be had
    public static MetricsServer start(NodeFigures figures, Options options, Log log)
            throws IOException {
        return start(figures::text, options, log);
    }

    /// @param text what is answered; called by many threads at once
    static MetricsServer start(Supplier<Bytes> text, Options options, Log log) throws IOException {
        HttpServer http = HttpServer.create(options.bind(), BACKLOG);
        var server = new MetricsServer(text, options, http, log);
        http.createContext("/", server::handle);
        http.setExecutor(server::execute);
        http.start();
        log.info("Metrics for Prometheus at http://" + text(http.getAddress()) + PATH);
        return server;
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /// The port that it listens on.
    public int port() {
        return server.getAddress().getPort();
    }

    /// Runs what reads a request and answers it. The JDK's server closes the connection where this throws.
    private void execute(Runnable request) {
        if (!slots.tryAcquire()) {
            throw new RejectedExecutionException("too many requests at once");
        }
        Thread worker =
                Thread.ofVirtual()
                        .name("metrics")
                        .start(
                                () -> {
                                    try {
                                        request.run();
                                    } finally {
                                        slots.release();
                                    }
                                });
        Thread.ofVirtual().name("metrics-end").start(() -> endInTime(worker));
    }

    /// An interrupt closes the socket that a thread waits for.
    private void endInTime(Thread worker) {
        try {
            if (!worker.join(options.patience())) {
                worker.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private HttpReply answer(HttpExchange exchange) {
        if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
            return plain(FORBIDDEN, "Host is not known here: see -metricshost\n");
        }
        if (!PATH.equals(exchange.getRequestURI().getPath())) {
            return plain(NOT_FOUND, "Only " + PATH + " is here\n");
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET");
            return plain(BAD_METHOD, "Only GET\n");
        }
        try {
            return new HttpReply(OK, NodeFigures.TYPE, text.get());
        } catch (IllegalStateException e) {
            return plain(UNAVAILABLE, "The node is shutting down\n");
        } catch (RuntimeException e) {
            log.error("Metrics: " + e);
            throw e;
        }
    }

    private static HttpReply plain(int status, String text) {
        return new HttpReply(status, "text/plain; charset=utf-8", text);
    }

    /// Whether a `Host` header names this server: an address, `localhost` or a name of the operator's.
    private boolean isOurs(@Nullable String header) {
        if (header == null) {
            return false;
        }
        String host = header.strip().toLowerCase(Locale.ROOT);
        if (ADDRESS.matcher(host).matches()) {
            return true;
        }
        String name = host.replaceFirst(":\\d{1,5}$", "");
        return name.equals("localhost") || options.names().contains(name);
    }

    private static void send(HttpExchange exchange, HttpReply reply) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", reply.type());
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        byte[] body = reply.content().toByteArray();
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(reply.status(), isHead ? -1 : body.length);
        if (!isHead) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /// Stops listening.
    @Override
    public void close() {
        server.stop(0);
    }
}
