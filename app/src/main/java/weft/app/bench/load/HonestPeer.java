package weft.app.bench.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.CmpctBlock;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendCmpct;
import weft.wire.TxMessage;
import weft.wire.transport.Frame;

/// A peer that behaves, wants blocks as fast as may be, and notes when what it waits for has come.
final class HonestPeer implements AutoCloseable {
    private final BenchPeer peer;
    private final Map<BlockHash, Long> blocks = new ConcurrentHashMap<>();
    private final Map<Digest256, Long> transactions = new ConcurrentHashMap<>();
    private final Map<Long, Long> pings = new ConcurrentHashMap<>();
    private final List<Double> pingSeconds = new ArrayList<>();
    private volatile boolean isGone;

    HonestPeer(int port) throws IOException {
        peer = new BenchPeer(port);
        peer.greet();
        peer.send(new SendCmpct(true, 2));
    }

    /// Asks for the headers of a chain. *Rationale:* a node sends new blocks at once only to whom
    /// it has shown the block below.
    void askForHeaders(BlockHash known) throws IOException {
        peer.send(new GetHeaders(BlockLocator.of(List.of(known)), BlockHash.ZERO));
    }

    /// Hears the node until the connection ends.
    void run() {
        try {
            while (true) {
                for (Frame frame : peer.read()) {
                    hear(MessageCodec.decode(frame.command(), frame.payload(), Negotiated.CURRENT));
                }
            }
        } catch (IOException e) {
            isGone = true;
        }
    }

    private void hear(Message message) throws IOException {
        long now = System.nanoTime();
        switch (message) {
            case CmpctBlock block -> blocks.putIfAbsent(block.header().hash(), now);
            case BlockMessage(var block, var _) -> blocks.putIfAbsent(block.hash(), now);
            case Headers(List<BlockHeader> headers) when headers.size() == 1 ->
                    fetch(List.of(headers.getFirst().hash()));
            case Inv(List<InvItem> items) -> {
                items.forEach(item -> transactions.putIfAbsent(item.hash(), now));
                fetch(items.stream().filter(InvItem::isGenBlock).map(InvItem::blockHash).toList());
            }
            case Ping(OptionalLong nonce) -> peer.send(new Pong(nonce));
            case Pong(OptionalLong nonce) -> {
                Long sent = pings.remove(nonce.orElse(0));
                if (sent != null) {
                    synchronized (pingSeconds) {
                        pingSeconds.add((now - sent) / 1e9);
                    }
                }
            }
            default -> {}
        }
    }

    private void fetch(List<BlockHash> hashes) throws IOException {
        var items = new ArrayList<InvItem>();
        for (BlockHash hash : hashes) {
            if (!blocks.containsKey(hash)) {
                items.add(InvItem.of(InvType.WITNESS_BLOCK, hash));
            }
        }
        if (!items.isEmpty()) {
            peer.send(new GetData(items));
        }
    }

    void ping(long nonce) throws IOException {
        pings.put(nonce, System.nanoTime());
        peer.send(new Ping(OptionalLong.of(nonce)));
    }

    void send(Transaction tx) throws IOException {
        peer.send(TxMessage.of(tx));
    }

    /// When a block came, on the monotonic clock; null if it has not.
    @Nullable Long blockAt(BlockHash hash) {
        return blocks.get(hash);
    }

    /// When a transaction was announced; null if it was not.
    @Nullable Long announcedAt(Transaction tx) {
        return transactions.get(InvItem.wtx(tx.wtxid()).hash());
    }

    /// How long each answered ping took.
    List<Double> pingSeconds() {
        synchronized (pingSeconds) {
            return List.copyOf(pingSeconds);
        }
    }

    /// Whether the node hung up.
    boolean isGone() {
        return isGone;
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
