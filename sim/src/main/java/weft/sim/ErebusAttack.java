package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.p2p.ConnectionType;
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
import weft.primitives.log.Log;
import weft.wire.AddrV2;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// The attack of Tran and others (2020) on one node, played against the program's own peer engine: an
/// operator in the middle fills the node's address book with addresses that lie behind it, and waits until
/// the node's peers leave one by one and others take their places.
///
/// - The node knows the honest nodes of the last month, and shook hands with a fifth of those that are there.
///   Twenty honest peers have dialled it. Each honest peer, dialled or dialling, tells it ten addresses every
///   ten minutes, seven of nodes that are there and three of nodes that were.
/// - Twenty connections of the attacker come in. Each tells a thousand addresses behind the attacker at once,
///   and then sixty every ten minutes, which is all that a peer is heard of. The attacker's own addresses are
///   dialled like others, and tell the same.
/// - Peers leave when their time is over. The node never restarts.
final class ErebusAttack {
    static final int OUTBOUND = 10;

    private static final int GUESTS = 20;
    private static final int INTRUDERS = 20;
    private static final int AT_ONCE = 1_000;
    private static final int TOLD = 60;
    private static final int HONEST_TOLD = 10;
    private static final int HONEST_TOLD_THERE = 7;
    private static final int TRIED_EVERY = 5;
    private static final int SAMPLES = 1_000;
    private static final Duration STEP = Duration.ofMinutes(10);
    private static final Duration QUIET_DAY = Duration.ofDays(1);
    private static final int PORT = 8333;
    private static final long DAY = 86_400;
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private final ErebusWorld world;
    private final SplittableRandom random;
    private final AddrMan book;
    private final EclipseTarget victim;
    private final long beginSeconds;
    private final List<ErebusWorld.Node> known = new ArrayList<>();
    private final List<PeerId> guests = new ArrayList<>();
    private final List<PeerId> intruders = new ArrayList<>();

    /// How it went.
    ///
    /// @param evil how many of ten outbound connections were the attacker's in the end
    /// @param held whether no others were left in the end
    /// @param won when no others were left for the first time, in days since the attack began; -1 for never
    /// @param share of his addresses in those that the node would dial in the end
    record Outcome(int evil, boolean held, int won, double share) {}

    ErebusAttack(
            ErebusWorld world,
            Countermeasures measures,
            NetGroups groups,
            SplittableRandom random) {
        this.world = world;
        this.random = random;
        this.book = new AddrMan(AddrMan.newKey(random), groups, random.split(), Log.NONE);
        P2pOptions options =
                P2pOptions.of(PORT, groups).with(DefenceOptions.DEFAULT.with(measures));
        var memory =
                new PeerEngine.Memory(
                        book, new BanList(Duration.ofDays(1), random.split()), new Acquaintances());
        this.beginSeconds = EclipseTarget.at(0).unixSeconds();
        remember();
        this.victim =
                new EclipseTarget(
                        options,
                        memory,
                        each -> world.answers(each, seconds()),
                        random.split(),
                        Duration.ofMinutes(1).toNanos());
    }

    /// On the clock of the experiment.
    private long seconds() {
        return victim.now().unixSeconds() - beginSeconds;
    }

    private void remember() {
        for (ErebusWorld.Node each : world.honest()) {
            if (each.bornSeconds() > 0) {
                continue;
            }
            known.add(each);
            NetAddress source = known.get(random.nextInt(known.size())).address();
            var entry = new AddressEntry(beginSeconds - DAY / 2, SERVICES, each.address());
            book.add(List.of(entry), source, 0, beginSeconds);
            if (random.nextInt(TRIED_EVERY) == 0) {
                book.good(each.address(), beginSeconds - DAY / 2);
            }
        }
    }

    /// @param time how long the attack lasts, after a day without it
    Outcome play(Duration time) {
        for (int i = 0; i < GUESTS; i++) {
            ErebusWorld.Node each = known.get(random.nextInt(known.size()));
            guests.add(victim.accept(each.address().withPort(50_000)));
        }
        pass(QUIET_DAY, -1);
        for (int i = 0; i < INTRUDERS; i++) {
            PeerId peer = victim.accept(world.shadow(random).withPort(50_000));
            intruders.add(peer);
            tell(peer, AT_ONCE);
        }
        int won = pass(time, seconds());
        return new Outcome(Math.min(evil(), OUTBOUND), isAlone(), won, shareOfBook());
    }

    /// @return the day on which the attacker had everything; -1 for none
    private int pass(Duration time, long attackSeconds) {
        long end = victim.nanos() + time.toNanos();
        int won = -1;
        while (victim.nanos() < end) {
            victim.advance(STEP);
            // Before places that became free in this step count as lost.
            if (attackSeconds >= 0 && won < 0 && isAlone()) {
                won = (int) ((seconds() - attackSeconds) / DAY);
            }
            for (PeerSnapshot each : victim.outbound()) {
                if (!world.answers(each.address(), seconds())) {
                    victim.close(each.id());
                } else if (each.type() == ConnectionType.OUTBOUND_FULL_RELAY) {
                    gossip(each);
                }
            }
            guests.forEach(this::tellHonestly);
            if (attackSeconds >= 0) {
                intruders.forEach(each -> tell(each, TOLD));
            }
        }
        return won;
    }

    private void gossip(PeerSnapshot from) {
        if (world.isShadow(from.address())) {
            if (!intruders.isEmpty()) {
                tell(from.id(), TOLD);
            }
            return;
        }
        tellHonestly(from.id());
    }

    private void tellHonestly(PeerId from) {
        var entries = new ArrayList<AddressEntry>(HONEST_TOLD);
        while (entries.size() < HONEST_TOLD) {
            List<ErebusWorld.Node> all = world.honest();
            ErebusWorld.Node each = all.get(random.nextInt(all.size()));
            boolean isThere = each.isThere(seconds());
            boolean wanted = entries.size() < HONEST_TOLD_THERE;
            if (each.bornSeconds() <= seconds() && isThere == wanted) {
                long heard = isThere ? seconds() : each.diesSeconds();
                entries.add(new AddressEntry(beginSeconds + heard, SERVICES, each.address()));
            } else if (!wanted && random.nextInt(100) == 0) {
                // In the beginning hardly anybody has gone.
                break;
            }
        }
        victim.send(from, new AddrV2(entries));
    }

    private void tell(PeerId from, int count) {
        var entries = new ArrayList<AddressEntry>(count);
        long now = victim.now().unixSeconds();
        for (int i = 0; i < count; i++) {
            entries.add(new AddressEntry(now, SERVICES, world.shadow(random)));
        }
        victim.send(from, new AddrV2(entries));
    }

    private int evil() {
        int evil = 0;
        for (PeerSnapshot each : victim.outbound()) {
            evil += world.isShadow(each.address()) ? 1 : 0;
        }
        return evil;
    }

    /// Whether all outbound connections are the attacker's: ten, or more while one more is tried.
    private boolean isAlone() {
        return victim.outbound().size() >= OUTBOUND && evil() == victim.outbound().size();
    }

    private double shareOfBook() {
        int evil = 0;
        for (int i = 0; i < SAMPLES; i++) {
            AddrMan.Selected each = book.select(false, null, victim.now().unixSeconds());
            evil += each != null && world.isShadow(each.entry().address()) ? 1 : 0;
        }
        return evil / (double) SAMPLES;
    }
}
