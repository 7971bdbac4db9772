package weft.p2p;

import java.time.Duration;
import java.util.List;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.peers.Keepalive;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.TxOptions;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// Settings of the peer engine; no part of it knows the names of command-line options.
///
/// @param self what we are to others
/// @param limits how many and how long
/// @param sources where addresses come from
/// @param access who may do what
/// @param sync of blocks
/// @param tx of transactions
/// @param defence against attackers
public record P2pOptions(
        Self self,
        Limits limits,
        Sources sources,
        Access access,
        SyncOptions sync,
        TxOptions tx,
        DefenceOptions defence) {
    /// With the usual defence.
    public P2pOptions(
            Self self,
            Limits limits,
            Sources sources,
            Access access,
            SyncOptions sync,
            TxOptions tx) {
        this(self, limits, sources, access, sync, tx, DefenceOptions.DEFAULT);
    }

    /// The protocol version from which `wtxidrelay` is sent. See BIP-0339.
    public static final int WTXID_RELAY_VERSION = 70_016;

    /// What we are to others.
    ///
    /// @param port on which nodes of this network usually listen, and we too
    /// @param services that we offer; with [ServiceFlags#P2P_V2] we dial by BIP-0324 where they know it
    /// @param userAgent as in `version`
    /// @param listen whether anybody can dial us
    /// @param discover believe what peers say of our address
    /// @param addresses ours, as the operator named them (`-externalip`)
    /// @param txReconciliation offer BIP-0330
    public record Self(
            int port,
            long services,
            String userAgent,
            boolean listen,
            boolean discover,
            List<NetAddress> addresses,
            boolean txReconciliation) {
        /// Copies the list.
        public Self {
            addresses = List.copyOf(addresses);
        }
    }

    /// How many and how long.
    ///
    /// @param fullRelay outbound connections that relay everything
    /// @param blockRelay outbound connections for blocks only
    /// @param inbound connections of those who dial us
    /// @param peerTimeout after connecting, nobody is dropped for being silent for so long
    /// @param keepalive how silent connections are probed
    /// @param uploadBytesADay that we mean to send at most; 0 for no limit
    /// @param best of the full-relay ones, how many to keep in the long run; 0 for all
    public record Limits(
            int fullRelay,
            int blockRelay,
            int inbound,
            Duration peerTimeout,
            Keepalive keepalive,
            long uploadBytesADay,
            int best) {
        private static final int FULL_RELAY = 8;
        private static final int BLOCK_RELAY = 2;
        private static final int FEELERS = 1;
        private static final int INBOUND = 125;

        /// 8 + 2 outbound, 125 inbound.
        public static final Limits DEFAULT =
                new Limits(
                        FULL_RELAY,
                        BLOCK_RELAY,
                        INBOUND,
                        Duration.ofSeconds(60),
                        Keepalive.CORE,
                        0,
                        0);

        /// Keeping all.
        public Limits(
                int fullRelay,
                int blockRelay,
                int inbound,
                Duration peerTimeout,
                Keepalive keepalive,
                long uploadBytesADay) {
            this(fullRelay, blockRelay, inbound, peerTimeout, keepalive, uploadBytesADay, 0);
        }

        /// Bitcoin Core's share-out of a total (`-maxconnections`).
        public static Limits ofTotal(int total) {
            int full = Math.min(FULL_RELAY, total);
            int block = Math.min(BLOCK_RELAY, total - full);
            int inbound = Math.max(0, total - full - block - FEELERS);
            return new Limits(full, block, inbound, DEFAULT.peerTimeout, DEFAULT.keepalive, 0);
        }

        /// With another number of inbound connections (`-maxinbound`).
        public Limits withInbound(int count) {
            return withCounts(fullRelay, blockRelay, count);
        }

        /// With other numbers of connections.
        public Limits withCounts(int full, int block, int incoming) {
            return new Limits(full, block, incoming, peerTimeout, keepalive, uploadBytesADay, best);
        }

        /// With other patience.
        public Limits withTimes(Duration timeout, Keepalive profile) {
            return new Limits(
                    fullRelay, blockRelay, inbound, timeout, profile, uploadBytesADay, best);
        }

        /// With a limit to what we send in a day (`-maxuploadtarget`).
        ///
        /// @param bytes 0 for no limit
        public Limits withUpload(long bytes) {
            return new Limits(fullRelay, blockRelay, inbound, peerTimeout, keepalive, bytes, best);
        }

        /// Keeping the best of the full-relay connections only (`-targetpeers`).
        ///
        /// @param count 0 for all
        public Limits withBest(int count) {
            return new Limits(
                    fullRelay, blockRelay, inbound, peerTimeout, keepalive, uploadBytesADay, count);
        }
    }

    /// Where addresses come from.
    ///
    /// @param automatic dial addresses from the book; false with `-connect`
    /// @param connect dial these and nothing else (`-connect`)
    /// @param addNodes keep connections to these (`-addnode`)
    /// @param seedNodes ask these for addresses once (`-seednode`)
    /// @param dns names that answer with addresses
    /// @param fixed addresses known when the program was built
    /// @param fallBack whether those are used when nothing else helps
    /// @param anchors block-relay-only peers of the last run
    /// @param groups which addresses belong together
    public record Sources(
            boolean automatic,
            List<String> connect,
            List<String> addNodes,
            List<String> seedNodes,
            Dns dns,
            List<AddressEntry> fixed,
            boolean fallBack,
            List<AddressEntry> anchors,
            NetGroups groups,
            Probe probe) {
        /// Copies the lists.
        public Sources {
            connect = List.copyOf(connect);
            addNodes = List.copyOf(addNodes);
            seedNodes = List.copyOf(seedNodes);
            fixed = List.copyOf(fixed);
            anchors = List.copyOf(anchors);
        }

        /// Nothing but the book and what the operator says.
        public static Sources of(NetGroups groups) {
            return new Sources(
                    true, List.of(), List.of(), List.of(), Dns.NONE, List.of(), false, List.of(),
                    groups, Probe.OFF);
        }

        /// Dialling nobody unless told to (`-connect=0`).
        public Sources quiet() {
            return new Sources(
                    false, connect, addNodes, seedNodes, dns, fixed, fallBack, anchors, groups,
                    probe);
        }

        /// With peers to dial, and nobody else (`-connect`).
        public Sources withConnect(List<String> nodes) {
            return new Sources(
                    false, nodes, addNodes, seedNodes, dns, fixed, fallBack, anchors, groups,
                    probe);
        }

        /// With peers to keep (`-addnode`).
        public Sources withAddNodes(List<String> nodes) {
            return new Sources(
                    automatic, connect, nodes, seedNodes, dns, fixed, fallBack, anchors, groups,
                    probe);
        }

        /// With peers to ask for addresses (`-seednode`).
        public Sources withSeedNodes(List<String> nodes) {
            return new Sources(
                    automatic, connect, addNodes, nodes, dns, fixed, fallBack, anchors, groups,
                    probe);
        }

        /// With names to look up.
        public Sources withDns(Dns names) {
            return new Sources(
                    automatic, connect, addNodes, seedNodes, names, fixed, fallBack, anchors,
                    groups, probe);
        }

        /// With addresses to fall back on.
        public Sources withFixed(List<AddressEntry> addresses) {
            return new Sources(
                    automatic, connect, addNodes, seedNodes, dns, addresses, true, anchors, groups,
                    probe);
        }

        /// With block-relay-only peers of the last run.
        public Sources withAnchors(List<AddressEntry> addresses) {
            return new Sources(
                    automatic, connect, addNodes, seedNodes, dns, fixed, fallBack, addresses,
                    groups, probe);
        }

        /// With another view of which addresses belong together.
        public Sources withGroups(NetGroups view) {
            return new Sources(
                    automatic, connect, addNodes, seedNodes, dns, fixed, fallBack, anchors, view,
                    probe);
        }

        /// With ranges to probe.
        public Sources withProbe(Probe ranges) {
            return new Sources(
                    automatic, connect, addNodes, seedNodes, dns, fixed, fallBack, anchors, groups,
                    ranges);
        }
    }

    /// DNS seeds.
    ///
    /// @param seeds their names
    /// @param enabled `-dnsseed`
    /// @param forced ask even when the book is full (`-forcednsseed`)
    /// @param byProxy names are not looked up here, since a proxy does that when it dials
    public record Dns(List<String> seeds, boolean enabled, boolean forced, boolean byProxy) {
        /// Asks nobody.
        public static final Dns NONE = new Dns(List.of(), false, false, false);

        /// Names that are looked up here.
        public Dns(List<String> seeds, boolean enabled, boolean forced) {
            this(seeds, enabled, forced, false);
        }

        /// Copies the list.
        public Dns {
            seeds = List.copyOf(seeds);
        }
    }

    /// Random probing of ranges that the operator named, until nodes answer.
    ///
    /// @param ranges empty for no probing
    /// @param interval between dials
    public record Probe(List<Subnet> ranges, Duration interval) {
        /// No probing.
        public static final Probe OFF = new Probe(List.of(), Duration.ofSeconds(1));

        /// Copies the list.
        public Probe {
            ranges = List.copyOf(ranges);
        }
    }

    /// Who may do what.
    ///
    /// @param whitelist permissions by range
    /// @param reachable networks that we can dial from the start, and want to (`-onlynet`, proxies); see
    ///     [PeerCommand.Reach]
    /// @param networkActive begin with networking on
    public record Access(
            List<Whitelisted> whitelist, List<NetworkId> reachable, boolean networkActive) {
        /// Nobody may do anything special; IPv4 and IPv6 can be reached.
        public static final Access DEFAULT =
                new Access(List.of(), List.of(NetworkId.IPV4, NetworkId.IPV6), true);

        /// Copies the lists.
        public Access {
            whitelist = List.copyOf(whitelist);
            reachable = List.copyOf(reachable);
        }
    }

    /// Permissions of a range (`-whitelist`).
    ///
    /// @param incoming they hold for who dials us
    /// @param outgoing they hold for manual connections of ours
    public record Whitelisted(
            Subnet subnet, PeerPermissions permissions, boolean incoming, boolean outgoing) {}

    /// A full node with default settings that knows no addresses yet.
    ///
    /// @param port usual port of the network
    public static P2pOptions of(int port, NetGroups groups) {
        long services =
                ServiceFlags.NETWORK
                        | ServiceFlags.WITNESS
                        | ServiceFlags.NETWORK_LIMITED
                        | ServiceFlags.P2P_V2;
        var self = new Self(port, services, "/weft:0.1.0/", true, true, List.of(), false);
        return new P2pOptions(
                self,
                Limits.DEFAULT,
                Sources.of(groups),
                Access.DEFAULT,
                SyncOptions.of(services),
                TxOptions.of(services));
    }

    /// With other settings of ourselves.
    public P2pOptions with(Self changed) {
        return new P2pOptions(changed, limits, sources, access, sync, tx, defence);
    }

    /// With other limits.
    public P2pOptions with(Limits changed) {
        return new P2pOptions(self, changed, sources, access, sync, tx, defence);
    }

    /// With other sources.
    public P2pOptions with(Sources changed) {
        return new P2pOptions(self, limits, changed, access, sync, tx, defence);
    }

    /// With other permissions.
    public P2pOptions with(Access changed) {
        return new P2pOptions(self, limits, sources, changed, sync, tx, defence);
    }

    /// With other settings of blocks.
    public P2pOptions with(SyncOptions changed) {
        return new P2pOptions(self, limits, sources, access, changed, tx, defence);
    }

    /// With other settings of transactions.
    public P2pOptions with(TxOptions changed) {
        return new P2pOptions(self, limits, sources, access, sync, changed, defence);
    }

    /// With other settings of the defence.
    public P2pOptions with(DefenceOptions changed) {
        return new P2pOptions(self, limits, sources, access, sync, tx, changed);
    }
}
