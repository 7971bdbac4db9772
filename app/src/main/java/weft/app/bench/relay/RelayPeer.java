package weft.app.bench.relay;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;
import weft.wire.transport.Frame;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;
import weft.wire.transport.V1Transport;

/// A peer that announces transactions and sends those that are asked for. Everything is put into its bytes
/// before, so that this end costs little.
final class RelayPeer implements AutoCloseable {
    private static final int INV_ITEMS = 500;

    /// Announced and not asked for yet, at most; a node forgets what goes beyond 5,000.
    private static final int OPEN_MAX = 2_000;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Transport transport = Transport.v1(0, Magic.REGTEST);
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final List<InvItem> items = new ArrayList<>();
    private final Map<Digest256, Bytes> frames = new HashMap<>();
    private int announced;
    private int served;

    RelayPeer(int port, List<Transaction> transactions) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
        for (Transaction tx : transactions) {
            InvItem item = InvItem.wtx(tx.wtxid());
            items.add(item);
            frames.put(item.hash(), framed(TxMessage.of(tx)));
        }
    }

    private static Bytes framed(Message message) {
        return V1Transport.frame(Magic.REGTEST, message.command(), MessageCodec.encode(message));
    }

    private void send(Message message) throws IOException {
        out.write(framed(message).toByteArray());
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

    /// Announces everything and serves it; returns when all was asked for.
    void run() throws IOException {
        announce();
        while (served < items.size()) {
            for (Frame frame : read()) {
                switch (MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT)) {
                    case GetData(List<InvItem> wanted) -> serve(wanted);
                    case Ping ping -> send(new Pong(ping.nonce()));
                    default -> {}
                }
            }
        }
    }

    private void announce() throws IOException {
        while (announced < items.size() && announced - served <= OPEN_MAX - INV_ITEMS) {
            int end = Math.min(items.size(), announced + INV_ITEMS);
            send(new Inv(items.subList(announced, end)));
            announced = end;
        }
    }

    private void serve(List<InvItem> wanted) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (InvItem item : wanted) {
            Bytes frame = frames.get(item.hash());
            if (frame != null) {
                bytes.write(frame.backingArray(), frame.backingOffset(), frame.length());
                served++;
            }
        }
        bytes.writeTo(out);
        announce();
    }

    private List<Frame> read() throws IOException {
        int count = in.read(buffer);
        if (count < 0) {
            throw new IOException("the node hung up");
        }
        transport.push(buffer, 0, count);
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

    @Override
    public void close() throws IOException {
        transport.close();
        socket.close();
    }
}
