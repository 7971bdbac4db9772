package weft.p2p;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.jspecify.annotations.Nullable;
import weft.crypto.SipHash;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrPolicy;
import weft.p2p.addr.AddrRelay;
import weft.p2p.addr.AsMapHealth;
import weft.p2p.addr.LocalAddresses;
import weft.p2p.defence.ClockWatch;
import weft.p2p.defence.CostLedger;
import weft.p2p.defence.Countermeasures;
import weft.p2p.peers.BanList;
import weft.p2p.peers.PingManager;
import weft.p2p.sync.BlockSync;
import weft.p2p.sync.SyncRules;
import weft.p2p.tx.TxSync;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// What the parts of the engine share, made once.
final class EngineParts implements AddrPolicy {
    private static final long LIMITED_BLOCKS_MAX = 144;

    final P2pOptions options;
    final Log log;
    final AddrMan book;
    final BanList bans;
    final LocalAddresses locals;
    final Connections connections;
    final BlockSync blocks;
    final TxSync txs;
    final AddrRelay addrs;
    final PingManager pings;
    final PrivateTalks talks;
    final UploadTarget upload;

    /// Networks that can be dialled; Tor may come later.
    final Set<NetworkId> reachable = EnumSet.noneOf(NetworkId.class);

    final AsMapHealth mapHealth;
    final Variety variety;
    final LongKnownPeers longKnown;
    final List<SubProtocol> more = new ArrayList<>();
    final RandomGenerator random;
    final CostLedger costs = new CostLedger();
    final ClockWatch clock = new ClockWatch();
    final SyncRules rules;
    private final long groupSalt0;
    private final long groupSalt1;
    long nowSeconds;

    /// A peer of Tor's network answered us, so what is named as the way there is one.
    boolean torWorks;

    /// As the settings say, until the operator changes them.
    P2pOptions.Limits limits;

    EngineParts(
            P2pOptions options,
            PeerEngine.Memory memory,
            SyncRules rules,
            RandomGenerator random,
            Log log) {
        this.options = options;
        this.log = log;
        this.rules = rules;
        this.book = memory.book();
        this.bans = memory.bans();
        this.random = split(random);
        this.groupSalt0 = this.random.nextLong();
        this.groupSalt1 = this.random.nextLong();
        P2pOptions.Self self = options.self();
        this.locals =
                new LocalAddresses(options.sources().groups(), self.discover(), split(random), log);
        this.connections = new Connections(bans, options.defence().policy(), log);
        this.blocks = new BlockSync(rules, options.sync(), connections, split(random), log);
        this.txs = new TxSync(options.tx(), connections, split(random), log);
        this.connections.onChange(
                () -> {
                    blocks.forgetDeadline();
                    txs.forgetDeadline();
                });
        this.txs.shelterIn(new TxSync.Shelter(blocks::hide, blocks::show));
        this.addrs = new AddrRelay(book, this, connections, split(random), log);
        this.limits = options.limits();
        this.variety = new Variety(this, memory.met());
        this.longKnown = new LongKnownPeers(this, memory.met().longKnown());
        this.mapHealth = new AsMapHealth(book, options.sources().groups(), log);
        this.reachable.addAll(options.access().reachable());
        this.upload = new UploadTarget(limits.uploadBytesADay());
        this.pings =
                new PingManager(
                        limits.keepalive(), limits.peerTimeout(), connections, split(random), log);
        this.talks = new PrivateTalks(this);
    }

    /// The peer whose pings and silence an input concerns, and nothing else; null if it may concern more.
    /// *Rationale:* where little happens, most inputs are of that kind, and need wake nothing else. What is
    /// heard or said only puts off the moment at which a connection counts as silent, so that need not be
    /// asked anew either.
    @Nullable PeerId slightFor(PeerInput input) {
        return switch (input) {
            case PeerInput.Received(PeerId peer, Message message, int _, int _) -> {
                boolean keepalive = message instanceof Ping || message instanceof Pong;
                yield keepalive ? ready(peer) : null;
            }
            case PeerInput.Sent each -> blocks.isServing(each.peer()) ? null : each.peer();
            case PeerInput.Heard each -> ready(each.peer());
            case PeerInput.Queued each -> ready(each.peer());
            default -> null;
        };
    }

    private @Nullable PeerId ready(PeerId peer) {
        Peer found = connections.find(peer);
        return found != null && found.isReady() ? peer : null;
    }

    /// An address as it is meant here: what begins with fc is one of CJDNS for who has that network.
    NetAddress meant(NetAddress address) {
        return reachable.contains(NetworkId.CJDNS) ? address.flipToCjdns() : address;
    }

    /// A range as it is meant here; those of CJDNS have one address each.
    Subnet meant(Subnet range) {
        NetAddress base = range.base();
        NetAddress meant = meant(base);
        boolean isOne = range.equals(Subnet.of(base));
        return isOne && !meant.equals(base) ? Subnet.of(meant) : range;
    }

    /// A generator of its own where that keeps runs repeatable; else the same, which then is a secure one.
    static RandomGenerator split(RandomGenerator random) {
        return random instanceof SplittableGenerator splittable ? splittable.split() : random;
    }

    @Override
    public Countermeasures measures() {
        return options.defence().measures();
    }

    @Override
    public boolean isLaboratory() {
        return options.sources().groups().allowLocal();
    }

    void tellTime(Now now) {
        nowSeconds = now.unixSeconds();
        connections.tellTime(nowSeconds);
        if (upload.isSet()) {
            blocks.limitHistoricalBlocks(!upload.servesHistory(nowSeconds));
            txs.limitUpload(upload.isReached());
        }
    }

    /// A secret number of an address's group.
    long keyedNetGroup(NetAddress address) {
        byte[] group = options.sources().groups().groupOf(address).toByteArray();
        return SipHash.hash(groupSalt0, groupSalt1, group);
    }

    /// Services that we want of a peer, given what it offers.
    long desirableServices(long offered) {
        if (ServiceFlags.has(offered, ServiceFlags.NETWORK_LIMITED)) {
            long behind = (nowSeconds - blocks.tipTime()) / rules.targetSpacingSeconds();
            if (behind < LIMITED_BLOCKS_MAX) {
                return ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;
            }
        }
        return ServiceFlags.NETWORK | ServiceFlags.WITNESS;
    }

    @Override
    public boolean isDesirable(long services) {
        return ServiceFlags.has(services, desirableServices(services));
    }

    @Override
    public boolean isReachable(NetAddress address) {
        NetworkId network = address.network();
        return network == NetworkId.INTERNAL || reachable.contains(network);
    }

    @Override
    public boolean isUnwanted(NetAddress address) {
        return bans.isDiscouraged(address)
                || bans.isBanned(address, nowSeconds)
                || bans.isShadowed(address, nowSeconds);
    }

    @Override
    public boolean announcesSelf() {
        return options.self().listen() && !blocks.initialBlockDownload();
    }

    @Override
    public NetAddress localAddressFor(Peer peer) {
        Connection connection = connections.get(peer.id());
        NetAddress seen = connection == null ? NetAddress.UNSPECIFIED : connection.addrLocal;
        return locals.forPeer(peer, seen, options.self().port());
    }

    @Override
    public long ourServices(Peer peer) {
        boolean bloom = peer.permissions().has(PeerPermissions.BLOOM_FILTER);
        return services() | (bloom ? ServiceFlags.BLOOM : 0);
    }

    /// What we offer to everybody, as things stand now.
    long services() {
        long all = options.self().services();
        return blocks.hasHistory() ? all : all & ~ServiceFlags.NETWORK;
    }

    /// Whether this peer's transactions are unwelcome.
    boolean rejectsTxs(Peer peer) {
        return switch (peer.type()) {
            case BLOCK_RELAY_ONLY, FEELER, PRIVATE_BROADCAST -> true;
            case INBOUND, OUTBOUND_FULL_RELAY, MANUAL, ADDR_FETCH ->
                    options.tx().blocksOnly() && !peer.permissions().has(PeerPermissions.RELAY);
        };
    }
}
