package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendTxRcncl;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// All that was heard on each connection, and what [Handshake] must know of it: read out anew at each
/// question.
final class HandshakeDiary {
    static final int OURS = 70_017;
    private static final long DAY = 86_400;

    /// What we are and want.
    ///
    /// @param reconciles we offer BIP-0330
    /// @param counts points are counted
    record Self(
            long services,
            String userAgent,
            boolean reconciles,
            boolean blocksOnly,
            boolean counts) {}

    /// A peer said something.
    ///
    /// @param tip time of our tip then
    /// @param taken whether it was good enough, where it is a `version`
    private record Heard(Message message, long seconds, long tip, boolean taken) {}

    /// The first `version` of a connection.
    private record Hello(One by, VersionMessage message, Heard heard) {}

    /// A message came before `version`.
    private record Early(NetAddress host, long seconds) {}

    /// A connection, with what was fixed when it opened.
    static final class One {
        final PeerId id;
        final ConnectionType type;
        final NetAddress address;
        final PeerPermissions permissions;
        final long nonce;
        final long dialled;
        final boolean shadowed;
        final String transport;
        private final List<Heard> heard = new ArrayList<>();
        boolean dropped;
        boolean gone;

        One(Connection opened) {
            id = opened.id();
            type = opened.peer.type();
            address = opened.peer.address();
            permissions = opened.peer.permissions();
            nonce = opened.nonce;
            dialled = opened.dial.services();
            shadowed = opened.shadowed;
            transport = opened.transport.name().toLowerCase(Locale.ROOT);
        }

        boolean isInbound() {
            return type == ConnectionType.INBOUND;
        }

        boolean isPrivate() {
            return type == ConnectionType.PRIVATE_BROADCAST;
        }

        /// Where points are kept.
        private NetAddress host() {
            return address.isLocal() ? address : address.withPort(0);
        }
    }

    final Self self;
    private final List<Hello> hellos = new ArrayList<>();
    private final List<Early> earlies = new ArrayList<>();
    final List<One> all = new ArrayList<>();

    // What stands now.
    long seconds;
    long tip;
    int height;
    boolean lacksHistory;

    HandshakeDiary(Self self) {
        this.self = self;
    }

    // ---- what is written down

    One open(Connection connection) {
        var one = new One(connection);
        all.add(one);
        return one;
    }

    /// @param taken whether it is good enough, where it is a `version`
    void write(One by, Message message, boolean taken) {
        var heard = new Heard(message, seconds, tip, taken);
        if (message instanceof VersionMessage version && hello(by) == null) {
            hellos.add(new Hello(by, version, heard));
        }
        by.heard.add(heard);
    }

    void writeEarly(One by) {
        earlies.add(new Early(by.host(), seconds));
    }

    // ---- what is known of a peer

    private @Nullable Hello hello(One of) {
        return hellos.stream().filter(each -> each.by == of).findFirst().orElse(null);
    }

    /// Its `version`, if it was good enough.
    @Nullable VersionMessage theirs(One one) {
        Hello hello = hello(one);
        return hello != null && hello.heard.taken ? hello.message : null;
    }

    int common(One one) {
        VersionMessage theirs = theirs(one);
        return theirs == null ? 0 : Math.min(theirs.version(), OURS);
    }

    /// All after `version`.
    private List<Message> later(One one) {
        if (theirs(one) == null) {
            return List.of();
        }
        List<Message> said = one.heard.stream().map(Heard::message).toList();
        int first = 0;
        while (!(said.get(first) instanceof VersionMessage)) {
            first++;
        }
        return said.subList(first + 1, said.size());
    }

    boolean isSettled(One one) {
        return later(one).contains(new Verack());
    }

    /// What came between `version` and `verack`.
    List<Message> between(One one) {
        return later(one).stream().takeWhile(each -> !(each instanceof Verack)).toList();
    }

    boolean wtxidRelay(One one) {
        return common(one) >= 70_016 && between(one).contains(new WtxidRelay());
    }

    boolean addrV2(One one) {
        return between(one).contains(new SendAddrV2());
    }

    /// It wants transactions, and the connection is for them.
    boolean relaysTxs(One one) {
        VersionMessage theirs = theirs(one);
        return theirs != null
                && theirs.relay()
                && one.type != ConnectionType.BLOCK_RELAY_ONLY
                && one.type != ConnectionType.FEELER;
    }

    /// Whether we want no transactions of it.
    boolean refusesTxs(One one) {
        return one.type == ConnectionType.BLOCK_RELAY_ONLY
                || one.type == ConnectionType.FEELER
                || (self.blocksOnly && !one.permissions.has(PeerPermissions.RELAY));
    }

    boolean offersReconciliation(One one) {
        return self.reconciles
                && common(one) >= 70_016
                && relaysTxs(one)
                && one.type != ConnectionType.ADDR_FETCH
                && !self.blocksOnly;
    }

    boolean isRegistered(One one) {
        return offersReconciliation(one)
                && between(one).stream()
                        .anyMatch(each -> each instanceof SendTxRcncl offer && offer.version() > 0);
    }

    Connection.Reconciliation reconciliation(One one) {
        boolean registered = isRegistered(one);
        if (!offersReconciliation(one) || (isSettled(one) && !(registered && wtxidRelay(one)))) {
            return Connection.Reconciliation.NONE;
        }
        return registered
                ? Connection.Reconciliation.REGISTERED
                : Connection.Reconciliation.OFFERED;
    }

    /// Whether it wants new blocks as compact blocks at once; the last word counts, of those in the form
    /// that there is.
    boolean wantsCompact(One one) {
        boolean wants = false;
        for (Message each : between(one)) {
            if (each instanceof SendCmpct(boolean high, long version) && version == 2) {
                wants = high;
            }
        }
        return wants;
    }

    NetAddress addrLocal(One one) {
        VersionMessage theirs = theirs(one);
        return theirs == null ? NetAddress.UNSPECIFIED : theirs.addrYou().address();
    }

    String userAgent(One one) {
        VersionMessage theirs = theirs(one);
        return theirs == null ? "" : safe(theirs.userAgent());
    }

    static String safe(String text) {
        return text.replaceAll("[^a-zA-Z0-9 .,;_/:?@()-]", "");
    }

    /// Its clock minus ours.
    long offset(One one) {
        Hello hello = hello(one);
        return hello == null || !hello.heard.taken ? 0 : offset(hello);
    }

    private static long offset(Hello hello) {
        long theirs = hello.message.timestamp();
        return (theirs < 0 ? 0 : theirs) - hello.heard.seconds;
    }

    boolean hasWantedServices(One one) {
        Hello hello = hello(one);
        return hello != null
                && hello.heard.taken
                && isEnough(hello.message.services(), hello.heard.seconds, hello.heard.tip);
    }

    static boolean isEnough(long services, long seconds, long tip) {
        long wanted = wanted(services, seconds, tip);
        return (services & wanted) == wanted;
    }

    /// Who has the last two days only is of use once we have all but the last day, which is 144 blocks.
    static long wanted(long services, long seconds, long tip) {
        boolean lastAreEnough =
                (services & ServiceFlags.NETWORK_LIMITED) != 0 && seconds - tip < DAY;
        return ServiceFlags.WITNESS
                | (lastAreEnough ? ServiceFlags.NETWORK_LIMITED : ServiceFlags.NETWORK);
    }

    /// Points of its host for messages before `version`: forgotten a day after the last.
    int points(One one) {
        int sum = 0;
        long last = 0;
        for (Early each : earlies) {
            if (each.host.equals(one.host())) {
                sum = each.seconds - last >= DAY ? 1 : sum + 1;
                last = each.seconds;
            }
        }
        return seconds - last >= DAY ? 0 : sum;
    }

    // ---- what is known besides

    private List<Hello> dialledHellos() {
        return hellos.stream().filter(each -> each.heard.taken && !each.by.isInbound()).toList();
    }

    boolean torWorks() {
        return dialledHellos().stream()
                .anyMatch(each -> each.by.address.network() == NetworkId.TORV3);
    }

    /// How far our clock is from those of the last fifty that we dialled.
    long medianOffset() {
        List<Long> offsets = dialledHellos().stream().map(HandshakeDiary::offset).toList();
        List<Long> last = offsets.subList(Math.max(0, offsets.size() - 50), offsets.size());
        return last.size() < 5 ? 0 : last.stream().sorted().toList().get(last.size() / 2);
    }

    /// How many of those who dialled us say that this is where they dialled.
    int seen(NetAddress ours) {
        return (int)
                hellos.stream()
                        .filter(each -> each.heard.taken && each.by.isInbound())
                        .filter(each -> each.message.addrYou().address().equals(ours))
                        .filter(each -> ours.isRoutable())
                        .count();
    }

    /// What the node itself said that it offers, when we dialled it, even if that was not enough.
    OptionalLong services(NetAddress of) {
        return hellos.stream()
                .filter(each -> !each.by.isInbound() && each.by.address.equals(of))
                .mapToLong(each -> each.message.services())
                .reduce((first, second) -> second);
    }

    /// When its `version` was good enough, when we dialled it.
    OptionalLong success(NetAddress of) {
        return dialledHellos().stream()
                .filter(each -> each.by.address.equals(of))
                .mapToLong(each -> each.heard.seconds)
                .reduce((first, second) -> second);
    }
}
