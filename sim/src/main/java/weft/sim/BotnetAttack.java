package weft.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.defence.Countermeasures;
import weft.primitives.codec.ByteWriter;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// One attack of a botnet on the address book of a node that is a [BookScript]: all bots answer, each has a
/// group of its own, and the attacker has all the time that he needs.
///
/// - The node shook hands with 5,000 honest addresses, each of a group of its own. Of 100 of them 40 are
///   online, and stay so. It dials all its connections; who is connected for blocks only then is an anchor
///   after the restart.
/// - The bots are tried out as feelers try addresses, one in two minutes, in random order; each stands in
///   *new* when its turn comes. A feeler goes to the one in *tried* whose place a bot wants, if there is one.
/// - The attacker waits until all that stands in *new* is stale, and fills *new* with addresses that nobody
///   answers at, as many as it has places, twice over.
/// - The node starts again: nine in ten anchors are still there. It dials all its connections.
final class BotnetAttack {
    /// Honest addresses. Some 700 of them lose their place in *tried* to a later one.
    static final int HONEST = 5_000;

    /// How many of 100 of these are online.
    static final int ONLINE_PERCENT = 40;

    /// How many of 100 anchors are still there after the restart.
    static final int ANCHORS_UP_PERCENT = 90;

    private static final long BEGIN = 1_750_000_000;
    private static final long DAY = 86_400;

    /// After 30 days [AddrMan] lets go of what it did not hear of again.
    private static final long STALE_SECONDS = 31 * DAY;

    private static final int TRASH = 2 * AddrMan.NEW_BUCKETS * AddrMan.BUCKET_SIZE;
    private static final int PER_MESSAGE = 1_000;
    private static final int PERCENT = 100;
    private static final int PORT = 8333;
    private static final int HONEST_NET = 0x2400_0000;
    private static final int BOT_NET = 0x2600_0000;
    private static final int TRASH_NET = 0x2a00_0000;
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    /// What the node does about it.
    enum Rules {
        /// Eight connections; whoever answers drives out who stands in his place in *tried*.
        FEELERS("feelers", false, 8, 0),

        /// Who stands in *tried* is tried out before he goes.
        TEST_FIRST("+ test-before-evict", true, 8, 0),

        /// Two connections more, for blocks only, and these first after a restart: what the program does.
        TODAY("+ 2 block-relay, anchors", true, 10, 2);

        final String label;
        final int outbound;
        final boolean testFirst;
        final int anchors;

        Rules(String label, boolean testFirst, int outbound, int anchors) {
            this.label = label;
            this.testFirst = testFirst;
            this.outbound = outbound;
            this.anchors = anchors;
        }

        private Countermeasures measures() {
            return new Countermeasures(true, true, testFirst, true, true, true);
        }
    }

    /// Who there is; the same for many attacks, for where they stand follows from the key of each book.
    ///
    /// @param trash addresses that nobody answers at
    record Cast(List<NetAddress> honest, List<NetAddress> bots, List<NetAddress> trash) {
        /// @param bots how many, 1 to 65,536
        static Cast of(int bots) {
            return new Cast(
                    addresses(HONEST_NET, HONEST),
                    addresses(BOT_NET, bots),
                    addresses(TRASH_NET, TRASH));
        }

        /// Each of a /32 of its own.
        private static List<NetAddress> addresses(int net, int count) {
            var all = new ArrayList<NetAddress>(count);
            var rest = new SplittableRandom(net);
            for (int i = 0; i < count; i++) {
                byte[] ip =
                        new ByteWriter(16)
                                .i32(Integer.reverseBytes(net + i))
                                .i64(rest.nextLong())
                                .i32(rest.nextInt())
                                .toByteArray();
                all.add(NetAddress.ofIp(ip, PORT));
            }
            return List.copyOf(all);
        }
    }

    private final Cast cast;
    private final Rules rules;
    private final SplittableRandom random;
    private final Set<NetAddress> online = new HashSet<>();
    private final BookScript script;

    private BotnetAttack(Cast cast, Rules rules, SplittableRandom random) {
        this.cast = cast;
        this.rules = rules;
        this.random = random;
        this.script = new BookScript(rules.measures(), (who, _) -> answers(who), random, BEGIN);
    }

    /// Plays one.
    ///
    /// @return how many of the outbound connections are bots in the end
    static int play(Cast cast, Rules rules, SplittableRandom random) {
        var attack = new BotnetAttack(cast, rules, random);
        attack.remember();
        List<NetAddress> before = attack.script.dialAll(rules.outbound, List.of());
        attack.bots();
        attack.flood();
        List<NetAddress> anchors = attack.anchors(before);
        for (NetAddress each : anchors) {
            if (random.nextInt(PERCENT) >= ANCHORS_UP_PERCENT) {
                attack.online.remove(each);
            }
        }
        List<NetAddress> after = attack.script.dialAll(rules.outbound, anchors);
        return (int) after.stream().filter(each -> isOf(each, BOT_NET)).count();
    }

    /// Those of the connections that are for blocks only.
    private List<NetAddress> anchors(List<NetAddress> before) {
        return before.subList(before.size() - rules.anchors, before.size());
    }

    private static boolean isOf(NetAddress address, int net) {
        return address.address().at(0) == (byte) (net >>> 24);
    }

    private boolean answers(NetAddress address) {
        return isOf(address, BOT_NET) || online.contains(address);
    }

    private void remember() {
        AddrMan book = script.book;
        // So late comers have places too; nobody is asked whether he is still there.
        book.testFirst(false);
        for (NetAddress address : cast.honest) {
            NetAddress source = cast.honest.get(random.nextInt(cast.honest.size()));
            var heard = new AddressEntry(BEGIN - DAY, SERVICES, address);
            book.add(List.of(heard), source, 0, BEGIN - DAY);
            book.good(address, BEGIN - DAY);
            if (random.nextInt(PERCENT) < ONLINE_PERCENT) {
                online.add(address);
            }
        }
        book.testFirst(rules.testFirst);
    }

    private void bots() {
        var shuffled = new ArrayList<>(cast.bots);
        Collections.shuffle(shuffled, Random.from(random));
        var waiting = new ArrayDeque<>(shuffled);
        while (!waiting.isEmpty()) {
            script.now += BookScript.FEELER_SECONDS;
            script.feeler(() -> nextBot(waiting));
        }
        // The last one may still wait for a place, and for the feeler to who stands there.
        for (int i = 0; i < 2; i++) {
            script.now += BookScript.FEELER_SECONDS;
            script.feeler(() -> null);
        }
        // A bot that lost to one who answers would lose to him again: it need not come once more.
        // None is turned away because ten others wait: the feeler that decides comes before the
        // next bot.
    }

    private @Nullable NetAddress nextBot(ArrayDeque<NetAddress> waiting) {
        NetAddress bot = waiting.remove();
        NetAddress source = cast.bots.get(random.nextInt(cast.bots.size()));
        script.book.add(
                List.of(new AddressEntry(script.now, SERVICES, bot)), source, 0, script.now);
        if (script.book.find(bot) == null) {
            // Its place in *new* was taken; when somebody else tells of it, it has another.
            waiting.add(bot);
            return null;
        }
        return bot;
    }

    private void flood() {
        script.now += STALE_SECONDS;
        for (int begin = 0; begin < cast.trash.size(); begin += PER_MESSAGE) {
            int end = Math.min(begin + PER_MESSAGE, cast.trash.size());
            List<AddressEntry> entries =
                    cast.trash.subList(begin, end).stream()
                            .map(each -> new AddressEntry(script.now, SERVICES, each))
                            .toList();
            NetAddress sender = cast.bots.get(random.nextInt(cast.bots.size()));
            script.book.add(entries, sender, 0, script.now);
        }
    }
}
