package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerSnapshot;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.peers.BanList;
import weft.primitives.Check;
import weft.primitives.log.Log;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// The attack of Heilman and others (2015) against one node's address book, played against the program's own
/// engine, and what each countermeasure is worth.
///
/// - The node knows 120 honest addresses, 40 of them from handshakes; one in six still answers.
/// - The attacker has 1,500 addresses that all answer, in some number of groups. Four of them dial the node
///   and send it 200 of the others every two minutes, for an hour.
/// - Then the node is made to restart. The attack succeeds if all ten outbound connections, half an hour
///   later, are the attacker's.
public final class EclipseReport {
    private static final int PORT = 8333;
    private static final int HONEST = 120;
    private static final int TRUSTED = 40;
    private static final int ALIVE_EVERY = 6;
    private static final int ATTACKERS = 1_500;
    private static final int SENDERS = 4;
    private static final int PER_MESSAGE = 200;
    private static final int ROUNDS = 30;
    private static final int ATTACKER_NET = 100;
    private static final int HONEST_NET = 20;
    private static final int OUTBOUND = 10;
    private static final int PERCENT = 100;
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    /// Numbers of groups that attackers have.
    private static final int[] GROUPS = {4, 400};

    private EclipseReport() {}

    /// What is on.
    ///
    /// @param anchors block-relay-only peers of before the restart are dialled first after it
    /// @param groups what the node takes for one operator's addresses
    record Setting(Countermeasures measures, boolean anchors, NetGroups groups) {
        Setting(Countermeasures measures, boolean anchors) {
            this(measures, anchors, NetGroups.PUBLIC);
        }
    }

    /// How attacks of one kind went.
    ///
    /// @param setting which countermeasures were on
    /// @param attack how it was done, such as `400 groups`
    /// @param won how often all outbound connections were the attacker's
    /// @param share of the attacker in the outbound connections
    /// @param most of the outbound connections that were the attacker's after any of the attacks
    public record Row(String setting, String attack, Proportion won, Mean share, int most) {}

    /// What is played, by name.
    static Map<String, Setting> settings() {
        var all = new LinkedHashMap<String, Setting>();
        all.put("all on", new Setting(Countermeasures.ALL, true));
        all.put("without anchors", new Setting(Countermeasures.ALL, false));
        all.put(
                "  and groups",
                new Setting(new Countermeasures(false, true, true, true, true, true), false));
        all.put(
                "  and feelers",
                new Setting(new Countermeasures(true, false, true, true, true, true), false));
        all.put(
                "  and test-first",
                new Setting(new Countermeasures(true, true, false, true, true, true), false));
        all.put(
                "  and addr limit",
                new Setting(new Countermeasures(true, true, true, false, true, true), false));
        all.put(
                "  and old friends",
                new Setting(new Countermeasures(true, true, true, true, false, true), false));
        all.put("all off", new Setting(Countermeasures.NONE, false));
        all.put("anchors only", new Setting(Countermeasures.NONE, true));
        all.put(
                "groups only",
                new Setting(new Countermeasures(true, false, false, false, false, false), false));
        return all;
    }

    /// Plays all settings.
    ///
    /// @param seed of all chance; the same for each setting
    /// @param runs attacks of each kind
    public static List<Row> rows(long seed, int runs) {
        var rows = new ArrayList<Row>();
        for (String name : settings().keySet()) {
            for (int groups : GROUPS) {
                rows.add(row(name, groups, seed, runs));
            }
        }
        return rows;
    }

    /// Plays one setting.
    static Row row(String name, int groups, long seed, int runs) {
        Setting setting = Check.present(settings().get(name), "it is a setting");
        var random = new SplittableRandom(seed);
        return row(name, groups + " groups", runs, () -> attack(setting, groups, random.split()));
    }

    /// Plays attacks of one kind.
    ///
    /// @param attack one, and how many connections were the attacker's
    static Row row(String setting, String kind, int runs, IntSupplier attack) {
        int won = 0;
        int most = 0;
        var shares = new double[runs];
        for (int i = 0; i < runs; i++) {
            int evil = attack.getAsInt();
            won += evil == OUTBOUND ? 1 : 0;
            shares[i] = evil / (double) OUTBOUND;
            most = Math.max(most, evil);
        }
        return new Row(setting, kind, new Proportion(won, runs), Mean.of(shares), most);
    }

    static NetAddress honest(int i) {
        return NetAddress.parse(HONEST_NET + i % 60 + "." + i / 60 + ".7.8:" + PORT, PORT);
    }

    static NetAddress attacker(int i, int groups) {
        int group = i % groups;
        String net = ATTACKER_NET + group / 200 + "." + group % 200;
        return NetAddress.parse(
                net + "." + i / groups % 250 + "." + (1 + i / groups / 250) + ":" + PORT, PORT);
    }

    static boolean isAttacker(NetAddress address) {
        return Integer.parseInt(address.addressText().split("\\.")[0]) >= ATTACKER_NET;
    }

    /// One attack; how many of the outbound connections are the attacker's in the end.
    static int attack(Setting setting, int groups, SplittableRandom random) {
        Set<NetAddress> there = new HashSet<>();
        for (int i = 0; i < HONEST; i += ALIVE_EVERY) {
            there.add(honest(i));
        }
        P2pOptions standard = P2pOptions.of(PORT, setting.groups);
        P2pOptions options = standard.with(DefenceOptions.DEFAULT.with(setting.measures));
        var book = new AddrMan(AddrMan.newKey(random), setting.groups, random.split(), Log.NONE);
        remember(book, EclipseTarget.at(0).unixSeconds());
        PeerEngine.Memory memory = memory(book, random);
        var before =
                new EclipseTarget(
                        options,
                        memory,
                        each -> there.contains(each) || isAttacker(each),
                        random.split(),
                        Duration.ofMinutes(1).toNanos());
        before.advance(Duration.ofMinutes(20));
        flood(before, groups, random);
        List<AddressEntry> anchors =
                setting.anchors ? before.engine().anchors(before.now()) : List.of();
        var after =
                new EclipseTarget(
                        options.with(options.sources().withAnchors(anchors)),
                        memory,
                        each -> there.contains(each) || isAttacker(each),
                        random.split(),
                        before.nanos());
        after.advance(Duration.ofMinutes(30));
        int evil = 0;
        for (PeerSnapshot each : after.outbound()) {
            evil += isAttacker(each.address()) ? 1 : 0;
        }
        return Math.min(evil, OUTBOUND);
    }

    private static PeerEngine.Memory memory(AddrMan book, SplittableRandom random) {
        return new PeerEngine.Memory(
                book, new BanList(Duration.ofDays(1), random.split()), new Acquaintances());
    }

    private static void remember(AddrMan book, long now) {
        for (int i = 0; i < HONEST; i++) {
            NetAddress address = honest(i);
            book.add(
                    List.of(new AddressEntry(now - 86_400, SERVICES, address)),
                    honest((i * 7 + 1) % HONEST),
                    0,
                    now);
            if (i % (HONEST / TRUSTED) == 0) {
                book.good(address, now - 86_400);
            }
        }
    }

    private static void flood(EclipseTarget target, int groups, SplittableRandom random) {
        var senders = new ArrayList<PeerId>();
        for (int i = 0; i < SENDERS; i++) {
            senders.add(target.accept(attacker(i, groups).withPort(50_000)));
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (PeerId each : senders) {
                var entries = new ArrayList<AddressEntry>();
                for (int i = 0; i < PER_MESSAGE; i++) {
                    entries.add(
                            new AddressEntry(
                                    target.now().unixSeconds(),
                                    SERVICES,
                                    attacker(random.nextInt(ATTACKERS), groups)));
                }
                target.send(each, new AddrV2(entries));
            }
            target.advance(Duration.ofMinutes(2));
        }
    }

    /// The report as text.
    public static String text(long seed, int runs) {
        return text(
                "Eclipse of a node by a flood of addresses and a restart", rows(seed, runs), seed);
    }

    static String text(String title, List<Row> rows, long seed) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s: %d attacks each, seed %d%n"
                                + "(success: all ten outbound connections are the attacker's)%n%n"
                                + "%-20s %-18s %9s %15s %18s %15s%n",
                        title,
                        rows.getFirst().won().of(),
                        seed,
                        "countermeasures",
                        "attack",
                        "success",
                        "95 % of samples",
                        "attacker's share",
                        "95 % of samples"));
        for (Row row : rows) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-20s %-18s %7.1f %% %15s %16.1f %% %15s%n",
                            row.setting(),
                            row.attack(),
                            PERCENT * row.won().share(),
                            row.won().percents(),
                            PERCENT * row.share().value(),
                            row.share().percents()));
        }
        return text.toString();
    }
}
