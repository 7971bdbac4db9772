package weft.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.transport.Entropy;

/// A session with an I2P router over its SAM 3.1 bridge: an address in I2P, and connections from and to it.
///
/// The session is made when it is first needed, lives as long as its control socket, and is made anew after
/// that. Every connection is a socket to the bridge of its own. Any thread may call; what the router takes
/// minutes for, only those wait for who ask for it.
final class SamSession implements AutoCloseable {
    /// Bytes of a line of the bridge.
    ///
    /// *Rationale:* the longest that is known has 1,400; a bridge that sends no line end must not fill
    /// memory.
    static final int LINE_BYTES_MAX = 65_536;

    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(20);

    /// *Rationale:* the router asks its network, which can take minutes.
    private static final Duration REPLY_PATIENCE = Duration.ofMinutes(3);

    private static final String TUNNELS = " i2cp.leaseSetEncType=4,0 inbound.quantity=";

    /// EdDSA_SHA512_Ed25519, by number: old routers do not know the name.
    private static final String SIGNATURE = "SIGNATURE_TYPE=7";

    private final NetAddress sam;
    private final Optional<Path> keyFile;
    private final Entropy entropy;
    private final Log log;

    /// Guards what follows.
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable TimedChannel control;
    private String id = "";
    private NetAddress me = NetAddress.UNSPECIFIED;
    private boolean closed;

    /// A session that does not exist yet.
    ///
    /// @param sam where the bridge listens
    /// @param keyFile of the address, made if it is missing; empty for an address that nobody has afterwards
    SamSession(NetAddress sam, Optional<Path> keyFile, Entropy entropy, Log log) {
        this.sam = sam;
        this.keyFile = keyFile;
        this.entropy = entropy;
        this.log = log;
    }

    /// A connection inside I2P.
    ///
    /// @param me our address of it
    record Link(TimedChannel channel, NetAddress me, NetAddress peer) {}

    // ---- what others ask for

    /// Dials an address of I2P.
    ///
    /// @throws IOException in one line, which was logged too
    Link connect(NetAddress to) throws IOException {
        if (to.port() != I2pDestination.PORT) {
            String why = "connection refused due to arbitrary port " + to.port();
            debug("Error connecting to " + to + ", " + why);
            throw new IOException(why);
        }
        TimedChannel channel = null;
        try {
            Created session = create();
            channel = hello();
            String destination =
                    ask(channel, "NAMING LOOKUP NAME=" + to.addressText()).orFail().get("VALUE");
            SamReply reply =
                    ask(
                            channel,
                            "STREAM CONNECT ID="
                                    + session.id
                                    + " DESTINATION="
                                    + destination
                                    + " SILENT=false");
            check(reply);
            return new Link(channel, session.me, to);
        } catch (IOException e) {
            closeQuietly(channel);
            debug("Error connecting to " + to + ": " + e.getMessage());
            throw e;
        }
    }

    /// Asks for the next connection that somebody makes to our address.
    ///
    /// @return a socket on which it will come; `peer` is ours too until [#accept] knows better
    /// @throws IOException in one line, which was logged too
    Link listen() throws IOException {
        TimedChannel channel = null;
        try {
            Created session = create();
            channel = hello();
            check(ask(channel, "STREAM ACCEPT ID=" + session.id + " SILENT=false"));
            return new Link(channel, session.me, session.me);
        } catch (IOException e) {
            closeQuietly(channel);
            write(Log.Level.ERROR, "Couldn't listen: " + e.getMessage());
            throw e;
        }
    }

    /// Waits for who connects, for as long as it takes.
    ///
    /// @param listening of [#listen]; closed by who no longer wants to wait
    /// @throws IOException in one line, which was logged too
    Link accept(Link listening) throws IOException {
        String line = "";
        try {
            line = listening.channel.awaitLine(LINE_BYTES_MAX);
            NetAddress peer = I2pDestination.address(I2pDestination.decode(line.strip()));
            return new Link(listening.channel, listening.me, peer);
        } catch (IOException e) {
            listening.channel.close();
            boolean unusable = line.contains("RESULT=I2P_ERROR");
            debug(
                    unusable
                            ? "Error accepting (will close the session): unexpected reply that"
                                    + " hints the session is unusable: "
                                    + line
                            : "Error accepting: " + e.getMessage());
            if (unusable) {
                disconnect();
            }
            throw e;
        }
    }

    // ---- the session

    /// The session as it was made.
    private record Created(String id, NetAddress me) {}

    private void check(SamReply reply) throws IOException {
        String result = reply.result();
        if (result.equals("OK")) {
            return;
        }
        if (result.equals("INVALID_ID")) {
            // The next use makes another.
            disconnect();
        }
        throw new IOException("\"" + reply.full() + "\"");
    }

    private Created create() throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the session is closed");
            }
            if (control == null) {
                make();
            }
            return new Created(id, me);
        } finally {
            lock.unlock();
        }
    }

    private void make() throws IOException {
        String kind = keyFile.isPresent() ? "persistent" : "transient";
        String fresh = HexFormat.of().formatHex(entropy.bytes(5));
        debug("Creating " + kind + " SAM session " + fresh + " with " + sam);
        TimedChannel channel = hello();
        try {
            byte[] key = keyFile.isPresent() ? persistent(channel, fresh) : passing(channel, fresh);
            me = I2pDestination.address(I2pDestination.ofPrivateKey(key));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        id = fresh;
        control = channel;
        Thread.ofVirtual().name("i2p-control").start(() -> watch(channel));
        String named = kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1);
        write(Log.Level.INFO, named + " SAM session " + id + " created, my address=" + me);
    }

    private byte[] passing(TimedChannel channel, String fresh) throws IOException {
        SamReply reply =
                ask(
                                channel,
                                "SESSION CREATE STYLE=STREAM ID="
                                        + fresh
                                        + " DESTINATION=TRANSIENT "
                                        + SIGNATURE
                                        + TUNNELS
                                        + "1 outbound.quantity=1")
                        .orFail();
        return I2pDestination.decode(reply.get("DESTINATION"));
    }

    private byte[] persistent(TimedChannel channel, String fresh) throws IOException {
        byte[] key = readOrMakeKey(channel, keyFile.orElseThrow());
        ask(
                        channel,
                        "SESSION CREATE STYLE=STREAM ID="
                                + fresh
                                + " DESTINATION="
                                + I2pDestination.encode(key)
                                + TUNNELS
                                + "3 outbound.quantity=3")
                .orFail();
        return key;
    }

    private byte[] readOrMakeKey(TimedChannel channel, Path file) throws IOException {
        if (Files.exists(file)) {
            return Files.readAllBytes(file);
        }
        byte[] key = I2pDestination.decode(ask(channel, "DEST GENERATE " + SIGNATURE).get("PRIV"));
        writeSecret(file, key);
        return key;
    }

    /// Writes a file that only the operator can read, from its first byte on.
    static void writeSecret(Path file, byte[] content) throws IOException {
        var rights =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        var how = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var out = Files.newByteChannel(fresh, how, rights)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
        }
        Files.move(fresh, file);
    }

    /// The bridge says nothing on the control socket; that it ends is the end of the session.
    private void watch(TimedChannel channel) {
        String why = "connection closed";
        try {
            while (true) {
                channel.awaitLine(LINE_BYTES_MAX);
            }
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        }
        lock.lock();
        try {
            if (channel.equals(control)) {
                debug("Control socket error: " + why);
                disconnect();
            }
        } finally {
            lock.unlock();
        }
    }

    private void disconnect() {
        lock.lock();
        try {
            if (control != null) {
                write(Log.Level.INFO, "Destroying SAM session " + id);
                closeQuietly(control);
                control = null;
                id = "";
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- lines

    private TimedChannel hello() throws IOException {
        TimedChannel channel;
        try {
            channel = TimedChannel.connect(sam, CONNECT_PATIENCE);
        } catch (IOException e) {
            throw new IOException("Cannot connect to " + sam, e);
        }
        try {
            channel.patience(REPLY_PATIENCE);
            ask(channel, "HELLO VERSION MIN=3.1 MAX=3.1").orFail();
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static SamReply ask(TimedChannel channel, String request) throws IOException {
        channel.write((request + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        // The whole of it has our private key.
        boolean secret = request.startsWith("SESSION CREATE");
        String shown = secret ? "SESSION CREATE ..." : request;
        return SamReply.parse(shown, channel.readLine(LINE_BYTES_MAX));
    }

    private void debug(String line) {
        write(Log.Level.DEBUG, line);
    }

    private void write(Log.Level level, String line) {
        if (log.isOn(LogCategory.I2P, level)) {
            log.write(LogCategory.I2P, level, line);
        }
    }

    private static void closeQuietly(@Nullable TimedChannel channel) {
        if (channel != null) {
            channel.close();
        }
    }

    /// Ends the session and with it, in the router, all its connections.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            disconnect();
        } finally {
            lock.unlock();
        }
    }
}
