package weft.net;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.addr.LocalAddresses;
import weft.primitives.log.Log;
import weft.wire.NetAddress;
import weft.wire.transport.Entropy;

/// Our ways into I2P: dials, each from our one address or from an address of its own, and those who dial us.
public final class I2pBridge implements AutoCloseable {
    /// Sessions that failed to reach somebody and are kept for the next dial.
    ///
    /// *Rationale:* making one costs the router minutes; the figure is Core's.
    private static final int UNUSED_MAX = 10;

    private static final Duration PAUSE_MAX = Duration.ofMinutes(5);
    private static final Duration PAUSE_STEP = Duration.ofSeconds(1);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final NetOptions.I2p options;
    private final PeerLoop loop;
    private final Entropy entropy;
    private final Log log;
    private final Optional<SamSession> ours;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<SamSession> unused = new ArrayDeque<>();
    private volatile boolean closed;
    private volatile @Nullable TimedChannel waiting;
    private @Nullable Thread acceptor;

    /// Opens nothing yet.
    ///
    /// @param loop whose engine learns our address, once there is one
    /// @param entropy for names of sessions
    public I2pBridge(NetOptions.I2p options, PeerLoop loop, Entropy entropy, Log log) {
        this.options = options;
        this.loop = loop;
        this.entropy = entropy;
        this.log = log;
        this.ours = options.keyFile().map(any -> session(options.keyFile()));
    }

    private SamSession session(Optional<java.nio.file.Path> keyFile) {
        return new SamSession(options.sam(), keyFile, entropy, log);
    }

    /// Begins to accept, where we have an address for that.
    public void start(ConnectionFactory connections) {
        ours.ifPresent(
                session ->
                        acceptor =
                                Thread.ofVirtual()
                                        .name("i2paccept")
                                        .start(() -> acceptLoop(session, connections)));
    }

    /// Dials an address of I2P.
    ///
    /// @throws IOException in one line
    ConnectionFactory.Route dial(NetAddress to) throws IOException {
        if (ours.isPresent()) {
            SamSession.Link link = ours.get().connect(to);
            return new ConnectionFactory.Route(link.channel().channel(), link.me(), () -> {});
        }
        return dialAsSomebodyElse(to);
    }

    /// Dials an address of I2P from an address that nobody has seen, though we may have one of our own.
    ///
    /// @throws IOException in one line
    ConnectionFactory.Route dialAsSomebodyElse(NetAddress to) throws IOException {
        SamSession session = takeUnused();
        try {
            SamSession.Link link = session.connect(to);
            return new ConnectionFactory.Route(link.channel().channel(), link.me(), session::close);
        } catch (IOException e) {
            giveBack(session);
            throw e;
        }
    }

    private SamSession takeUnused() {
        lock.lock();
        try {
            SamSession kept = unused.poll();
            return kept == null ? session(Optional.empty()) : kept;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(SamSession session) {
        lock.lock();
        try {
            if (!closed && unused.size() < UNUSED_MAX) {
                unused.add(session);
                return;
            }
        } finally {
            lock.unlock();
        }
        session.close();
    }

    private void acceptLoop(SamSession session, ConnectionFactory connections) {
        Duration pause = PAUSE_STEP;
        NetAddress told = null;
        while (!closed) {
            try {
                SamSession.Link listening = session.listen();
                waiting = listening.channel();
                if (!listening.me().equals(told)) {
                    tell(told, listening.me());
                    told = listening.me();
                }
                if (closed) {
                    listening.channel().close();
                    return;
                }
                SamSession.Link link = session.accept(listening);
                connections.accepted(
                        new ConnectionFactory.Route(link.channel().channel(), link.me(), () -> {}),
                        link.peer());
                pause = PAUSE_STEP;
            } catch (IOException _) {
                // The session wrote down why; an address that nobody can dial is ours no more.
                if (waiting == null && told != null) {
                    tell(told, null);
                    told = null;
                }
                if (!sleep(pause)) {
                    return;
                }
                pause = pause.compareTo(PAUSE_MAX) < 0 ? pause.plus(PAUSE_STEP) : pause;
            }
            waiting = null;
        }
    }

    private void tell(@Nullable NetAddress before, @Nullable NetAddress now) {
        if (before != null) {
            loop.post(new PeerInput.Command(new PeerCommand.ForgetLocal(before)));
        }
        if (now != null) {
            var learned = new PeerCommand.LearnLocal(now, LocalAddresses.MANUAL);
            loop.post(new PeerInput.Command(learned));
        }
    }

    private static boolean sleep(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Ends all sessions and waits for nobody any more; connections that were made end with their sessions.
    @Override
    public void close() {
        closed = true;
        TimedChannel open = waiting;
        if (open != null) {
            open.close();
        }
        ours.ifPresent(SamSession::close);
        lock.lock();
        try {
            unused.forEach(SamSession::close);
            unused.clear();
        } finally {
            lock.unlock();
        }
        Thread thread = acceptor;
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join(CLOSE_WAIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
