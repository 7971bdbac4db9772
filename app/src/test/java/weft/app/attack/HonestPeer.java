package weft.app.attack;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Transaction;
import weft.wire.BlockMessage;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.TxMessage;
import weft.wire.transport.Frame;

/// A peer that does what peers do: answers pings, gives its blocks to who asks, and asks for those that are
/// announced to it. Its messages are read on a thread of its own.
final class HonestPeer implements AutoCloseable {
    private final WirePeer wire;
    private final Thread reader;
    private final Map<BlockHash, Block> mined = new ConcurrentHashMap<>();
    private final List<BlockHeader> minedHeaders = new CopyOnWriteArrayList<>();
    private final Set<BlockHash> got = ConcurrentHashMap.newKeySet();
    private final Set<Long> pongs = ConcurrentHashMap.newKeySet();
    private final Map<String, Transaction> own = new ConcurrentHashMap<>();
    private volatile boolean leaving;
    private volatile boolean gone;

    HonestPeer(int port) throws IOException {
        wire = WirePeer.plain(port);
        try {
            wire.handshake();
        } catch (IOException | AssertionError e) {
            wire.close();
            throw e;
        }
        reader = Thread.ofVirtual().name("honest").start(this::read);
    }

    private void read() {
        try {
            while (!leaving) {
                Frame frame = wire.next(System.nanoTime() + 600_000_000_000L);
                if (frame == null) {
                    break;
                }
                hear(WirePeer.decode(frame));
            }
        } catch (IOException e) {
            // The socket ended: below.
        }
        gone = !leaving;
    }

    private void hear(Message message) throws IOException {
        switch (message) {
            case Ping(OptionalLong nonce) -> wire.send(new Pong(nonce));
            case Pong(OptionalLong nonce) -> nonce.ifPresent(pongs::add);
            case GetData(List<InvItem> items) -> serve(items);
            case GetHeaders _ -> wire.send(new Headers(List.copyOf(minedHeaders)));
            case Inv(List<InvItem> items) -> ask(items);
            case Headers(List<BlockHeader> headers) ->
                    ask(headers.stream().map(each -> InvItem.block(each.hash())).toList());
            case BlockMessage each -> got.add(each.block().hash());
            default -> {}
        }
    }

    private void serve(List<InvItem> items) throws IOException {
        for (InvItem item : items) {
            Transaction tx = own.get(item.hash().toString());
            Block block = item.isGenBlock() ? mined.get(item.blockHash()) : null;
            if (block != null) {
                wire.send(BlockMessage.of(block));
            } else if (tx != null) {
                wire.send(TxMessage.of(tx));
            }
        }
    }

    private void ask(List<InvItem> items) throws IOException {
        var wanted = new ArrayList<InvItem>();
        for (InvItem item : items) {
            if (item.isGenBlock()) {
                wanted.add(InvItem.of(InvType.WITNESS_BLOCK, item.blockHash()));
            }
        }
        if (!wanted.isEmpty()) {
            wire.send(new GetData(wanted));
        }
    }

    /// Tells of a block that it has found.
    void announce(Block block) throws IOException {
        mined.put(block.hash(), block);
        minedHeaders.add(block.header());
        wire.send(new Headers(List.of(block.header())));
    }

    /// Tells of a transaction of its own.
    void announce(Transaction tx) throws IOException {
        own.put(tx.wtxid().toString(), tx);
        wire.send(Inv.of(InvItem.wtx(tx.wtxid())));
    }

    /// Sends a block that it has found to a node that did not ask.
    void send(Block block) throws IOException {
        wire.send(BlockMessage.of(block));
    }

    /// Sends a transaction of its own.
    void send(Transaction tx) throws IOException {
        wire.send(TxMessage.of(tx));
    }

    boolean hasGot(BlockHash block) {
        return got.contains(block);
    }

    int localPort() {
        return wire.localPort();
    }

    /// Whether the node hung up.
    boolean isGone() {
        return gone;
    }

    /// How long an answer to a ping took.
    ///
    /// @return empty if none came in time
    Optional<Duration> ping(Duration patience) throws InterruptedException {
        long start = System.nanoTime();
        try {
            wire.send(new Ping(OptionalLong.of(start)));
        } catch (IOException e) {
            return Optional.empty();
        }
        while (!pongs.remove(start)) {
            if (gone || System.nanoTime() - start > patience.toNanos()) {
                return Optional.empty();
            }
            Thread.sleep(2);
        }
        return Optional.of(Duration.ofNanos(System.nanoTime() - start));
    }

    @Override
    public void close() throws IOException {
        leaving = true;
        wire.close();
        reader.interrupt();
    }
}
