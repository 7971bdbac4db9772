package weft.app.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;
import weft.wire.transport.Frame;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;
import weft.wire.transport.V1Transport;

/// One end of a plain connection to a node on this machine. One thread may write while another reads.
final class BenchPeer implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Transport transport = Transport.v1(0, Magic.REGTEST);
    private final byte[] buffer = new byte[BUFFER_BYTES];

    /// Connects to a port of this machine.
    BenchPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /// A message as it goes over the wire.
    static Bytes framed(Message message) {
        return V1Transport.frame(Magic.REGTEST, message.command(), MessageCodec.encode(message));
    }

    void send(Message message) throws IOException {
        write(framed(message));
    }

    /// Writes bytes as they are.
    void write(Bytes bytes) throws IOException {
        out.write(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    }

    /// Says hello and waits for the answer.
    void greet() throws IOException {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        send(
                new VersionMessage(
                        Negotiated.PROTOCOL_VERSION,
                        ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                        System.currentTimeMillis() / 1_000,
                        nowhere,
                        nowhere,
                        System.nanoTime(),
                        "/weft-bench/",
                        0,
                        true));
        send(new WtxidRelay());
        send(new Verack());
        while (true) {
            for (Frame frame : read()) {
                if (frame.command().equals(Verack.COMMAND)) {
                    return;
                }
            }
        }
    }

    /// Waits for something and takes it apart.
    List<Frame> read() throws IOException {
        transport.push(buffer, 0, drain());
        var all = new ArrayList<Frame>();
        for (Optional<TransportEvent> event = transport.next();
                event.isPresent();
                event = transport.next()) {
            if (event.get() instanceof TransportEvent.Received(Frame frame)) {
                all.add(frame);
            }
        }
        return all;
    }

    /// Waits for something and does not look at it.
    ///
    /// @return how many bytes it was
    int drain() throws IOException {
        int count = in.read(buffer);
        if (count < 0) {
            throw new IOException("the node hung up");
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        transport.close();
        socket.close();
    }
}
