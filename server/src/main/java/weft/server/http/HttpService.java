package weft.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.Subnet;

/// The HTTP server that carries JSON-RPC, `POST /` and `POST /wallet/…` after login, and, where it is wanted,
/// `/rest/…` for everybody. Status codes and limits are Bitcoin Core's. Every request has a virtual thread;
/// so many at once are worked on, so many more wait, the rest is refused.
public final class HttpService implements AutoCloseable {
    private static final int BODY_BYTES_MAX = 0x0200_0000;

    /// Longest body of a request below `/rest/`.
    ///
    /// *Rationale:* the longest that says anything names 15 outputs; whoever sends it has not logged in.
    private static final int REST_BODY_BYTES_MAX = 0x1_0000;

    /// How often the time that a connection may be silent a request may take to come in.
    ///
    /// *Rationale:* a byte now and then is no silence, and would keep a connection for ever; the longest
    /// request takes five minutes at 100 kB/s.
    private static final long REQUEST_TIMES = 10;

    private static final int URI_LENGTH_MAX = 8192;
    private static final int BACKLOG = 128;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int BAD_METHOD = 405;
    private static final int TOO_LARGE = 413;
    private static final int UNAVAILABLE = 503;
    private static final Duration WRONG_PASSWORD_DELAY = Duration.ofMillis(250);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(5);

    private final Options options;
    private final Answerer answerer;
    private final Log log;
    private final Semaphore workers;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService executor =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    private volatile boolean closing;

    /// What answers the body of a request.
    @FunctionalInterface
    public interface Answerer {
        /// Answers; called by many threads at once.
        ///
        /// @param user who is logged in
        /// @param path of the URL
        HttpReply answer(byte[] body, String user, String path);
    }

    /// What answers requests below `/rest/`.
    @FunctionalInterface
    public interface RestAnswerer {
        /// Answers; called by many threads at once.
        ///
        /// @param target path and query as they were sent
        HttpReply answer(String target, byte[] body);
    }

    /// How the server is set up.
    ///
    /// @param binds addresses to listen on; it is enough if one of them can be bound
    /// @param allowed who may connect besides this machine itself
    /// @param workers requests that are worked on at once (`-rpcthreads`)
    /// @param queue requests that may wait beyond them (`-rpcworkqueue`)
    /// @param idle how long a silent connection stays open (`-rpcservertimeout`)
    /// @param rest what answers below `/rest/`, without a login (`-rest`); empty where nothing does
    public record Options(
            List<InetSocketAddress> binds,
            Credentials credentials,
            List<Subnet> allowed,
            int workers,
            int queue,
            Duration idle,
            Optional<RestAnswerer> rest) {
        /// Requests worked on at once by default.
        public static final int WORKERS = 4;

        /// Requests that wait by default.
        public static final int QUEUE = 16;

        /// With something that answers below `/rest/`.
        public Options withRest(RestAnswerer answerer) {
            return new Options(
                    binds, credentials, allowed, workers, queue, idle, Optional.of(answerer));
        }

        /// Copies the lists.
        public Options {
            binds = List.copyOf(binds);
            allowed = List.copyOf(allowed);
        }
    }

    private HttpService(Options options, Answerer answerer, Log log) {
        this.options = options;
        this.answerer = answerer;
        this.log = log;
        this.workers = new Semaphore(Math.max(1, options.workers()));
    }

    /// Opens the sockets and begins to answer.
    ///
    /// @throws IOException if no address can be bound
    public static HttpService start(Options options, Answerer answerer, Log log)
            throws IOException {
        configure(options);
        var service = new HttpService(options, answerer, log);
        service.bindAll();
        return service;
    }

    /// Settings that the JDK's server reads once, before its first use in this process.
    private static void configure(Options options) {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty(
                "sun.net.httpserver.idleInterval", Long.toString(options.idle().toSeconds()));
        System.setProperty(
                "sun.net.httpserver.maxReqTime",
                Long.toString(REQUEST_TIMES * options.idle().toSeconds()));
        System.setProperty("sun.net.httpserver.maxIdleConnections", "1000");
    }

    private void bindAll() throws IOException {
        for (InetSocketAddress address : options.binds()) {
            String text = address.getHostString() + " port " + address.getPort();
            log.info("Binding RPC on address " + text);
            try {
                HttpServer server = HttpServer.create(address, BACKLOG);
                server.createContext("/", this::handle);
                server.setExecutor(executor);
                server.start();
                servers.add(server);
            } catch (IOException e) {
                log.info("Binding RPC on address " + text + " failed.");
            }
        }
        if (servers.isEmpty()) {
            executor.shutdown();
            throw new IOException("Unable to bind any endpoint for RPC server");
        }
    }

    /// The ports that were bound, in the order of the addresses.
    public List<Integer> ports() {
        return servers.stream().map(server -> server.getAddress().getPort()).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        inFlight.incrementAndGet();
        try (exchange) {
            if (closing) {
                send(exchange, status(UNAVAILABLE));
                return;
            }
            HttpReply early = refusal(exchange);
            send(exchange, early == null ? queued(exchange, restBody(exchange)) : early);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            inFlight.decrementAndGet();
        }
    }

    private static HttpReply status(int status) {
        return new HttpReply(status, "");
    }

    /// Why a request is not even queued; null if it is.
    private @Nullable HttpReply refusal(HttpExchange exchange) {
        InetSocketAddress remote = exchange.getRemoteAddress();
        if (!isAllowed(remote)) {
            log.debug(
                    LogCategory.HTTP,
                    () ->
                            "HTTP request from "
                                    + remote
                                    + " rejected: Client network is not allowed RPC access");
            return status(FORBIDDEN);
        }
        String uri = exchange.getRequestURI().toString();
        if (uri.length() > URI_LENGTH_MAX) {
            return status(BAD_REQUEST);
        }
        log.debug(
                LogCategory.HTTP,
                () ->
                        "Received a "
                                + exchange.getRequestMethod()
                                + " request for "
                                + uri.substring(0, Math.min(100, uri.length()))
                                + " from "
                                + remote);
        if (!uri.equals("/") && !uri.startsWith("/wallet/") && !isRest(uri)) {
            return status(NOT_FOUND);
        }
        return null;
    }

    private boolean isRest(String uri) {
        return options.rest().isPresent() && uri.startsWith("/rest/");
    }

    private boolean isAllowed(InetSocketAddress remote) {
        if (remote.getAddress().isLoopbackAddress()) {
            return true;
        }
        NetAddress address = NetAddress.ofIp(remote.getAddress().getAddress(), 0);
        return options.allowed().stream().anyMatch(subnet -> subnet.contains(address));
    }

    /// The body of a request below `/rest/`, at most one byte more than is allowed; null of others.
    ///
    /// *Rationale:* nobody who has not logged in shall have a worker wait for his bytes.
    private byte @Nullable [] restBody(HttpExchange exchange) throws IOException {
        return isRest(exchange.getRequestURI().toString())
                ? body(exchange, REST_BODY_BYTES_MAX)
                : null;
    }

    private HttpReply queued(HttpExchange exchange, byte @Nullable [] restBody)
            throws IOException, InterruptedException {
        if (!workers.tryAcquire()) {
            if (waiting.incrementAndGet() > options.queue()) {
                waiting.decrementAndGet();
                log.warning(
                        "WARNING: request rejected because http work queue depth exceeded, it can"
                                + " be increased with the -rpcworkqueue= setting");
                return new HttpReply(UNAVAILABLE, "text/plain", "Work queue depth exceeded");
            }
            try {
                workers.acquire();
            } finally {
                waiting.decrementAndGet();
            }
        }
        try {
            return answer(exchange, restBody);
        } finally {
            workers.release();
        }
    }

    private HttpReply answer(HttpExchange exchange, byte @Nullable [] restBody)
            throws IOException, InterruptedException {
        if (restBody != null) {
            String target = exchange.getRequestURI().toString();
            return restBody.length > REST_BODY_BYTES_MAX
                    ? status(TOO_LARGE)
                    : options.rest().orElseThrow().answer(target, restBody);
        }
        if (!exchange.getRequestMethod().equals("POST")) {
            return new HttpReply(
                    BAD_METHOD, "text/plain", "JSONRPC server handles only POST requests");
        }
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        Optional<String> user = options.credentials().user(header);
        if (user.isEmpty()) {
            if (header != null) {
                log.info(
                        "ThreadRPCServer incorrect password attempt from "
                                + exchange.getRemoteAddress());
                Thread.sleep(WRONG_PASSWORD_DELAY);
            }
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"jsonrpc\"");
            return status(UNAUTHORIZED);
        }
        byte[] body = body(exchange, BODY_BYTES_MAX);
        if (body.length > BODY_BYTES_MAX) {
            return status(TOO_LARGE);
        }
        return answerer.answer(body, user.get(), exchange.getRequestURI().getPath());
    }

    /// At most one byte more than is allowed.
    private static byte[] body(HttpExchange exchange, int most) throws IOException {
        try (InputStream in = exchange.getRequestBody()) {
            return in.readNBytes(most + 1);
        }
    }

    private static void send(HttpExchange exchange, HttpReply reply) throws IOException {
        byte[] body = reply.content().toByteArray();
        boolean isEmpty = body.length == 0;
        if (!reply.type().isEmpty()) {
            exchange.getResponseHeaders().set("Content-Type", reply.type());
        }
        String connection = exchange.getRequestHeaders().getFirst("Connection");
        if (connection != null && connection.equalsIgnoreCase("close")) {
            exchange.getResponseHeaders().set("Connection", "close");
        }
        exchange.sendResponseHeaders(reply.status(), isEmpty ? -1 : body.length);
        if (!isEmpty) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /// Stops listening, once the answers under way have left.
    @Override
    public void close() {
        closing = true;
        long deadline = System.nanoTime() + LAST_ANSWERS.toNanos();
        try {
            while (inFlight.get() > 0 && System.nanoTime() - deadline < 0) {
                Thread.sleep(POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        servers.forEach(server -> server.stop(0));
        executor.shutdownNow();
    }
}
