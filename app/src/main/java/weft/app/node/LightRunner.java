package weft.app.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import weft.chain.ConsensusRules;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.consensus.ChainParams;
import weft.light.LightChain;
import weft.light.LightNode;
import weft.net.MessageCapture;
import weft.net.PeerLoop;
import weft.p2p.PeerEngine;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.store.Disk;
import weft.store.HeaderFile;

/// A running light node: the machine of headers, its thread, its file of headers, and the same sockets as a
/// full node. There is no chain engine, no database and no folder of blocks. Started top to bottom, closed
/// bottom to top.
public final class LightRunner implements Running {
    private static final String FILE = "headers.dat";

    private final Log log;
    private final OpenParts open;
    private final StopSignal stop;
    private final PeerSide peerSide;
    private final LightNode light;
    private final PeerLoop peers;
    private final Path path;

    private LightRunner(
            NodeSettings settings,
            Disk disk,
            MockableTime time,
            Consumer<ChainEvent> listener,
            OpenParts open,
            Log log) {
        this.log = log;
        this.open = open;
        this.stop = new StopSignal(log);
        this.path = disk.file(FILE);
        ChainParams params = settings.params();
        this.peerSide = new PeerSide(settings, time, open, log);
        var chain = new LightChain(new ConsensusRules(params));
        HeaderFile file = open.keep(read(params, chain, time.now()));
        var writer = open.keep(new HeaderWriter(file, stop::fail));
        PeerEngine engine = peerSide.engine(Optional.empty());
        this.light = new LightNode(engine, chain, Set.of(), log);
        light.follow(
                event -> {
                    writer.onChainEvent(event);
                    listener.accept(event);
                });
        this.peers =
                new PeerLoop(
                        light,
                        engine,
                        new PeerLoop.Ports(
                                time::now, _ -> {}, () -> false, peerSide::hear, stop::fail),
                        log);
        peerSide.drivenBy(peers);
    }

    /// Reads the headers of earlier runs, each checked as when it came.
    private HeaderFile read(ChainParams params, LightChain chain, Now now) {
        log.info("init message: Loading block index…");
        long start = System.nanoTime();
        HeaderFile file =
                HeaderFile.open(
                        path, params.identity().magic(), header -> restore(chain, header, now));
        if (file.cutBytes() > 0) {
            log.warning(
                    "Cut "
                            + file.cutBytes()
                            + " bytes off "
                            + FILE
                            + ": the last write to it did not end");
        }
        log.info(
                "Loaded "
                        + (chain.size() - 1)
                        + " headers from "
                        + FILE
                        + " up to height "
                        + chain.best().height()
                        + "  "
                        + (System.nanoTime() - start) / 1_000_000
                        + "ms");
        return file;
    }

    private void restore(LightChain chain, BlockHeader header, Now now) {
        BlockFailure failure = chain.restore(header, now);
        if (failure != null) {
            throw HeaderFile.damaged(
                    path, "at header " + header.hash() + " (" + failure.reason() + ")");
        }
    }

    /// Starts a node: reads the headers, then opens the sockets.
    ///
    /// @param settings as those of a full node; what they say of blocks, coins, scripts and the mempool is
    ///     not heard
    /// @param disk the locked folder; stays open
    /// @param listener hears what happens to the headers, on the node's thread; must not block
    /// @throws RuntimeException with one line for the operator, if it cannot start; nothing stays open
    public static LightRunner start(
            NodeSettings settings,
            Disk disk,
            MockableTime time,
            Consumer<ChainEvent> listener,
            Log log) {
        NodeSettings changed = settings.with(LightNode.options(settings.p2p()));
        var open = new OpenParts();
        try {
            var runner = new LightRunner(changed, disk, time, listener, open, log);
            runner.peerSide.listen();
            runner.peerSide.start(runner.stop);
            return runner;
        } catch (RuntimeException | Error e) {
            open.close(log);
            throw e;
        }
    }

    /// Runs a question on the node's thread, between two inputs, and waits for the answer. It only looks.
    ///
    /// @throws IllegalStateException if the node has ended
    public <T> T ask(Function<LightNode, T> question) {
        return peers.ask(_ -> question.apply(light));
    }

    /// Size of the file of headers.
    public long bytesOnDisk() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public PeerLoop peers() {
        return peers;
    }

    @Override
    public MessageCapture capture() {
        return peerSide.capture();
    }

    @Override
    public void requestStop() {
        stop.request();
    }

    @Override
    public boolean isStopping() {
        return stop.isRequested();
    }

    @Override
    public Optional<Throwable> awaitStop() throws InterruptedException {
        return stop.await();
    }

    @Override
    public void close() {
        stop.request();
        open.close(log);
    }
}
