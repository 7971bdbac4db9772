package weft.p2p.addr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.crypto.SipHash;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;
import weft.wire.NetAddress;

/// The rules of gossip about addresses, as Bitcoin Core has them and [AddrRelay] changes them, read anew out
/// of diaries at each question. The address book is a real one: it has a model of its own.
final class AddrRelayModel {
    /// A token comes in ten seconds and has a part for each nanosecond of them.
    static final long TOKEN = 10_000_000_000L;

    static final long SECOND = 1_000_000_000L;
    static final long MINUTE = 60 * SECOND;
    static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final long DAY_SECONDS = 86_400;
    private static final int DOORS_MAX = 64;

    /// What happened between us and a peer.
    sealed interface Note {}

    /// We asked for its addresses.
    record Asked() implements Note {}

    /// It told us some.
    ///
    /// @param paid tokens that it had for them
    /// @param processed those that we looked at
    /// @param limited those that came too fast
    record Message(long nanos, int size, int paid, int processed, int limited) implements Note {}

    /// It told us one, or we told it.
    record Knows(NetAddress address) implements Note {}

    /// We tell it everything again, as on the first day.
    record NewDay() implements Note {}

    /// It asked for ours.
    record Answered() implements Note {}

    /// A peer that the machine has heard of.
    static final class Friend {
        final Peer peer;
        final List<Note> diary = new ArrayList<>();
        final List<AddressEntry> waiting = new ArrayList<>();

        /// When we speak to it; the last one counts.
        final List<Long> moments = new ArrayList<>();

        /// When we tell it our own address again; the last one counts.
        final List<Long> days = new ArrayList<>();

        /// Like the machine's memory, of the same secret: it may take an address for one that is known, and
        /// only it can say which. Null where nothing is exchanged.
        @Nullable KeyedFilter memory;

        int errors;

        Friend(Peer peer) {
            this.peer = peer;
        }

        boolean understands(NetAddress address) {
            return peer.addrV2() || address.isV1Compatible();
        }

        boolean isTold() {
            return memory != null && peer.isReady();
        }

        void know(NetAddress address) {
            diary.add(new Knows(address));
            Check.present(memory, "who tells has one").add(address.key());
        }

        void beginDay() {
            diary.add(new NewDay());
            Check.present(memory, "who is told has one").clear();
        }

        /// Nothing that is known is taken for news, as long as it is not more than 5,000.
        boolean knows(Set<NetAddress> known, NetAddress address) {
            boolean seems = Check.present(memory, "who is told has one").contains(address.key());
            Check.state(seems || !known.contains(address), "forgotten");
            errors += seems && !known.contains(address) ? 1 : 0;
            return seems;
        }

        /// What both know, since the last day began.
        Set<NetAddress> known() {
            var known = new HashSet<NetAddress>();
            int today = diary.lastIndexOf(new NewDay()) + 1;
            for (Note each : diary.subList(today, diary.size())) {
                if (each instanceof Knows(NetAddress address)) {
                    known.add(address);
                }
            }
            return known;
        }

        /// Whether what it tells may be the answer to our question: full messages, and the first other one.
        boolean isAnswering() {
            int asked = diary.lastIndexOf(new Asked());
            return asked >= 0
                    && diary.subList(asked, diary.size()).stream()
                            .noneMatch(each -> each instanceof Message m && m.size < 1_000);
        }

        boolean isAnswered() {
            return diary.contains(new Answered());
        }

        /// Parts of tokens at some time: one token at first, a thousand for what we ask, and by time no more
        /// than a thousand.
        long tokens(long nanos) {
            long have = TOKEN;
            long since = peer.connectedAtNanos();
            for (Note each : diary) {
                if (each instanceof Asked) {
                    have += 1_000 * TOKEN;
                } else if (each instanceof Message message) {
                    have = grown(have, message.nanos - since) - message.paid * TOKEN;
                    since = message.nanos;
                }
            }
            return grown(have, nanos - since);
        }

        /// Whether a token is complete at this very moment, and parts of it were there already when they
        /// were last counted.
        boolean isJustComplete(long nanos) {
            long counted = peer.connectedAtNanos();
            for (Note each : diary) {
                counted = each instanceof Message message ? message.nanos : counted;
            }
            return tokens(nanos) % TOKEN == 0 && tokens(counted) % TOKEN > 0;
        }

        private static long grown(long have, long nanos) {
            return Math.max(have, Math.min(have + nanos, 1_000 * TOKEN));
        }

        AddrRelayStats stats() {
            int processed = 0;
            int limited = 0;
            for (Note each : diary) {
                if (each instanceof Message message) {
                    processed += message.processed;
                    limited += message.limited;
                }
            }
            return new AddrRelayStats(memory != null, processed, limited);
        }
    }

    /// Where a peer came in.
    ///
    /// @param network of the peer; empty for addresses that are not of the world
    record Door(String network, NetAddress local) {
        static Door of(Peer peer) {
            return new Door(peer.onionBind() ? "TORV3" : networkOf(peer.address()), peer.local());
        }

        /// 6to4 is IPv4, as Bitcoin Core sees it.
        static String networkOf(NetAddress from) {
            boolean is6To4 = from.addressText().startsWith("2002:");
            return !from.isRoutable() ? "" : is6To4 ? "IPV4" : from.network().name();
        }
    }

    /// What those who come in at one door are told.
    ///
    /// @param known addresses in the book when it was made
    record Answer(Door door, List<AddressEntry> entries, long made, long expires, int known) {}

    private final AddrPolicy policy;
    private final AddrMan book;
    private final SplittableRandom luck;
    private final SipHash secret;
    final NavigableMap<PeerId, Friend> friends = new TreeMap<>();

    /// The last one at each door, in the order in which they were made.
    final List<Answer> answers = new ArrayList<>();

    /// The door whose answer was forgotten last.
    @Nullable Door forgotten;

    final List<PeerOutput> out = new ArrayList<>();
    final List<String> actions = new ArrayList<>();
    final List<String> lines = new ArrayList<>();
    int passersBy;

    /// Addresses taken for known by those who are gone.
    private int errors;

    private long lastTick;

    AddrRelayModel(AddrPolicy policy, AddrMan book, SplittableRandom luck) {
        this.policy = policy;
        this.book = book;
        this.luck = luck;
        this.secret = new SipHash(luck.nextLong(), luck.nextLong());
    }

    Friend of(Peer peer) {
        return friends.computeIfAbsent(peer.id(), _ -> new Friend(peer));
    }

    /// Nothing is exchanged where only blocks are.
    private boolean begin(Friend friend) {
        if (friend.peer.type() == ConnectionType.BLOCK_RELAY_ONLY) {
            return false;
        }
        if (friend.memory == null) {
            friend.memory = new KeyedFilter(5_000, 15, luck);
        }
        return true;
    }

    void outboundVersion(Peer peer) {
        Friend friend = of(peer);
        if (begin(friend)) {
            friend.diary.add(new Asked());
            out.add(new PeerOutput.Send(peer.id(), new GetAddr()));
        }
    }

    /// Who asked and went within a minute, as far as the clock was looked at, was passing by.
    void gone(PeerId id) {
        Friend friend = friends.remove(id);
        if (friend != null) {
            boolean brief = lastTick - friend.peer.connectedAtNanos() < MINUTE;
            errors += friend.errors;
            passersBy += brief && friend.isAnswered() ? 1 : 0;
        }
    }

    /// @return why the peer is to blame, empty if it is not
    String addr(Peer peer, String command, List<AddressEntry> entries, Now now) {
        Friend from = of(peer);
        String type = peer.type().rpcName();
        if (!begin(from)) {
            lines.add("ignoring " + command + " message from " + type + " peer=" + peer.id());
            return "";
        }
        if (entries.size() > 1_000) {
            return command + " message size = " + entries.size();
        }
        var mixed = new ArrayList<>(entries);
        for (int i = mixed.size() - 1; i > 0; i--) {
            Collections.swap(mixed, i, luck.nextInt(i + 1));
        }
        int paid = (int) Math.min(mixed.size(), from.tokens(now.monotonicNanos()) / TOKEN);
        boolean free =
                peer.permissions().has(PeerPermissions.ADDR)
                        || policy.isLaboratory()
                        || !policy.measures().addrLimit();
        List<AddressEntry> heard = free ? mixed : mixed.subList(0, paid);
        var kept = new ArrayList<AddressEntry>();
        int processed = 0;
        for (AddressEntry each : heard) {
            processed += hear(from, each, entries.size(), kept, now) ? 1 : 0;
        }
        int limited = mixed.size() - heard.size();
        from.diary.add(new Message(now.monotonicNanos(), mixed.size(), paid, processed, limited));
        lines.add(
                "Received addr: "
                        + (mixed.size() + " addresses (" + processed + " processed, ")
                        + (limited + " rate-limited) from peer=" + peer.id()));
        book.add(kept, peer.address(), 7_200, now.unixSeconds());
        if (peer.type() == ConnectionType.ADDR_FETCH && entries.size() > 1) {
            lines.add("addrfetch connection completed peer=" + peer.id() + "; disconnecting");
            actions.add("disconnect " + peer.id() + ": addresses fetched");
        }
        return "";
    }

    /// @return whether it was looked at
    private boolean hear(
            Friend from, AddressEntry told, int size, List<AddressEntry> kept, Now now) {
        boolean archive = (told.services() & 1) != 0;
        boolean limited = (told.services() & 1_024) != 0;
        if (!archive && !limited && !policy.isDesirable(told.services())) {
            return false;
        }
        NetAddress address = told.address();
        from.know(address);
        if (policy.isUnwanted(address)) {
            return false;
        }
        long age = now.unixSeconds() - told.time();
        boolean odd = told.time() <= 100_000_000 || age < -600;
        long time = odd ? now.unixSeconds() - 5 * DAY_SECONDS : told.time();
        var entry = new AddressEntry(time, told.services(), address);
        boolean fresh = !odd && age < 600;
        if (fresh && size <= 10 && !from.isAnswering() && book.groups.isRoutable(address)) {
            relay(from, entry, now);
        }
        if (policy.isReachable(address)) {
            kept.add(entry);
        }
        return true;
    }

    private long lot(long hash, long day, long who) {
        return secret.hash(hash, day, who, 0);
    }

    /// To the one or two with the highest lots of the day, whose hour is another for each address.
    private void relay(Friend from, AddressEntry entry, Now now) {
        long hash = new SipHash(0, 0).hash(entry.address().key().toByteArray());
        long day = Long.divideUnsigned(now.unixSeconds() + hash, DAY_SECONDS);
        boolean two = policy.isReachable(entry.address()) || lot(hash, day, -1) % 2 != 0;
        var lots = new TreeMap<Long, Friend>(Long::compareUnsigned);
        for (Friend each : friends.values()) {
            if (each != from && each.isTold() && each.understands(entry.address())) {
                lots.put(lot(hash, day, each.peer.id().value()), each);
            }
        }
        lots.descendingMap().values().stream()
                .limit(policy.isLaboratory() ? Integer.MAX_VALUE : two ? 2 : 1)
                .forEach(each -> push(each, List.of(entry), now));
    }

    /// A thousand wait at most: one more drives out any of them. A moment that passed while there was
    /// nothing to say was none.
    private void push(Friend to, List<AddressEntry> entries, Now now) {
        Set<NetAddress> known = to.known();
        for (AddressEntry each : entries) {
            NetAddress address = each.address();
            if (!address.isValid() || to.knows(known, address) || !to.understands(address)) {
                continue;
            }
            boolean passed = !to.moments.isEmpty() && to.moments.getLast() < now.monotonicNanos();
            if (passed && to.waiting.isEmpty()) {
                draw(to, now);
            }
            if (to.waiting.size() == 1_000) {
                to.waiting.set(luck.nextInt(1_000), each);
            } else {
                to.waiting.add(each);
            }
        }
    }

    private void draw(Friend to, Now now) {
        long mean = policy.isLaboratory() ? SECOND / 2 : 30 * SECOND;
        to.moments.add(now.monotonicNanos() + (long) (luck.nextExponential() * mean));
    }

    void getAddr(Peer peer, Now now) {
        if (!peer.isInbound()) {
            String type = peer.type().rpcName();
            lines.add("Ignoring \"getaddr\" from " + type + " connection. peer=" + peer.id());
            return;
        }
        Friend friend = of(peer);
        begin(friend);
        if (friend.isAnswered()) {
            lines.add("Ignoring repeated \"getaddr\". peer=" + peer.id());
            return;
        }
        friend.diary.add(new Answered());
        friend.waiting.clear();
        if (policy.isLaboratory()) {
            push(friend, sample(100, now), now);
        } else if (peer.permissions().has(PeerPermissions.ADDR)) {
            push(friend, sample(23, now), now);
        } else {
            push(friend, answerAt(Door.of(peer), now).entries, now);
        }
    }

    private List<AddressEntry> sample(int percent, Now now) {
        return book.sample(1_000, percent, null, true, now.unixSeconds()).stream()
                .filter(each -> !policy.isUnwanted(each.address()))
                .toList();
    }

    @Nullable Answer lastAt(Door door) {
        return answers.stream().filter(each -> each.door.equals(door)).findFirst().orElse(null);
    }

    /// The same for 21 to 27 hours; but who knows twice as much as it knew then may say so if it is taken
    /// for a seed, or if it said next to nothing a quarter of an hour ago or more. There are few doors: of
    /// more than 64, the one is forgotten whose answer was made first.
    private Answer answerAt(Door door, Now now) {
        long nanos = now.monotonicNanos();
        Answer last = lastAt(door);
        if (last != null && nanos <= last.expires) {
            boolean poor = last.entries.size() < 8 && nanos - last.made >= 15 * MINUTE;
            if (book.size() <= 2 * last.known || (passersBy < 3 && !poor)) {
                return last;
            }
        }
        long expires = nanos + 21 * HOUR + luck.nextLong(6 * HOUR);
        answers.removeIf(each -> each.door.equals(door));
        answers.add(new Answer(door, sample(23, now), nanos, expires, book.size()));
        if (answers.size() > DOORS_MAX) {
            forgotten = answers.removeFirst().door;
        }
        return answers.getLast();
    }

    void tick(Now now) {
        long nanos = now.monotonicNanos();
        lastTick = nanos;
        for (Friend each : friends.values()) {
            if (!each.isTold()) {
                continue;
            }
            if (policy.announcesSelf() && isPast(each.days, nanos)) {
                announceSelf(each, now);
            }
            if (isPast(each.moments, nanos)) {
                draw(each, now);
                tell(each);
            }
        }
    }

    private static boolean isPast(List<Long> moments, long nanos) {
        return moments.isEmpty() || moments.getLast() < nanos;
    }

    /// About once a day, even if the peer was told before.
    private void announceSelf(Friend to, Now now) {
        if (!to.days.isEmpty()) {
            to.beginDay();
        }
        NetAddress self = policy.localAddressFor(to.peer);
        if (!self.equals(NetAddress.UNSPECIFIED)) {
            lines.add("Advertising address " + self + " to peer=" + to.peer.id());
            long services = policy.ourServices(to.peer);
            push(to, List.of(new AddressEntry(now.unixSeconds(), services, self)), now);
        }
        to.days.add(now.monotonicNanos() + (long) (luck.nextExponential() * DAY));
    }

    private void tell(Friend to) {
        Set<NetAddress> known = to.known();
        var news = new ArrayList<AddressEntry>();
        for (AddressEntry each : to.waiting) {
            if (!to.knows(known, each.address())) {
                news.add(each);
                to.know(each.address());
                known.add(each.address());
            }
        }
        to.waiting.clear();
        if (!news.isEmpty()) {
            out.add(
                    new PeerOutput.Send(
                            to.peer.id(), to.peer.addrV2() ? new AddrV2(news) : new Addr(news)));
        }
    }

    /// Addresses that were taken for known and were not.
    int errors() {
        return errors + friends.values().stream().mapToInt(each -> each.errors).sum();
    }

    /// The next nanosecond at which somebody would be told something, or our address.
    OptionalLong deadline() {
        var all = new ArrayList<Long>();
        for (Friend each : friends.values()) {
            if (each.isTold() && !each.waiting.isEmpty()) {
                all.add(each.moments.isEmpty() ? lastTick : each.moments.getLast() + 1);
            }
            if (each.isTold() && policy.announcesSelf()) {
                all.add(each.days.isEmpty() ? lastTick : each.days.getLast() + 1);
            }
        }
        return all.stream().mapToLong(each -> Math.max(each, lastTick)).min();
    }
}
