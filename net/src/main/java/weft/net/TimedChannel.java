package weft.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// A socket on which every wait has an end: what proxies, bridges and control ports are spoken to through.
///
/// Reads byte by byte where it looks for the end of a line, so that nothing of what follows is taken from
/// who gets the socket then.
final class TimedChannel implements AutoCloseable {
    private final SocketChannel channel;
    private Duration patience;

    private TimedChannel(SocketChannel channel, Duration patience) {
        this.channel = channel;
        this.patience = patience;
    }

    /// A call that may block.
    private interface Call<T> {
        T run() throws IOException;
    }

    /// Connects.
    ///
    /// @param patience how long it may take, and every read and write after it
    static TimedChannel connect(ProxyAddress to, Duration patience) throws IOException {
        return switch (to) {
            case ProxyAddress.Tcp(NetAddress address) -> connect(address, patience);
            case ProxyAddress.Unix(var path) ->
                    connect(
                            StandardProtocolFamily.UNIX,
                            UnixDomainSocketAddress.of(path),
                            patience);
        };
    }

    /// Connects to an IPv4, IPv6 or CJDNS address.
    ///
    /// @param patience how long it may take, and every read and write after it
    static TimedChannel connect(NetAddress to, Duration patience) throws IOException {
        return connect(
                to.network() == NetworkId.IPV4
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6,
                Listener.socketAddress(to),
                patience);
    }

    private static TimedChannel connect(
            StandardProtocolFamily family, SocketAddress to, Duration patience) throws IOException {
        var opened = new TimedChannel(SocketChannel.open(family), patience);
        try {
            opened.within(() -> opened.channel.connect(to), "connecting");
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /// How long a read or a write may take.
    Duration patience() {
        return patience;
    }

    /// Changes how long a read or a write may take from now on.
    void patience(Duration next) {
        patience = next;
    }

    /// The socket, for whoever goes on with it.
    SocketChannel channel() {
        return channel;
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        within(
                () -> {
                    while (left.hasRemaining()) {
                        channel.write(left);
                    }
                    return left;
                },
                "sending");
    }

    /// Reads just so many bytes.
    ///
    /// @throws IOException if they do not come in time or the other end hangs up
    byte[] read(int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count);
        within(
                () -> {
                    while (into.hasRemaining()) {
                        if (channel.read(into) < 0) {
                            throw new IOException("connection closed");
                        }
                    }
                    return into;
                },
                "waiting for an answer");
        return into.array();
    }

    /// Reads to the end of a line, which is left out with the carriage return before it.
    ///
    /// @param bytesMax of the line
    /// @throws IOException if it is longer, does not come in time or the other end hangs up
    String readLine(int bytesMax) throws IOException {
        return within(() -> lineOf(bytesMax), "waiting for an answer");
    }

    /// The same, however long it takes.
    String awaitLine(int bytesMax) throws IOException {
        return lineOf(bytesMax);
    }

    private String lineOf(int bytesMax) throws IOException {
        byte[] line = new byte[Math.min(bytesMax, 256)];
        ByteBuffer one = ByteBuffer.allocate(1);
        for (int length = 0; length <= bytesMax; length++) {
            one.clear();
            if (channel.read(one) < 0) {
                throw new IOException("connection closed");
            }
            if (one.get(0) == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                return new String(line, 0, end, StandardCharsets.UTF_8);
            }
            if (length == bytesMax) {
                break;
            }
            if (length == line.length) {
                line = java.util.Arrays.copyOf(line, Math.min(bytesMax, 2 * length));
            }
            line[length] = one.get(0);
        }
        throw new IOException("received too many bytes without a line end");
    }

    private <T> T within(Call<T> call, String doing) throws IOException {
        var over = new AtomicBoolean();
        var timedOut = new AtomicBoolean();
        Thread watch =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        Thread.sleep(patience);
                                    } catch (InterruptedException e) {
                                        return;
                                    }
                                    if (over.compareAndSet(false, true)) {
                                        timedOut.set(true);
                                        close();
                                    }
                                });
        try {
            T result = call.run();
            if (!over.compareAndSet(false, true)) {
                throw new InterruptedIOException("timeout while " + doing);
            }
            return result;
        } catch (ClosedChannelException e) {
            throw timedOut.get() ? new InterruptedIOException("timeout while " + doing) : e;
        } finally {
            over.set(true);
            watch.interrupt();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // There is nothing left to do about a socket that is given up.
        }
    }
}
