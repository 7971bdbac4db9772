package weft.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.addr.LocalAddresses;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.transport.Entropy;

/// Keeps a connection to Tor's control port, and through it an onion service of ours. One virtual thread.
public final class TorController implements AutoCloseable {
    /// Bytes of a line, as Core has it.
    private static final int LINE_BYTES_MAX = 100_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(10);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final NetOptions.Tor options;
    private final PeerLoop loop;
    private final Dialer dialer;
    private final Entropy entropy;
    private final Log log;
    private final Thread thread;
    private volatile @Nullable TimedChannel open;
    private volatile boolean closed;
    private @Nullable NetAddress service;

    /// Opens nothing yet.
    ///
    /// @param loop whose engine learns our address
    /// @param dialer learns the proxy, where the options let Tor say which
    public TorController(
            NetOptions.Tor options, PeerLoop loop, Dialer dialer, Entropy entropy, Log log) {
        this.options = options;
        this.loop = loop;
        this.dialer = dialer;
        this.entropy = entropy;
        this.log = log;
        this.thread = Thread.ofVirtual().name("torcontrol").unstarted(this::run);
    }

    /// Begins.
    public void start() {
        thread.start();
    }

    private void run() {
        Duration pause = PAUSE;
        while (!closed) {
            try (TimedChannel channel = TimedChannel.connect(options.control(), PATIENCE)) {
                open = channel;
                pause = PAUSE;
                talk(channel);
            } catch (IOException e) {
                debug(
                        "Not connected to Tor control port "
                                + options.control()
                                + ", trying to"
                                + " reconnect ("
                                + e.getMessage()
                                + ")");
            }
            forget();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
            Duration longer = pause.multipliedBy(3).dividedBy(2);
            pause = longer.compareTo(PAUSE_MAX) < 0 ? longer : PAUSE_MAX;
        }
    }

    /// Until the connection ends, which is the end of the service too.
    private void talk(TimedChannel channel) throws IOException {
        var dialogue = new TorDialogue(wishes(), entropy.bytes(TorDialogue.SECRET_BYTES));
        var assembly = new TorReply.Assembly();
        act(channel, dialogue, dialogue.begin());
        while (!closed) {
            Optional<TorReply> reply = assembly.add(channel.awaitLine(LINE_BYTES_MAX));
            if (reply.isPresent()) {
                act(channel, dialogue, dialogue.received(reply.get()));
            }
        }
    }

    private TorDialogue.Wishes wishes() throws IOException {
        String key = "";
        if (Files.exists(options.keyFile())) {
            key = Files.readString(options.keyFile(), StandardCharsets.US_ASCII).strip();
            debug("Reading cached private key from " + options.keyFile());
        }
        return new TorDialogue.Wishes(
                options.password(), options.setsProxy(), key, options.port(), options.target());
    }

    private void act(TimedChannel channel, TorDialogue dialogue, List<TorDialogue.Step> steps)
            throws IOException {
        var todo = new ArrayDeque<>(steps);
        while (!todo.isEmpty()) {
            switch (todo.poll()) {
                case TorDialogue.Step.Send(String line) ->
                        channel.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
                case TorDialogue.Step.ReadCookie(String path) ->
                        todo.addAll(dialogue.cookie(path, cookie(path)));
                case TorDialogue.Step.UseProxy(NetAddress proxy) -> use(proxy);
                case TorDialogue.Step.Advertise(NetAddress address, String key) ->
                        advertise(address, key);
                case TorDialogue.Step.Note(String text) -> debug(text);
                case TorDialogue.Step.Fail(String why) -> log.warning("tor: " + why);
            }
        }
    }

    private static Optional<byte[]> cookie(String path) {
        try (var in = Files.newInputStream(Path.of(path))) {
            return Optional.of(in.readNBytes(TorDialogue.SECRET_BYTES + 1));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void use(NetAddress proxy) {
        debug("Configuring onion proxy for " + proxy);
        dialer.useForOnion(new ProxyAddress.Tcp(proxy));
        if (options.mayReach()) {
            loop.post(new PeerInput.Command(new PeerCommand.Reach(NetworkId.TORV3)));
        }
    }

    private void advertise(NetAddress address, String key) {
        String id = address.addressText().replace(".onion", "");
        log.info("Got tor service ID " + id + ", advertising service " + address);
        try {
            if (!Files.exists(options.keyFile())) {
                SamSession.writeSecret(options.keyFile(), key.getBytes(StandardCharsets.US_ASCII));
                debug("Cached service private key to " + options.keyFile());
            }
        } catch (IOException e) {
            log.warning(
                    "tor: Error writing service private key to "
                            + options.keyFile()
                            + ": "
                            + e.getMessage());
        }
        service = address;
        var learned = new PeerCommand.LearnLocal(address, LocalAddresses.MANUAL);
        loop.post(new PeerInput.Command(learned));
    }

    private void forget() {
        NetAddress gone = service;
        service = null;
        if (gone != null) {
            loop.post(new PeerInput.Command(new PeerCommand.ForgetLocal(gone)));
        }
    }

    private void debug(String text) {
        log.debug(LogCategory.TOR, () -> text);
    }

    /// Ends the connection and with it the service.
    @Override
    public void close() {
        closed = true;
        TimedChannel channel = open;
        if (channel != null) {
            channel.close();
        }
        thread.interrupt();
        try {
            thread.join(CLOSE_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
