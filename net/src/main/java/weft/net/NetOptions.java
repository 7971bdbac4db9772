package weft.net;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerPermissions;
import weft.p2p.defence.WorkQuota;
import weft.primitives.Bytes;
import weft.wire.NetAddress;

/// How sockets are used.
///
/// @param magic the four bytes of the network, in wire order
/// @param binds addresses to listen on; empty means none
/// @param v2Transport accept BIP-0324 on inbound connections
/// @param connectTimeout how long a dial may take (Core: `-timeout`)
/// @param bounds what peers may make us keep and do
/// @param proxies that we dial through
/// @param i2p the bridge to I2P, if there is one
/// @param tor the control port of Tor, where we want an onion service
/// @param mapsPort have gateways let others reach our port
public record NetOptions(
        Bytes magic,
        List<Bind> binds,
        boolean v2Transport,
        Duration connectTimeout,
        Bounds bounds,
        Proxies proxies,
        Optional<I2p> i2p,
        Optional<Tor> tor,
        boolean mapsPort) {
    /// Core's figures for everything but the network and the addresses.
    public static NetOptions of(Bytes magic, List<Bind> binds) {
        return new NetOptions(
                magic,
                binds,
                true,
                Duration.ofSeconds(5),
                Bounds.DEFAULT,
                Proxies.NONE,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /// Copies the list.
    public NetOptions {
        binds = List.copyOf(binds);
    }

    /// What peers may make us keep and do.
    ///
    /// @param receiveBytesMax bytes of a peer's messages that may wait for the engine
    ///     (Core: `-maxreceivebuffer`)
    /// @param sendBytesMax bytes that may wait for a slow peer before its requests are left unanswered
    ///     (Core: `-maxsendbuffer`)
    /// @param workPercent of a core that inbound peers may take together; 0 for no limit
    /// @param commonBytesMax bytes that all peers together may have us hold of what came in and is not
    ///     handled yet
    public record Bounds(
            int receiveBytesMax, int sendBytesMax, int workPercent, long commonBytesMax) {
        /// Core's figures, and [WorkQuota]'s; together 256 MB, and no more than a quarter of the heap.
        public static final Bounds DEFAULT =
                new Bounds(
                        5_000_000, 1_000_000, WorkQuota.DEFAULT_PERCENT, ReceiveBudget.fitting());
    }

    /// Tor, as far as it is ours to control (`-torcontrol`, `-listenonion`).
    ///
    /// @param control where its control port listens
    /// @param password to log in with; empty for none
    /// @param keyFile holds the key of our onion address; made if it is missing
    /// @param reach whether Tor shall say where its proxy is, and whether onion addresses may be dialled then
    /// @param port that others dial
    /// @param target where those come out on this machine
    public record Tor(
            NetAddress control,
            String password,
            Path keyFile,
            Reach reach,
            int port,
            NetAddress target) {
        /// What a proxy that Tor names is for.
        public enum Reach {
            /// The operator named another.
            NOTHING,
            /// Addresses that the operator names; others are not dialled (`-onlynet`).
            NAMED,
            /// All onion addresses.
            ALL
        }

        boolean setsProxy() {
            return reach != Reach.NOTHING;
        }

        boolean mayReach() {
            return reach == Reach.ALL;
        }
    }

    /// A program that speaks SAM 3.1 and brings us into I2P (`-i2psam`).
    ///
    /// @param sam where it listens
    /// @param keyFile holds the key of our address, under which others dial us; made if it is missing. Empty
    ///     where nobody shall, and each of our connections has an address of its own
    public record I2p(NetAddress sam, Optional<Path> keyFile) {}

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
