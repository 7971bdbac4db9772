package weft.sim;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import weft.p2p.ConnectionType;
import weft.p2p.DialId;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerOutput;
import weft.primitives.Now;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// Somebody who connects to as many nodes as it likes, and listens: it makes the handshake, answers pings,
/// and neither asks for anything nor tells anything. To each node it is one inbound peer more.
final class Supernode implements PeerMachine {
    private final List<NetAddress> targets;

    /// @param targets whom it connects to
    Supernode(List<NetAddress> targets) {
        this.targets = List.copyOf(targets);
    }

    @Override
    public void start(Now now, Consumer<PeerOutput> out) {
        for (int i = 0; i < targets.size(); i++) {
            out.accept(
                    new PeerOutput.Connect(
                            new DialId(i), targets.get(i), ConnectionType.MANUAL, false));
        }
    }

    @Override
    public void handle(PeerInput input, Now now, Consumer<PeerOutput> out) {
        if (input instanceof PeerInput.TransportReady ready) {
            PeerId peer = ready.peer();
            out.accept(new PeerOutput.Send(peer, EclipseTarget.version(peer.value())));
        } else if (input instanceof PeerInput.Received each) {
            switch (each.message()) {
                case VersionMessage _ -> {
                    out.accept(new PeerOutput.Send(each.peer(), new WtxidRelay()));
                    out.accept(new PeerOutput.Send(each.peer(), new Verack()));
                }
                case Ping ping ->
                        out.accept(
                                new PeerOutput.Send(each.peer(), Pong.of(ping.nonce().orElse(0))));
                default -> {}
            }
        }
    }

    @Override
    public OptionalLong nextDeadlineNanos() {
        return OptionalLong.empty();
    }
}
