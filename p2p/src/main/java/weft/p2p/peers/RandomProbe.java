package weft.p2p.peers;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.wire.AddressRange;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

/// Names random addresses of ranges that the operator chose, as the very first idea of how to find a network
/// had it. Reserved ranges are skipped, unless the operator's own network is local, and addresses of many
/// hosts at once always. Whoever drives it limits the rate.
///
/// On the public network this takes billions of tries and disturbs strangers; it is for labs and lessons.
public final class RandomProbe {
    private static final int TRIES = 1000;

    private final List<Subnet> ranges;
    private final boolean reservedToo;
    private final int port;
    private final RandomGenerator random;

    /// @param ranges of IPv4 or IPv6, at least one
    /// @param reservedToo the ranges are of a local network
    /// @param port to dial
    public RandomProbe(List<Subnet> ranges, boolean reservedToo, int port, RandomGenerator random) {
        this.ranges = List.copyOf(ranges);
        this.reservedToo = reservedToo;
        this.port = port;
        this.random = random;
    }

    /// Whether random probing may be used at all on a network.
    ///
    /// @param mainNetwork coins have value there
    /// @param insisted the operator has asked for it a second time
    public static boolean isAllowed(boolean mainNetwork, boolean insisted) {
        return !mainNetwork || insisted;
    }

    /// The next address to dial; null if the ranges hold hardly any that may be dialled.
    public @Nullable NetAddress next() {
        for (int i = 0; i < TRIES; i++) {
            NetAddress found = randomIn(ranges.get(random.nextInt(ranges.size())));
            if (mayBeHost(found) && (reservedToo || isOfTheWorld(found))) {
                return found;
            }
        }
        return null;
    }

    private static boolean mayBeHost(NetAddress address) {
        return address.isValid() && !address.isIn(AddressRange.MULTICAST);
    }

    private static boolean isOfTheWorld(NetAddress address) {
        return address.isRoutable() && !address.isIn(AddressRange.RFC1112);
    }

    private NetAddress randomIn(Subnet range) {
        NetworkId network = range.base().network();
        byte[] address = range.base().address().toByteArray();
        byte[] chance = new byte[address.length];
        random.nextBytes(chance);
        for (int i = 0; i < range.mask().length(); i++) {
            address[i] |= (byte) (chance[i] & ~range.mask().at(i));
        }
        return new NetAddress(network, weft.primitives.Bytes.wrap(address), port);
    }
}
