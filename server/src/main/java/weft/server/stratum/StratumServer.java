package weft.server.stratum;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import weft.chain.SubmitResult;
import weft.mining.WorkTemplate;
import weft.mining.stratum.ShareVerdict;
import weft.mining.stratum.StratumSession;
import weft.node.ChainEngine;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.log.Log;
import weft.server.NodeApi;
import weft.server.json.Json;

/// Lets mining machines work for this node, without a pool: who finds a block is paid all of it. Stratum
/// version 1, with version rolling (BIP-0310).
///
/// Nothing is encrypted and nobody is asked for a password: meant for one's own network.
public final class StratumServer implements AutoCloseable {
    /// Miners at once: more than one household's machines, few enough for their threads and jobs.
    private static final int CONNECTIONS_MAX = 256;

    /// How soon miners hear of a new tip.
    private static final long POLL_MILLIS = 100;

    /// How often they hear of new transactions: a job costs each machine a few hashes.
    private static final long REFRESH_NANOS = 10_000_000_000L;

    /// Miners roll the time themselves; those that do not get a new one so often.
    private static final long RENEW_NANOS = 60_000_000_000L;

    /// No connection can be taken, most likely for want of files: others need time to close some.
    private static final long ACCEPT_PAUSE_MILLIS = 1_000;

    private static final Bytes ANYBODY = Bytes.parse("51");
    private static final Bytes TEXT =
            Bytes.wrap("/weft stratum/".getBytes(StandardCharsets.US_ASCII));

    private final NodeApi node;
    private final StratumOptions options;
    private final Log log;
    private final ServerSocket listener;
    private final Set<StratumConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessions = new AtomicInteger();
    private final Semaphore changes = new Semaphore(0);
    private volatile Work work;

    /// On this block one of our miners found the next. *Rationale:* another block of theirs on it would
    /// compete with the first.
    private volatile BlockHash won = BlockHash.ZERO;

    private volatile boolean running = true;

    /// What all miners work on.
    ///
    /// @param pool number of the mempool's state
    /// @param nanos when it was made
    private record Work(WorkTemplate template, long pool, long nanos) {}

    private StratumServer(NodeApi node, StratumOptions options, ServerSocket listener, Log log)
            throws IOException {
        this.node = node;
        this.options = options;
        this.log = log;
        this.work = node.onChain(StratumServer::make);
        this.listener = listener;
        listener.setReuseAddress(true);
        listener.bind(options.bind(), 16);
    }

    /// Opens the server.
    ///
    /// @throws IOException if the port cannot be had
    public static StratumServer start(NodeApi node, StratumOptions options, Log log)
            throws IOException {
        return start(node, options, new ServerSocket(), log);
    }

    /// @param listener that is not bound yet
    static StratumServer start(NodeApi node, StratumOptions options, ServerSocket listener, Log log)
            throws IOException {
        var server = new StratumServer(node, options, listener, log);
        log.info("Stratum server listens on " + server.listener.getLocalSocketAddress());
        Thread.ofVirtual().name("weft-stratum-accept").start(server::accept);
        Thread.ofVirtual().name("weft-stratum-work").start(server::watch);
        return server;
    }

    /// The port that it listens on.
    public int port() {
        return listener.getLocalPort();
    }

    private static Work make(ChainEngine engine) {
        int height = engine.tip().height() + 1;
        boolean segwit = height >= engine.params().heights().segwit();
        WorkTemplate template =
                WorkTemplate.of(
                        engine.template(ANYBODY),
                        height,
                        engine.tip().medianTimePast() + 1,
                        segwit);
        return new Work(template, engine.mempool().sequence(), System.nanoTime());
    }

    private void accept() {
        while (running) {
            try {
                Socket socket = listener.accept();
                if (connections.size() >= CONNECTIONS_MAX) {
                    socket.close();
                    continue;
                }
                var session = new StratumSession(sessions.incrementAndGet(), options.shares());
                var connection = new StratumConnection(socket, session, new World());
                connections.add(connection);
                Thread.ofVirtual().name("weft-stratum-read").start(() -> serve(connection));
            } catch (IOException e) {
                if (running) {
                    log.warning("Stratum: " + e.getMessage());
                    pause();
                }
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(ACCEPT_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
        }
    }

    private void serve(StratumConnection connection) {
        try {
            connection.run();
        } catch (IOException e) {
            // Miners come and go.
        } finally {
            connections.remove(connection);
        }
    }

    private void watch() {
        try {
            while (running && !node.isStopping()) {
                // A block of our own makes all jobs void at once.
                if (changes.tryAcquire(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    changes.drainPermits();
                }
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            // The node stops.
        }
    }

    private synchronized void look() {
        Work now = work;
        long age = System.nanoTime() - now.nanos;
        Optional<Work> next =
                node.onChain(
                        engine -> {
                            boolean isOld = !isOnTip(now, engine);
                            boolean hasMore = engine.mempool().sequence() != now.pool;
                            return isOld || (hasMore && age > REFRESH_NANOS) || age > RENEW_NANOS
                                    ? Optional.of(make(engine))
                                    : Optional.empty();
                        });
        next.ifPresent(
                found -> {
                    work = found;
                    boolean clean =
                            !found.template.place().parent().equals(now.template.place().parent());
                    connections.forEach(each -> each.give(found.template, clean));
                });
    }

    private static boolean isOnTip(Work now, ChainEngine engine) {
        return engine.tip().hash().equals(now.template.place().parent());
    }

    /// On the chain's thread, so that of two miners one is the first.
    ///
    /// @return empty if another was
    private Optional<SubmitResult> submit(ChainEngine engine, Block block) {
        BlockHash parent = block.header().parent();
        if (parent.equals(won) && !engine.tip().hash().equals(parent)) {
            return Optional.empty();
        }
        SubmitResult result = engine.submitBlock(block);
        if (result.failure().isEmpty()) {
            won = parent;
        }
        return Optional.of(result);
    }

    /// What connections see of this server.
    private final class World implements StratumConnection.Surroundings {
        @Override
        public Optional<Bytes> payTo(String user) {
            int dot = user.indexOf('.');
            String address = dot < 0 ? user : user.substring(0, dot);
            try {
                return Optional.of(
                        Address.parse(address, node.params().addressPrefixes()).scriptPubKey());
            } catch (AddressFault e) {
                return options.payTo();
            }
        }

        @Override
        public WorkTemplate template() {
            return work.template;
        }

        @Override
        public Bytes text() {
            return TEXT;
        }

        @Override
        public Now now() {
            return node.now();
        }

        @Override
        public String found(Block block, String miner, JsonNode id) {
            Optional<SubmitResult> result = node.onChain(engine -> submit(engine, block));
            if (result.isEmpty()) {
                return StratumLines.error(id, ShareVerdict.Fault.STALE);
            }
            Optional<String> why = result.get().failure().map(Object::toString);
            log.info(
                    String.format(
                            Locale.ROOT,
                            "Stratum: miner %s found block %s%s",
                            miner,
                            block.hash(),
                            why.map(reason -> ", refused: " + reason).orElse("")));
            if (why.isPresent()) {
                return StratumLines.error(id, 20, why.get());
            }
            changes.release();
            return StratumLines.result(id, Json.bool(true));
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            listener.close();
        } catch (IOException e) {
            // It is closed in any case.
        }
        connections.forEach(StratumConnection::close);
    }
}
