package weft.sim;

import java.util.Arrays;
import java.util.Optional;
import weft.primitives.address.Base58;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// A name on IRC that says where a node is, as Bitcoin's first versions had it: `u`, then the four bytes of
/// its IPv4 address and the two of its port in Base58 with a checksum.
final class IrcNick {
    private static final String PREFIX = "u";
    private static final int IP_BYTES = 4;
    private static final int BYTES = 6;

    private IrcNick() {}

    /// @return empty if it is no IPv4 address
    static Optional<String> of(NetAddress address) {
        if (address.network() != NetworkId.IPV4) {
            return Optional.empty();
        }
        byte[] ip = address.addrBytes().toByteArray();
        var all = new byte[BYTES];
        System.arraycopy(ip, ip.length - IP_BYTES, all, 0, IP_BYTES);
        all[IP_BYTES] = (byte) (address.port() >>> 8);
        all[IP_BYTES + 1] = (byte) address.port();
        return Optional.of(PREFIX + Base58.encodeChecked(all));
    }

    /// @return empty if the name says nothing
    static Optional<NetAddress> read(String nick) {
        return nick.startsWith(PREFIX)
                ? Base58.decodeChecked(nick.substring(PREFIX.length()), BYTES)
                        .filter(each -> each.length == BYTES)
                        .map(IrcNick::address)
                : Optional.empty();
    }

    private static NetAddress address(byte[] all) {
        int port = (all[IP_BYTES] & 0xff) << 8 | (all[IP_BYTES + 1] & 0xff);
        return NetAddress.ofIp(Arrays.copyOf(all, IP_BYTES), port);
    }
}
