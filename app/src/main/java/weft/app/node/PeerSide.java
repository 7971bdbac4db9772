package weft.app.node;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.app.record.FlightRecorder;
import weft.net.ConnectionFactory;
import weft.net.Dialer;
import weft.net.I2pBridge;
import weft.net.Listener;
import weft.net.MessageCapture;
import weft.net.NetOptions;
import weft.net.PeerLoop;
import weft.net.PortMapper;
import weft.net.TorController;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.addr.AcquaintancesFile;
import weft.p2p.addr.AddrManFile;
import weft.p2p.sync.FilterSource;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.log.Log;
import weft.wire.transport.Entropy;

/// The half of a running node that knows peers, the same in a full node and a light one: its engine, sockets,
/// and the files of addresses and bans.
final class PeerSide {
    private static final Duration SAVE_INTERVAL = Duration.ofMinutes(15);

    private final NodeSettings settings;
    private final MockableTime time;
    private final OpenParts open;
    private final Log log;
    private final AddressFiles addresses;
    private final BanFile bans;
    private final MessageCapture capture;
    private @Nullable PeerLoop loop;
    private @Nullable ConnectionFactory connections;

    /// @param open where everything goes that is opened
    PeerSide(NodeSettings settings, MockableTime time, OpenParts open, Log log) {
        this.settings = settings;
        this.time = time;
        this.open = open;
        this.log = log;
        this.addresses =
                new AddressFiles(
                        settings.storage().folder(),
                        settings.params().identity().magic(),
                        settings.book());
        this.bans = new BanFile(settings.storage().folder());
        this.capture = open.keep(startCapture());
    }

    private MessageCapture startCapture() {
        var files =
                new MessageCapture(
                        settings.storage().folder().resolve("message_capture"),
                        settings.watching().captureBytesMax(),
                        time::now,
                        log);
        if (settings.watching().capture()) {
            files.on(Set.of());
        }
        return files;
    }

    /// The messages that are written to files, if any.
    MessageCapture capture() {
        return capture;
    }

    /// Makes the engine, of what is on disk.
    ///
    /// @param filters to serve, if there are any
    PeerEngine engine(Optional<FilterSource> filters) {
        return new PeerSetup(settings, addresses, bans, log).make(recorder(), filters, time.now());
    }

    private Optional<FlightRecorder> recorder() {
        return settings.watching()
                .record()
                .map(
                        wanted -> {
                            try {
                                return open.keep(new FlightRecorder(wanted, log));
                            } catch (IOException e) {
                                throw new NodeFault("Cannot create the recording: " + e, e);
                            }
                        });
    }

    /// Names the loop that drives the engine; comes before all below.
    void drivenBy(PeerLoop driver) {
        loop = driver;
    }

    private PeerLoop loop() {
        return Check.present(loop, "the loop was named");
    }

    /// Keeps what the engine tells of; on its thread.
    void hear(PeerEvent event) {
        if (event instanceof PeerEvent.BansChanged) {
            saveBans();
        }
    }

    /// Opens the ports. Who dials one is answered when the loop runs.
    void listen() {
        NetOptions net = settings.net();
        var factory =
                new ConnectionFactory(net, loop(), new SecureRandom()::nextBytes, capture, log);
        connections = factory;
        List<Listener> listeners = new ArrayList<>();
        open.keep(() -> listeners.forEach(Listener::close));
        Listener.openAll(net.binds(), factory, listeners, log);
    }

    /// Starts the loop and all that dials.
    ///
    /// @param stop ends the saving of addresses from time to time
    void start(StopSignal stop) {
        log.info("init message: Starting network threads…");
        NetOptions net = settings.net();
        ConnectionFactory factory = Check.present(connections, "the ports are open");
        Entropy entropy = new SecureRandom()::nextBytes;
        Optional<I2pBridge> i2p =
                net.i2p().map(each -> open.keep(new I2pBridge(each, loop(), entropy, log)));
        var dialer = new Dialer(net, factory, loop(), i2p, entropy, log);
        loop().start(dialer);
        open.keep(this::close);
        net.tor()
                .map(each -> open.keep(new TorController(each, loop(), dialer, entropy, log)))
                .ifPresent(TorController::start);
        i2p.ifPresent(bridge -> bridge.start(factory));
        if (net.mapsPort()) {
            int port = settings.p2p().self().port();
            open.keep(new PortMapper(port, loop(), entropy, log)).start();
        }
        Thread.ofVirtual().name("weft-scheduler").start(() -> saveNowAndThen(stop));
    }

    private void close() {
        // A loop that died answers nothing.
        try {
            saveAddresses();
            if (settings.p2p().sources().automatic()) {
                addresses.writeAnchors(loop().ask(engine -> engine.anchors(time.now())), log);
            }
            saveBans();
        } finally {
            loop().close();
        }
    }

    private void saveNowAndThen(StopSignal stop) {
        log.info("scheduler thread start");
        try {
            while (!stop.await(SAVE_INTERVAL)) {
                saveAddresses();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void saveAddresses() {
        Bytes magic = settings.params().identity().magic();
        addresses.write(loop().ask(engine -> AddrManFile.write(engine.addrMan(), magic)), log);
        addresses.writeAcquaintances(
                loop().ask(engine -> AcquaintancesFile.write(engine.acquaintances(), magic)), log);
    }

    /// On the thread of the peer engine, which alone may read the list.
    private void saveBans() {
        bans.write(loop().ask(engine -> engine.bans().entries(time.now().unixSeconds())), log);
    }
}
