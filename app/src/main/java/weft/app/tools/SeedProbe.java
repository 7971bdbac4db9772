package weft.app.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import weft.p2p.P2pOptions;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// Dials nodes to see which of them can give a newcomer the chain: who answers our `version` with one that
/// offers blocks and witnesses, speaks the current protocol and is not behind.
///
/// @param magic of the network
/// @param heightMin what a node must have at least
/// @param patience for dialling, and again for the answer
record SeedProbe(Bytes magic, int heightMin, Duration patience) {
    private static final int AT_ONCE = 64;
    private static final int READ_BYTES = 4096;
    private static final int BYTES_MAX = 100_000;
    private static final long WANTED = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    /// Those of the addresses whose nodes answer well, in their order.
    List<NetAddress> answering(List<NetAddress> addresses) throws InterruptedException {
        Set<NetAddress> good = ConcurrentHashMap.newKeySet();
        var slots = new Semaphore(AT_ONCE);
        var threads = new ArrayList<Thread>();
        for (NetAddress each : addresses) {
            slots.acquire();
            threads.add(
                    Thread.ofVirtual()
                            .name("probe-" + each)
                            .start(
                                    () -> {
                                        try {
                                            if (isGood(each)) {
                                                good.add(each);
                                            }
                                        } finally {
                                            slots.release();
                                        }
                                    }));
        }
        for (Thread each : threads) {
            each.join();
        }
        return addresses.stream().filter(good::contains).toList();
    }

    private boolean isGood(NetAddress address) {
        int millis = Math.toIntExact(patience.toMillis());
        try (var socket = new Socket();
                Transport transport = Transport.v1(0, magic)) {
            InetAddress host = InetAddress.getByAddress(address.address().toByteArray());
            socket.connect(new InetSocketAddress(host, address.port()), millis);
            socket.setSoTimeout(millis);
            transport.send(version());
            OutputStream out = socket.getOutputStream();
            for (var next = transport.nextToSend();
                    next.isPresent();
                    next = transport.nextToSend()) {
                out.write(next.get().bytes().toByteArray());
            }
            return firstIsGood(socket.getInputStream(), transport);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean firstIsGood(InputStream in, Transport transport) throws IOException {
        byte[] buffer = new byte[READ_BYTES];
        long end = System.nanoTime() + patience.toNanos();
        int sum = 0;
        while (sum < BYTES_MAX && System.nanoTime() < end) {
            int count = in.read(buffer);
            if (count < 0) {
                return false;
            }
            sum += count;
            transport.push(buffer, 0, count);
            var event = transport.next();
            if (event.isPresent()) {
                return event.get() instanceof TransportEvent.Received(Frame frame) && isGood(frame);
            }
        }
        return false;
    }

    private boolean isGood(Frame frame) {
        try {
            Message message =
                    MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT);
            return message instanceof VersionMessage version
                    && (version.services() & WANTED) == WANTED
                    && version.version() >= P2pOptions.WTXID_RELAY_VERSION
                    && version.startHeight() >= heightMin;
        } catch (MalformedBytes e) {
            return false;
        }
    }

    private static VersionMessage version() {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                0,
                Instant.now().getEpochSecond(),
                nowhere,
                nowhere,
                new SecureRandom().nextLong(),
                "/weft-seeds:0.1.0/",
                0,
                false);
    }
}
