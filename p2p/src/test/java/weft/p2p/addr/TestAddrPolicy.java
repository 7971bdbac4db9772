package weft.p2p.addr;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import weft.p2p.Peer;
import weft.p2p.defence.Countermeasures;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// What the rest of a node says, as a history wants it.
final class TestAddrPolicy implements AddrPolicy {
    final boolean laboratory;
    final Countermeasures measures;
    final Set<NetworkId> reachable = EnumSet.of(NetworkId.IPV4);
    final Set<NetAddress> unwanted = new HashSet<>();
    final List<NetAddress> locals = new ArrayList<>();
    boolean announces;

    TestAddrPolicy(SplittableRandom random, boolean laboratory) {
        this.laboratory = laboratory;
        measures = random.nextInt(6) == 0 ? Countermeasures.NONE : Countermeasures.ALL;
        for (NetworkId each : NetworkId.values()) {
            if (random.nextBoolean()) {
                reachable.add(each);
            }
        }
        announces = random.nextBoolean();
    }

    @Override
    public boolean isReachable(NetAddress address) {
        return reachable.contains(address.network());
    }

    @Override
    public boolean isUnwanted(NetAddress address) {
        return unwanted.contains(address);
    }

    @Override
    public boolean isDesirable(long services) {
        return ServiceFlags.has(services, ServiceFlags.WITNESS | ServiceFlags.COMPACT_FILTERS);
    }

    @Override
    public boolean announcesSelf() {
        return announces;
    }

    @Override
    public NetAddress localAddressFor(Peer peer) {
        return locals.get((int) (peer.id().value() % locals.size()));
    }

    @Override
    public long ourServices(Peer peer) {
        return ServiceFlags.NETWORK | (peer.isInbound() ? ServiceFlags.BLOOM : 0);
    }

    @Override
    public Countermeasures measures() {
        return measures;
    }

    @Override
    public boolean isLaboratory() {
        return laboratory;
    }
}
