package weft.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.p2p.defence.Countermeasures;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// One attack of Heilman and others (2015) on the address book of a node that is a [BookScript].
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

    /// What the engine goes by: `AddrRelay`.
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
    private final BookScript script;
    private final double[] tokens = new double[SENDERS_MAX];

    private BookAttack(Cast cast, Countermeasures measures, SplittableRandom random) {
        this.cast = cast;
        this.measures = measures;
        this.random = random;
        this.script = new BookScript(measures, cast::answers, random, BEGIN);
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
        List<NetAddress> before = attack.script.dialAll(OUTBOUND, List.of());
        attack.live(DAY, null);
        attack.live(pace.seconds, pace);
        List<NetAddress> kept =
                anchors ? before.subList(before.size() - ANCHORS, before.size()) : List.of();
        return (int)
                attack.script.dialAll(OUTBOUND, kept).stream()
                        .filter(EclipseReport::isAttacker)
                        .count();
    }

    private void remember() {
        for (int i = 0; i < HONEST; i++) {
            NetAddress address = cast.honest.get(i);
            NetAddress source = cast.honest.get(random.nextInt(HONEST));
            var heard = new AddressEntry(BEGIN - DAY, SERVICES, address);
            script.book.add(List.of(heard), source, 0, BEGIN);
            boolean wasThere = isThere(i, 0) || isThere(i, -REMEMBERED_DAYS);
            if (i % TRIED_EVERY == 0 && wasThere) {
                script.book.good(address, BEGIN - DAY);
            }
        }
    }

    private void live(long seconds, @Nullable Pace flood) {
        long end = script.now + seconds;
        long nextFlood = script.now;
        while (script.now < end) {
            script.now += BookScript.FEELER_SECONDS;
            if (flood != null && script.now >= nextFlood) {
                nextFlood = script.now + flood.everySeconds;
                flood(flood);
            }
            if (measures.feelers()) {
                script.feeler();
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
                entries.add(new AddressEntry(script.now, SERVICES, each));
            }
            script.book.add(entries, cast.attackers.get(i), 0, script.now);
        }
    }
}
