package weft.p2p;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.AddressEntry;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// Whom [PrivateBroadcast] dials and when, and what [PrivateTalks] says to them, by the rules of Bitcoin
/// Core's private broadcast: read at each question out of diaries of what was taken in, offered and heard.
final class PrivateBroadcastModel {
    private static final long SECOND = 1_000_000_000L;
    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);

    /// A transaction of ours.
    static final class Item {
        final Transaction tx;
        final long taken;

        /// When it was last asked whether it is still good.
        long looked;

        /// To how many it shall go.
        int goal = 3;

        boolean over;

        Item(Transaction tx, long nanos) {
            this.tx = tx;
            taken = nanos;
            looked = nanos;
        }
    }

    /// Somebody was told of a transaction.
    static final class Offer {
        final Item item;
        final One to;
        final long nanos;
        @Nullable Long confirmed;

        Offer(Item item, One to, long nanos) {
            this.item = item;
            this.to = to;
            this.nanos = nanos;
        }
    }

    /// A connection for one transaction.
    static final class One {
        final PeerId id;
        final NetAddress address;
        final long nonce;
        final List<Message> heard = new ArrayList<>();
        final List<Long> pings = new ArrayList<>();
        boolean dropped;
        boolean gone;

        One(PeerId id, NetAddress address, long nonce) {
            this.id = id;
            this.address = address;
            this.nonce = nonce;
        }
    }

    /// Where the machine's luck can be seen.
    ///
    /// @param number the last number of all
    /// @param below the last number below a bound
    record Luck(LongSupplier number, LongUnaryOperator below) {}

    private final Luck luck;
    final Set<NetworkId> reachable;
    final List<AddressEntry> book = new ArrayList<>();
    final Set<NetAddress> unwanted = new HashSet<>();
    final Set<NetAddress> ours = new HashSet<>();

    /// Connections of other kinds.
    final Set<NetAddress> others = new HashSet<>();

    final Map<DialId, NetAddress> dials = new HashMap<>();
    final Map<NetAddress, Long> tried = new HashMap<>();
    final List<Item> items = new ArrayList<>();
    final List<Offer> offers = new ArrayList<>();
    final List<One> all = new ArrayList<>();
    final Set<Wtxid> mempool = new HashSet<>();
    private final boolean encrypts;
    boolean active = true;
    boolean torAnswered;
    long nanos;
    long seconds;
    long nextDial = Long.MIN_VALUE;
    long nextTest;

    /// What must come out.
    final List<PeerOutput> out = new ArrayList<>();

    PrivateBroadcastModel(Set<NetworkId> reachable, boolean encrypts, Luck luck) {
        this.reachable = reachable;
        this.encrypts = encrypts;
        this.luck = luck;
    }

    // ---- how things stand

    List<Item> live() {
        return items.stream().filter(each -> !each.over).toList();
    }

    @Nullable Item find(Wtxid wtxid) {
        return live().stream()
                .filter(each -> each.tx.wtxid().equals(wtxid))
                .findFirst()
                .orElse(null);
    }

    List<Offer> offers(Item of) {
        return offers.stream().filter(each -> each.item == of).toList();
    }

    static boolean isTalking(Offer offer) {
        return offer.confirmed == null && !offer.to.gone && !offer.item.over;
    }

    int confirmed(Item item) {
        return (int) offers(item).stream().filter(each -> each.confirmed != null).count();
    }

    private long lastConfirmed(Item item) {
        long last = Long.MIN_VALUE;
        for (Offer each : offers(item)) {
            Long confirmed = each.confirmed;
            last = confirmed == null ? last : Math.max(last, confirmed);
        }
        return last;
    }

    private int lacking(Item item) {
        long talking = offers(item).stream().filter(PrivateBroadcastModel::isTalking).count();
        return (int) Math.max(0, item.goal - confirmed(item) - talking);
    }

    @Nullable Offer offerTo(One one) {
        return offers.stream()
                .filter(each -> each.to == one && isTalking(each))
                .findFirst()
                .orElse(null);
    }

    /// Its `version`, if it was good enough.
    static @Nullable VersionMessage theirs(One one) {
        for (Message each : one.heard) {
            if (each instanceof VersionMessage version) {
                return isGood(version) ? version : null;
            }
        }
        return null;
    }

    private static boolean isGood(VersionMessage version) {
        return relays(version.services()) && version.version() >= 31_800;
    }

    /// It knows witnesses, and is a node.
    private static boolean relays(long services) {
        return (services & ServiceFlags.WITNESS) != 0
                && (services & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED)) != 0;
    }

    static boolean isReady(One one) {
        boolean greeted = false;
        for (Message each : one.heard) {
            if (greeted && each instanceof Verack) {
                return true;
            }
            greeted |= each instanceof VersionMessage;
        }
        return false;
    }

    List<One> open() {
        return all.stream().filter(each -> !each.gone && !each.dropped).toList();
    }

    /// Whether the proxy for Tor is one.
    boolean torWorks() {
        return torAnswered || all.stream().anyMatch(PrivateBroadcastModel::isUsefulOnion);
    }

    private static boolean isUsefulOnion(One one) {
        VersionMessage theirs = theirs(one);
        return one.address.network() == NetworkId.TORV3 && theirs != null && theirs.relay();
    }

    // ---- talking

    private void send(One to, Message message) {
        out.add(new PeerOutput.Send(to.id, message));
    }

    private void drop(One one, String why) {
        one.dropped = true;
        out.add(new PeerOutput.Disconnect(one.id, why));
    }

    /// What everybody would say.
    void open(One one) {
        all.add(one);
        String agent = "/pynode:0.0.1/";
        send(one, new VersionMessage(70_016, 0, 0, NOWHERE, NOWHERE, one.nonce, agent, 0, false));
    }

    void hear(One from, Message message) {
        boolean greeted = theirs(from) != null;
        boolean ready = isReady(from);
        from.heard.add(message);
        switch (message) {
            case VersionMessage version when !greeted -> hearVersion(from, version);
            case Verack _ when greeted && !ready -> offer(from);
            case GetData(List<InvItem> wanted) when ready -> give(from, wanted);
            case Pong(OptionalLong nonce) when ready -> confirm(from, nonce);
            default -> {}
        }
    }

    private void hearVersion(One from, VersionMessage version) {
        if (!relays(version.services())) {
            drop(
                    from,
                    String.format(
                            Locale.ROOT,
                            "does not offer the expected services (%08x offered)",
                            version.services()));
        } else if (version.version() < 31_800) {
            drop(from, "using obsolete version " + version.version());
        } else if (!version.relay()) {
            drop(from, "does not support transaction relay (connected in vain)");
        } else {
            send(from, new Verack());
        }
    }

    /// What was offered least, then confirmed least, then what was offered and confirmed longest ago.
    private void offer(One to) {
        Item item =
                live().stream()
                        .filter(each -> lacking(each) > 0)
                        .min(
                                Comparator.<Item>comparingInt(each -> offers(each).size())
                                        .thenComparingInt(this::confirmed)
                                        .thenComparingLong(
                                                each ->
                                                        offers(each).stream()
                                                                .mapToLong(offer -> offer.nanos)
                                                                .max()
                                                                .orElse(Long.MIN_VALUE))
                                        .thenComparingLong(this::lastConfirmed))
                        .orElse(null);
        if (item == null) {
            drop(to, "no more transactions for private broadcast (connected in vain)");
            return;
        }
        offers.add(new Offer(item, to, nanos));
        send(to, Inv.of(InvItem.tx(item.tx.txid())));
    }

    /// What was offered and nothing else may be asked for, any number of times; the ping behind it tells
    /// whether it came.
    private void give(One to, List<InvItem> wanted) {
        Offer offer = offerTo(to);
        if (offer == null) {
            drop(to, "got GETDATA without sending an INV");
        } else if (wanted.size() == 1
                && wanted.getFirst().equals(InvItem.tx(offer.item.tx.txid()))) {
            long nonce = luck.number.getAsLong();
            if (nonce == 0) {
                throw new AssertionError("a ping with 0 cannot be told from none");
            }
            to.pings.add(nonce);
            send(to, TxMessage.of(offer.item.tx));
            send(to, Ping.of(nonce));
        } else {
            drop(to, "got an unexpected GETDATA message");
        }
    }

    /// The last ping counts. One who answers after we gave the transaction up has it all the same. (Bitcoin
    /// Core takes a pong of 0 for the end of the ping.)
    private void confirm(One by, OptionalLong nonce) {
        if (by.pings.isEmpty() || nonce.orElse(0) != by.pings.getLast()) {
            return;
        }
        Offer offer = offerTo(by);
        if (offer != null) {
            offer.confirmed = nanos;
        }
        drop(by, "handed over");
    }

    // ---- what to hand over

    private void answer(boolean done, String why) {
        out.add(new PeerOutput.Emit(new PeerEvent.Answered(done, why)));
    }

    private void putOffTest() {
        nextTest = nanos + 120 * SECOND + luck.below.applyAsLong(60 * SECOND);
    }

    void begin(Transaction tx) {
        if (!reachable.contains(NetworkId.TORV3) && !reachable.contains(NetworkId.I2P)) {
            answer(false, "none of the Tor or I2P networks is reachable");
            return;
        }
        if (live().isEmpty()) {
            putOffTest();
        }
        if (find(tx.wtxid()) == null) {
            items.add(new Item(tx, nanos));
            nextDial = Math.min(nextDial, nanos);
        }
        answer(true, "");
    }

    boolean remove(Wtxid wtxid) {
        Item item = find(wtxid);
        if (item == null) {
            return false;
        }
        item.over = true;
        return true;
    }

    void abort(Wtxid wtxid) {
        answer(remove(wtxid), "");
    }

    /// Our own question was answered: one more shall have it, or it is over.
    void tested(Wtxid wtxid, boolean good) {
        Item item = find(wtxid);
        if (item == null) {
            return;
        }
        if (good) {
            item.goal = Math.max(item.goal, confirmed(item) + 1);
        } else {
            item.over = true;
        }
    }

    /// A minute after the last confirmation, or five after it came; and a minute after it was last asked.
    private boolean isStale(Item item) {
        long last = lastConfirmed(item);
        long waits = confirmed(item) == 0 ? item.taken + 300 * SECOND : last + 60 * SECOND;
        return nanos > waits && nanos > item.looked + 60 * SECOND;
    }

    // ---- time

    /// @param got what the machine did; it chooses whom to dial
    void tick(List<PeerOutput> got) {
        if (live().isEmpty()) {
            return;
        }
        if (nanos >= nextTest) {
            for (Item each : live()) {
                if (isStale(each)) {
                    each.looked = nanos;
                    if (mempool.contains(each.tx.wtxid())) {
                        each.over = true;
                    } else {
                        List<Transaction> one = List.of(each.tx);
                        out.add(new PeerOutput.Chain(new ChainCommand.TestTx(Origin.SELF, one)));
                    }
                }
            }
            putOffTest();
        }
        if (nanos >= nextDial && wantsDial()) {
            if (!got.isEmpty()
                    && got.getLast()
                            instanceof PeerOutput.Connect(var id, var address, var _, var _)) {
                dial(id, address);
            } else {
                checkNobody();
                nextDial = nanos + 5 * SECOND;
            }
        }
    }

    /// As many as lack somebody, and who talk or may soon; 64 in all.
    boolean wantsDial() {
        List<One> open = open();
        long preparing = dials.size() + open.stream().filter(each -> !isReady(each)).count();
        int lacking = live().stream().mapToInt(this::lacking).sum();
        return active && dials.size() + open.size() < 64 && lacking > preparing;
    }

    OptionalLong deadline() {
        if (live().isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(wantsDial() ? Math.min(nextDial, nextTest) : nextTest);
    }

    // ---- whom to dial

    private boolean hides(NetworkId network) {
        return switch (network) {
            case TORV3, I2P -> reachable.contains(network);
            case IPV4, IPV6 ->
                    reachable.contains(network)
                            && reachable.contains(NetworkId.TORV3)
                            && torWorks();
            case CJDNS, INTERNAL -> false;
        };
    }

    private List<AddressEntry> candidates() {
        return book.stream().filter(each -> hides(each.address().network())).toList();
    }

    private boolean isConnected(NetAddress address) {
        var hosts = new HashSet<NetAddress>();
        others.forEach(each -> hosts.add(each.withPort(0)));
        dials.values().forEach(each -> hosts.add(each.withPort(0)));
        open().forEach(each -> hosts.add(each.address.withPort(0)));
        return hosts.contains(address.withPort(0));
    }

    private boolean isFit(AddressEntry entry) {
        NetAddress address = entry.address();
        return relays(entry.services())
                && !ours.contains(address)
                && !unwanted.contains(address)
                && !isConnected(address);
    }

    private boolean isRecent(AddressEntry entry) {
        long since = seconds - tried.getOrDefault(entry.address(), 0L);
        return since >= 0 && since < 600;
    }

    /// Of a hundred draws none was any good: that cannot be where all are.
    private void checkNobody() {
        List<AddressEntry> all = candidates();
        boolean allGood = all.stream().allMatch(each -> isFit(each) && !isRecent(each));
        if (!all.isEmpty() && allGood) {
            throw new AssertionError("nobody is dialled, and all would do: " + all);
        }
    }

    private void dial(DialId id, NetAddress address) {
        AddressEntry entry =
                candidates().stream()
                        .filter(each -> each.address().equals(address) && isFit(each))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(address + " must not be dialled"));
        List<AddressEntry> all = candidates();
        boolean freshEverywhere =
                all.stream().allMatch(this::isFit)
                        && all.stream()
                                .map(each -> each.address().network())
                                .allMatch(each -> hasFresh(all, each));
        if (freshEverywhere && isRecent(entry)) {
            throw new AssertionError(address + " was tried already, others were not");
        }
        boolean v2 = encrypts && (entry.services() & ServiceFlags.P2P_V2) != 0;
        out.add(new PeerOutput.Connect(id, address, ConnectionType.PRIVATE_BROADCAST, v2));
        dials.put(id, address);
        tried.put(address, seconds);
        nextDial = nanos + SECOND / 5 + luck.below.applyAsLong(SECOND);
    }

    private boolean hasFresh(List<AddressEntry> all, NetworkId network) {
        return all.stream()
                .anyMatch(each -> each.address().network() == network && !isRecent(each));
    }
}
