package weft.server.stratum;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.mining.WorkTemplate;
import weft.mining.stratum.ShareVerdict;
import weft.mining.stratum.StratumSession;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.server.json.Json;

/// One miner's socket: a thread that reads lines and a thread that writes them.
final class StratumConnection {
    /// Longest line: a share has some 200 bytes; room for long user names.
    static final int LINE_BYTES_MAX = 4_096;

    /// A miner that does not read the answers to what it sends for so long is cut off.
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /// Lines that could not be understood, before a miner is cut off.
    private static final int FAULTS_MAX = 10;

    /// Who has not subscribed and authorized by then is no miner.
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(30);

    /// A miner that says nothing for so long is gone: shares should come every few minutes.
    private static final Duration SILENCE_TIMEOUT = Duration.ofMinutes(30);

    private final Socket socket;
    private final StratumSession session;
    private final Surroundings world;
    private final OutgoingLines waiting = new OutgoingLines();
    private double difficulty;
    private int faults;

    /// What a connection needs of the server.
    interface Surroundings {
        /// The script of a user; empty if nobody is paid for this name.
        Optional<Bytes> payTo(String user);

        /// The work of now.
        WorkTemplate template();

        /// At the end of each coinbase's script.
        Bytes text();

        /// The time.
        Now now();

        /// Hands over a block that was found.
        ///
        /// @return the answer to the call
        String found(Block block, String miner, JsonNode id);
    }

    StratumConnection(Socket socket, StratumSession session, Surroundings world) {
        this.socket = socket;
        this.session = session;
        this.world = world;
    }

    /// Serves the miner until one of both hangs up.
    void run() throws IOException {
        socket.setSoTimeout(Math.toIntExact(LOGIN_TIMEOUT.toMillis()));
        socket.setTcpNoDelay(true);
        Thread writer = Thread.ofVirtual().name("weft-stratum-write").start(this::write);
        try (InputStream in = new BufferedInputStream(socket.getInputStream())) {
            while (waiting.awaitRoom(READ_TIMEOUT)) {
                String line = readLine(in);
                if (line == null) {
                    return;
                }
                if (!line.isBlank() && !answer(line)) {
                    // What was refused last is still told.
                    Thread.sleep(100);
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writer.interrupt();
            close();
        }
    }

    void close() {
        waiting.close();
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed in any case.
        }
    }

    /// @return null at the end, or when the line is too long
    private static @Nullable String readLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream(256);
        while (true) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            if (line.size() == LINE_BYTES_MAX) {
                return null;
            }
            line.write(next);
        }
    }

    private void write() {
        try {
            OutputStream out = socket.getOutputStream();
            for (String line = waiting.take(); line != null; line = waiting.take()) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (IOException e) {
            close();
        } catch (InterruptedException e) {
            // The connection is closed.
        }
    }

    private void say(String line) {
        if (!waiting.add(line)) {
            close();
        }
    }

    /// @return whether the miner may go on
    private boolean answer(String line) {
        JsonNode request;
        try {
            request = Json.parse(line);
        } catch (IllegalArgumentException e) {
            say(StratumLines.error(Json.nothing(), 20, "Parse error"));
            return false;
        }
        JsonNode id = request.path("id");
        if (!request.isObject() || id.isContainer() || !request.path("method").isString()) {
            say(StratumLines.error(Json.nothing(), 20, "Invalid request"));
            return false;
        }
        JsonNode shownId = id.isMissingNode() ? Json.nothing() : id;
        try {
            say(answer(shownId, request.path("method").stringValue(), request.path("params")));
            retarget();
            return true;
        } catch (IllegalArgumentException e) {
            say(StratumLines.error(shownId, 20, String.valueOf(e.getMessage())));
            return ++faults < FAULTS_MAX;
        } finally {
            afterLogin(request.path("method").asString(""));
        }
    }

    private synchronized String answer(JsonNode id, String method, JsonNode params) {
        return switch (method) {
            case "mining.subscribe" -> {
                session.subscribe();
                yield StratumLines.result(id, StratumLines.subscription(session.extraNonce1()));
            }
            case "mining.authorize" -> {
                Optional<Bytes> script = world.payTo(params.path(0).asString(""));
                script.ifPresent(session::authorize);
                yield script.isPresent()
                        ? StratumLines.result(id, Json.bool(true))
                        : StratumLines.error(id, ShareVerdict.Fault.UNAUTHORIZED);
            }
            case "mining.configure" -> StratumLines.result(id, configure(params));
            // Ours never changes, so there is nothing to tell later; miners ask before they trust a
            // server.
            case "mining.extranonce.subscribe" -> StratumLines.result(id, Json.bool(true));
            case "mining.suggest_difficulty" -> {
                session.suggest(params.path(0).asDouble(0));
                yield StratumLines.result(id, Json.bool(true));
            }
            // Some miners ask this of each job, and do without; no reason to cut them off.
            case "mining.get_transactions" -> StratumLines.error(id, 20, "Not supported");
            case "mining.submit" -> submit(id, params);
            default -> throw new IllegalArgumentException("Unknown method");
        };
    }

    /// BIP-0310: of all extensions only version rolling.
    private JsonNode configure(JsonNode params) {
        ObjectNode answer = Json.object();
        for (JsonNode each : params.path(0)) {
            String name = each.asString("");
            if (name.equals("version-rolling")) {
                JsonNode mask = params.path(1).path("version-rolling.mask");
                int asked = mask.isMissingNode() ? -1 : (int) StratumLines.readWord(mask);
                answer.put("version-rolling", true);
                answer.put("version-rolling.mask", StratumLines.word(session.allowVersions(asked)));
            } else if (name.length() < 40) {
                answer.put(name, false);
            }
        }
        return answer;
    }

    private String submit(JsonNode id, JsonNode params) {
        ShareVerdict verdict = session.submit(StratumLines.share(params), world.now());
        return switch (verdict) {
            case ShareVerdict.Accepted() -> StratumLines.result(id, Json.bool(true));
            case ShareVerdict.Refused(ShareVerdict.Fault fault) -> StratumLines.error(id, fault);
            case ShareVerdict.Found(Block block) ->
                    world.found(block, String.valueOf(socket.getRemoteSocketAddress()), id);
        };
    }

    /// The first job comes when it is known who is paid.
    private void afterLogin(String method) {
        if (!method.equals("mining.subscribe") && !method.equals("mining.authorize")) {
            return;
        }
        try {
            synchronized (this) {
                if (session.isReady()) {
                    socket.setSoTimeout(Math.toIntExact(SILENCE_TIMEOUT.toMillis()));
                }
            }
        } catch (IOException e) {
            close();
        }
        give(world.template(), true);
    }

    /// After a share: the miner may be faster or slower than its difficulty.
    private synchronized void retarget() {
        WorkTemplate template = world.template();
        if (session.retarget(template, world.now())) {
            tell(template, false);
        }
    }

    /// Tells the miner of work, if it is ready for some.
    synchronized void give(WorkTemplate template, boolean clean) {
        if (session.isReady()) {
            session.retarget(template, world.now());
            tell(template, clean);
        }
    }

    private void tell(WorkTemplate template, boolean clean) {
        StratumSession.Notice notice = session.give(template, world.text(), clean);
        if (notice.difficulty() != difficulty) {
            difficulty = notice.difficulty();
            say(StratumLines.difficulty(difficulty));
        }
        say(StratumLines.notify(notice));
    }
}
