package weft.node;

import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.function.Consumer;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.p2p.Outbox;
import weft.p2p.PeerEngine;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerOutput;
import weft.primitives.Now;

/// A full node in one thread: the peer engine and the chain engine, joined as their loops join them in the
/// program. The simulator runs thousands of these; whoever embeds a node without threads of its own may do
/// the same.
///
/// Deterministic: the same inputs at the same times give the same outputs.
public final class Node implements PeerMachine {
    private final PeerEngine peers;
    private final ChainEngine chain;
    private final Outbox outbox = new Outbox();
    private final ArrayDeque<ChainEvent> events = new ArrayDeque<>();

    /// A node of two engines that belong to nobody else.
    public Node(PeerEngine peers, ChainEngine chain) {
        this.peers = peers;
        this.chain = chain;
    }

    /// The half that knows peers.
    public PeerEngine peers() {
        return peers;
    }

    /// The half that knows the chain.
    public ChainEngine chain() {
        return chain;
    }

    /// Loads the chain; must come before anything else.
    @Override
    public void start(Now now, Consumer<PeerOutput> out) {
        chain.start(now, events::add);
        settle(now, out);
    }

    /// Something happened to the node.
    ///
    /// @param out carries out what the node wants, in order
    @Override
    public void handle(PeerInput input, Now now, Consumer<PeerOutput> out) {
        peers.handle(input, now, outbox);
        settle(now, out);
    }

    /// The operator or a miner tells the chain engine something; what follows among the peers happens too.
    public void submit(ChainCommand command, Now now, Consumer<PeerOutput> out) {
        chain.handle(command, now, events::add);
        settle(now, out);
    }

    /// Runs something on the chain engine, such as mining a block; what follows among the peers happens too.
    ///
    /// @param action gets the engine and where its events go
    public void onChain(Now now, ChainAction action, Consumer<PeerOutput> out) {
        action.run(chain, now, events::add);
        settle(now, out);
    }

    /// Something done on the chain engine's thread.
    @FunctionalInterface
    public interface ChainAction {
        /// Does it.
        void run(ChainEngine engine, Now now, Consumer<ChainEvent> events);
    }

    private void settle(Now now, Consumer<PeerOutput> out) {
        while (true) {
            ChainEvent event = events.poll();
            if (event != null) {
                peers.handle(new PeerInput.Chain(event), now, outbox);
                continue;
            }
            PeerOutput output = outbox.poll();
            if (output == null) {
                return;
            }
            if (output instanceof PeerOutput.Chain(ChainCommand command)) {
                chain.handle(command, now, events::add);
            } else {
                out.accept(output);
            }
        }
    }

    /// When the node next wants to be called, on the monotonic clock; empty if only inputs matter.
    @Override
    public OptionalLong nextDeadlineNanos() {
        return peers.nextDeadlineNanos();
    }
}
