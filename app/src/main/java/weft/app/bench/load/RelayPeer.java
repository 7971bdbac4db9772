package weft.app.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.TxMessage;
import weft.wire.transport.Frame;

/// A peer that announces transactions and sends those that are asked for. Everything is put into its bytes
/// before, so that this end costs little.
final class RelayPeer implements AutoCloseable {
    private static final int INV_ITEMS = 500;

    /// Announced and not asked for yet, at most; a node forgets what goes beyond 5,000.
    private static final int OPEN_MAX = 2_000;

    private final BenchPeer peer;
    private final List<InvItem> items = new ArrayList<>();
    private final Map<Digest256, Bytes> frames = new HashMap<>();
    private int announced;
    private int served;

    RelayPeer(int port, List<Transaction> transactions) throws IOException {
        peer = new BenchPeer(port);
        for (Transaction tx : transactions) {
            InvItem item = InvItem.wtx(tx.wtxid());
            items.add(item);
            frames.put(item.hash(), BenchPeer.framed(TxMessage.of(tx)));
        }
    }

    /// Says hello and waits for the answer.
    void greet() throws IOException {
        peer.greet();
    }

    /// Announces everything and serves it; returns when all was asked for.
    void run() throws IOException {
        announce();
        while (served < items.size()) {
            for (Frame frame : peer.read()) {
                switch (MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT)) {
                    case GetData(List<InvItem> wanted) -> serve(wanted);
                    case Ping ping -> peer.send(new Pong(ping.nonce()));
                    default -> {}
                }
            }
        }
    }

    private void announce() throws IOException {
        while (announced < items.size() && announced - served <= OPEN_MAX - INV_ITEMS) {
            int end = Math.min(items.size(), announced + INV_ITEMS);
            peer.send(new Inv(items.subList(announced, end)));
            announced = end;
        }
    }

    private void serve(List<InvItem> wanted) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (InvItem item : wanted) {
            Bytes frame = frames.get(item.hash());
            if (frame != null) {
                bytes.write(frame.backingArray(), frame.backingOffset(), frame.length());
                served++;
            }
        }
        peer.write(Bytes.wrap(bytes.toByteArray()));
        announce();
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
