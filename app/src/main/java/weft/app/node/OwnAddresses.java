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
    private final boolean cjdns;
    private final LocalAddresses locals;
    private final Log log;

    /// @param cjdns whether addresses that begin with fc are those of CJDNS
    OwnAddresses(boolean cjdns, LocalAddresses locals, Log log) {
        this.cjdns = cjdns;
        this.locals = locals;
        this.log = log;
    }

    /// @param port on which we listen where no address names one
    void learn(List<NetOptions.Bind> binds, int port) {
        for (NetOptions.Bind bind : binds) {
            boolean everywhere = bind.optional() && bind.address().isBindAny();
            boolean hidden = permissionsOf(bind).has(PeerPermissions.NO_BAN) || bind.onion();
            NetAddress address = meant(bind.address());
            if (everywhere) {
                learnInterfaces(port);
            } else if (!hidden && address.isRoutable()) {
                locals.add(address, LocalAddresses.BIND);
            }
        }
    }

    private static PeerPermissions permissionsOf(NetOptions.Bind bind) {
        PeerPermissions granted = bind.permissions();
        return granted == null ? PeerPermissions.NONE : granted;
    }

    private NetAddress meant(NetAddress address) {
        return cjdns ? address.flipToCjdns() : address;
    }

    private void learnInterfaces(int port) {
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp() && !each.isLoopback()) {
                    each.inetAddresses().forEach(address -> learn(each.getName(), address, port));
                }
            }
        } catch (SocketException e) {
            log.warning("Cannot list the interfaces of this machine: " + e.getMessage());
        }
    }

    private void learn(String name, InetAddress address, int port) {
        NetAddress found = meant(NetAddress.ofIp(address.getAddress(), port));
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
