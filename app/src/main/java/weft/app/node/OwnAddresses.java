package weft.app.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import weft.net.NetOptions;
import weft.p2p.PeerPermissions;
import weft.p2p.addr.LocalAddresses;
import weft.primitives.log.Log;
import weft.wire.NetAddress;

/// Finds addresses at which the world may reach us: those that we listen on, or where we listen on all, those
/// of the machine.
final class OwnAddresses {
    private OwnAddresses() {}

    /// @param port on which we listen where no address names one
    static void learn(List<NetOptions.Bind> binds, int port, LocalAddresses locals, Log log) {
        for (NetOptions.Bind bind : binds) {
            boolean everywhere = bind.optional() && bind.address().isBindAny();
            boolean hidden = permissionsOf(bind).has(PeerPermissions.NO_BAN) || bind.onion();
            if (everywhere) {
                learnInterfaces(port, locals, log);
            } else if (!hidden && bind.address().isRoutable()) {
                locals.add(bind.address(), LocalAddresses.BIND);
            }
        }
    }

    private static PeerPermissions permissionsOf(NetOptions.Bind bind) {
        PeerPermissions granted = bind.permissions();
        return granted == null ? PeerPermissions.NONE : granted;
    }

    private static void learnInterfaces(int port, LocalAddresses locals, Log log) {
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp() && !each.isLoopback()) {
                    each.inetAddresses()
                            .forEach(address -> learn(each.getName(), address, port, locals, log));
                }
            }
        } catch (SocketException e) {
            log.warning("Cannot list the interfaces of this machine: " + e.getMessage());
        }
    }

    private static void learn(
            String name, InetAddress address, int port, LocalAddresses locals, Log log) {
        NetAddress found = NetAddress.ofIp(address.getAddress(), port);
        if (locals.add(found, LocalAddresses.INTERFACE)) {
            log.info(
                    "Discover: "
                            + found.network().label()
                            + " "
                            + name
                            + ": "
                            + found.addressText());
        }
    }
}
