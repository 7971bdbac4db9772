package weft.p2p;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.wire.Message;

/// What the peer engine decided, in the order of its decisions. Owned and drained by the driver.
public final class Outbox {
    private final ArrayDeque<PeerOutput> queue = new ArrayDeque<>();

    /// An empty outbox.
    public Outbox() {}

    /// Adds any output.
    public void add(PeerOutput output) {
        queue.add(output);
    }

    /// Sends a message to a peer.
    public void send(PeerId peer, Message message) {
        queue.add(new PeerOutput.Send(peer, message));
    }

    /// Closes a connection.
    public void disconnect(PeerId peer, String why) {
        queue.add(new PeerOutput.Disconnect(peer, why));
    }

    /// Tells the chain engine.
    public void chain(ChainCommand command) {
        queue.add(new PeerOutput.Chain(command));
    }

    /// Tells who listens.
    public void emit(PeerEvent event) {
        queue.add(new PeerOutput.Emit(event));
    }

    /// Takes the oldest output; null if there is none.
    public @Nullable PeerOutput poll() {
        return queue.poll();
    }

    /// How many wait.
    public int size() {
        return queue.size();
    }

    /// The outputs that wait behind the first so many, in order.
    List<PeerOutput> since(int count) {
        return queue.size() == count ? List.of() : queue.stream().skip(count).toList();
    }

    /// Whether nothing waits.
    public boolean isEmpty() {
        return queue.isEmpty();
    }
}
