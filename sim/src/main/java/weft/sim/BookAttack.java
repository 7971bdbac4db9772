package weft.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// One attack of Heilman and others (2015) on the program's own address book, with the rest of the node as a
/// script: what it dials and when follows the peer engine's rules, but there are no connections. So thousands
/// can be played.
///
/// - The book has 2,000 honest addresses, each of a group of its own; three in ten answer, each for 15 days
///   and then another. With some 200 of them the node shook hands in the last ten days. It dials ten, and
///   lives a day.
/// - The attacker has 10,000 addresses that all answer. Some forty of them, but one of a group, are connected
///   to the node and tell it the others, as [Pace] says.
/// - The node starts again, and dials ten.
final class BookAttack {
    static final int OUTBOUND = 10;

    private static final int HONEST = 2_000;
    private static final int TRIED_EVERY = 5;
    private static final int ALIVE_PER_MILLE = 300;
    private static final int CHANGE_PER_MILLE_A_DAY = 20;
    private static final int REMEMBERED_DAYS = 10;
    private static final int ATTACKERS = 10_000;
    private static final int SENDERS_MAX = 40;
    private static final int ANCHORS = 2;
    private static final long BEGIN = 1_750_000_000;
    private static final long DAY = 86_400;

    /// What the engine goes by: `OutboundPlan` and `AddrRelay`.
    private static final long FEELER_SECONDS = 120;

    private static final long RECENTLY_TRIED_SECONDS = 600;
    private static final int TRIES = 100;
    private static final int TRIES_WITHOUT_RECENT = 30;
    private static final int OLD_FRIEND_TRIES = 10;
    private static final double TOKENS_PER_SECOND = 0.1;
    private static final double TOKENS_MAX = 1_000;

    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    /// How an attacker goes about it.
    enum Pace {
        /// Ten minutes before the restart each sender sends 1,000 addresses.
        FAST(600, 600, 1_000),
        /// For a week each sender sends 500 addresses a day.
        WEEK(7 * DAY, DAY, 500);

        private final long seconds;
        private final long everySeconds;
        private final int perMessage;

        Pace(long seconds, long everySeconds, int perMessage) {
            this.seconds = seconds;
            this.everySeconds = everySeconds;
            this.perMessage = perMessage;
        }

        /// Its name in reports.
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Who there is.
    ///
    /// @param numbers of the honest addresses
    record Cast(
            List<NetAddress> honest,
            Map<NetAddress, Integer> numbers,
            List<NetAddress> attackers,
            int senders) {
        /// @param groups of the attacker's addresses
        static Cast of(int groups) {
            var honest = new ArrayList<NetAddress>();
            var numbers = new HashMap<NetAddress, Integer>();
            for (int i = 0; i < HONEST; i++) {
                honest.add(EclipseReport.honest(i));
                numbers.put(honest.getLast(), i);
            }
            var attackers = new ArrayList<NetAddress>();
            for (int i = 0; i < ATTACKERS; i++) {
                attackers.add(EclipseReport.attacker(i, groups));
            }
            return new Cast(honest, numbers, attackers, Math.min(groups, SENDERS_MAX));
        }

        private boolean answers(NetAddress address, long seconds) {
            Integer number = numbers.get(address);
            return number == null || isThere(number, (double) (seconds - BEGIN) / DAY);
        }
    }

    /// Each honest node is there for 15 days of 50.
    private static boolean isThere(int number, double day) {
        double place = number * 37 % 1000 + day * CHANGE_PER_MILLE_A_DAY;
        return (place + 1000) % 1000 < ALIVE_PER_MILLE;
    }

    private final Cast cast;
    private final Countermeasures measures;
    private final SplittableRandom random;
    private final AddrMan book;
    private final double[] tokens = new double[SENDERS_MAX];
    private long now = BEGIN;

    private BookAttack(Cast cast, Countermeasures measures, SplittableRandom random) {
        this.cast = cast;
        this.measures = measures;
        this.random = random;
        this.book = new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);
        book.testFirst(measures.testFirst());
    }

    /// Plays one.
    ///
    /// @param anchors two connections of before the restart are dialled first after it
    /// @return how many of the ten outbound connections are the attacker's in the end
    static int play(
            Cast cast,
            Pace pace,
            Countermeasures measures,
            boolean anchors,
            SplittableRandom random) {
        var attack = new BookAttack(cast, measures, random);
        attack.remember();
        List<NetAddress> before = attack.dialTen(List.of());
        attack.live(DAY, null);
        attack.live(pace.seconds, pace);
        List<NetAddress> kept =
                anchors ? before.subList(before.size() - ANCHORS, before.size()) : List.of();
        return (int) attack.dialTen(kept).stream().filter(EclipseReport::isAttacker).count();
    }

    private void remember() {
        for (int i = 0; i < HONEST; i++) {
            NetAddress address = cast.honest.get(i);
            NetAddress source = cast.honest.get(random.nextInt(HONEST));
            book.add(List.of(new AddressEntry(now - DAY, SERVICES, address)), source, 0, now);
            boolean wasThere = isThere(i, 0) || isThere(i, -REMEMBERED_DAYS);
            if (i % TRIED_EVERY == 0 && wasThere) {
                book.good(address, now - DAY);
            }
        }
    }

    private void live(long seconds, @Nullable Pace flood) {
        long end = now + seconds;
        long nextFlood = now;
        while (now < end) {
            now += FEELER_SECONDS;
            if (flood != null && now >= nextFlood) {
                nextFlood = now + flood.everySeconds;
                flood(flood);
            }
            if (measures.feelers()) {
                book.resolveCollisions(now);
                AddrMan.Selected rival = book.selectTriedCollision();
                NetAddress chosen =
                        rival == null ? choose(true, Set.of(), false) : rival.entry().address();
                if (chosen != null) {
                    dial(chosen);
                }
            }
        }
    }

    private void flood(Pace pace) {
        for (int i = 0; i < cast.senders; i++) {
            tokens[i] = Math.min(TOKENS_MAX, tokens[i] + pace.everySeconds * TOKENS_PER_SECOND);
            int heard = pace.perMessage;
            if (measures.addrLimit()) {
                heard = (int) Math.min(heard, tokens[i]);
                tokens[i] -= heard;
            }
            var entries = new ArrayList<AddressEntry>(heard);
            for (int k = 0; k < heard; k++) {
                NetAddress each = cast.attackers.get(random.nextInt(ATTACKERS));
                entries.add(new AddressEntry(now, SERVICES, each));
            }
            book.add(entries, cast.attackers.get(i), 0, now);
        }
    }

    private boolean dial(NetAddress address) {
        boolean answers = cast.answers(address, now);
        book.attempt(address, true, now);
        if (answers) {
            book.good(address, now);
        }
        return answers;
    }

    private List<NetAddress> dialTen(List<NetAddress> anchors) {
        var open = new LinkedHashSet<NetAddress>();
        var groups = new HashSet<Bytes>();
        for (NetAddress each : anchors) {
            if (dial(each)) {
                open.add(each);
                groups.add(NetGroups.PUBLIC.groupOf(each));
            }
        }
        boolean friends = measures.oldFriends();
        while (open.size() < OUTBOUND) {
            now++;
            book.resolveCollisions(now);
            NetAddress chosen = choose(false, measures.groups() ? groups : Set.of(), friends);
            if (chosen == null || open.contains(chosen)) {
                continue;
            }
            friends = false;
            if (dial(chosen)) {
                open.add(chosen);
                groups.add(NetGroups.PUBLIC.groupOf(chosen));
            }
        }
        return List.copyOf(open);
    }

    private @Nullable NetAddress choose(boolean newOnly, Set<Bytes> taken, boolean friends) {
        for (int tries = 1; tries <= TRIES; tries++) {
            AddrMan.Selected selected =
                    friends && tries <= OLD_FRIEND_TRIES
                            ? book.selectTried(null, now)
                            : book.select(newOnly, null, now);
            if (selected == null) {
                return null;
            }
            NetAddress address = selected.entry().address();
            boolean isRecent = now - selected.lastTrySeconds() < RECENTLY_TRIED_SECONDS;
            boolean isTaken = taken.contains(NetGroups.PUBLIC.groupOf(address));
            if (!isTaken && (!isRecent || tries >= TRIES_WITHOUT_RECENT)) {
                return address;
            }
        }
        return null;
    }
}
