package weft.p2p.addr;

import weft.p2p.Peer;
import weft.p2p.defence.Countermeasures;
import weft.wire.NetAddress;

/// What [AddrRelay] asks of the rest of the engine.
public interface AddrPolicy {
    /// Whether we can dial addresses of this network.
    boolean isReachable(NetAddress address);

    /// Whether an address is banned or discouraged.
    boolean isUnwanted(NetAddress address);

    /// Whether a node that offers these services is one we would choose.
    boolean isDesirable(long services);

    /// Whether we tell peers where we are now: we listen and are in sync.
    boolean announcesSelf();

    /// The address of ours that a peer should know; [NetAddress#UNSPECIFIED] for none.
    NetAddress localAddressFor(Peer peer);

    /// The services that we offer a peer.
    long ourServices(Peer peer);

    /// Which measures against attackers are on: all but in experiments.
    default Countermeasures measures() {
        return Countermeasures.ALL;
    }

    /// Whether local addresses count as any others do: a network on one machine.
    boolean isLaboratory();
}
