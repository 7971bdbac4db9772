package weft.net;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerPermissions;
import weft.primitives.Bytes;
import weft.wire.NetAddress;

/// How sockets are used.
///
/// @param magic the four bytes of the network, in wire order
/// @param binds addresses to listen on; empty means none
/// @param v2Transport accept BIP-0324 on inbound connections
/// @param connectTimeout how long a dial may take (Core: `-timeout`)
/// @param receiveBytesMax bytes of a peer's messages that may wait for the engine (Core: `-maxreceivebuffer`)
/// @param sendBytesMax bytes that may wait for a slow peer before its requests are left unanswered
///     (Core: `-maxsendbuffer`)
/// @param proxies that we dial through
public record NetOptions(
        Bytes magic,
        List<Bind> binds,
        boolean v2Transport,
        Duration connectTimeout,
        int receiveBytesMax,
        int sendBytesMax,
        Proxies proxies) {
    /// Core's figures for everything but the network and the addresses.
    public static NetOptions of(Bytes magic, List<Bind> binds) {
        return new NetOptions(
                magic, binds, true, Duration.ofSeconds(5), 5_000_000, 1_000_000, Proxies.NONE);
    }

    /// Copies the list.
    public NetOptions {
        binds = List.copyOf(binds);
    }

    /// An address to listen on.
    ///
    /// @param address with its port
    /// @param onion who comes in here comes through our onion service
    /// @param permissions of who comes in here (`-whitebind`); null for none
    /// @param optional nobody asked for it: where it cannot be had, the program goes on without
    public record Bind(
            NetAddress address,
            boolean onion,
            @Nullable PeerPermissions permissions,
            boolean optional) {
        /// An address that must be had, without permissions.
        public static Bind of(NetAddress address, boolean onion) {
            return new Bind(address, onion, null, false);
        }

        /// The same, but the program goes on without.
        public Bind orNot() {
            return new Bind(address, onion, permissions, true);
        }
    }
}
