package weft.p2p;

import static weft.p2p.OutboundLines.SECOND;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// When which DNS seed is asked: Bitcoin Core's thread for that, which goes on at each tick where it slept.
final class OutboundSeedsModel {
    private static final long DAY = 86_400;

    private final OutboundPlanModel us;
    private final P2pOptions.Sources sources;
    private final SplittableRandom luck;

    /// Those not asked yet; null before the start.
    private @Nullable List<String> seeds;

    /// Seeds by the names that are looked up.
    private final Map<String, String> asked = new HashMap<>();

    private long seedNodesUntil;
    private boolean isDecided;
    private boolean isOver;

    /// How many may be asked without waiting.
    private int atOnce;

    private long patience;
    private long sleepsSince = -1;
    private long looked;

    OutboundSeedsModel(OutboundPlanModel us, P2pOptions.Sources sources, SplittableRandom luck) {
        this.us = us;
        this.sources = sources;
        this.luck = luck;
        this.isOver = !sources.dns().enabled();
    }

    void tick() {
        if (!isOver && seeds == null) {
            seeds = shuffled(sources.dns().seeds());
            seedNodesUntil = us.nanos + 30 * SECOND;
        }
        if (!isOver && !isDecided) {
            decide();
        }
        while (!isOver && isDecided && !sleeps() && us.active) {
            ask();
        }
    }

    private List<String> shuffled(List<String> all) {
        var mixed = new ArrayList<>(all);
        for (int i = mixed.size() - 1; i > 0; i--) {
            Collections.swap(mixed, i, luck.nextInt(i + 1));
        }
        return mixed;
    }

    /// Seed nodes have half a minute before anybody else is asked.
    private void decide() {
        boolean enough = us.hasTwoPeers();
        boolean first = !sources.seedNodes().isEmpty();
        if (first && us.nanos <= seedNodesUntil && !enough) {
            return;
        }
        isDecided = true;
        boolean all = sources.dns().forced() || us.book.size() == 0;
        atOnce = all && seeds != null ? seeds.size() : 0;
        patience = (us.book.size() >= 1000 ? 300 : 11) * SECOND;
        isOver = first && enough && !all;
        us.meet(isOver ? "seed nodes were enough" : all ? "all seeds" : "seeds by need");
    }

    /// Before three more are asked, some time is left to those who are dialled; every eleven seconds we look
    /// whether two are there.
    private boolean sleeps() {
        if (seeds == null || seeds.isEmpty()) {
            isOver = asked.isEmpty();
            return true;
        }
        if (atOnce > 0) {
            return false;
        }
        if (us.book.size() > 0 || sleepsSince >= 0) {
            if (sleepsSince < 0) {
                sleepsSince = us.nanos;
                looked = us.nanos;
            }
            if (us.nanos < Math.min(looked + 11 * SECOND, sleepsSince + patience)) {
                return true;
            }
            looked = us.nanos;
            isOver = us.hasTwoPeers();
            us.meet("two peers are there: " + isOver);
            if (isOver || us.nanos < sleepsSince + patience) {
                return true;
            }
            sleepsSince = -1;
        }
        atOnce = 3;
        return false;
    }

    private void ask() {
        if (seeds == null) {
            return;
        }
        String seed = seeds.removeFirst();
        atOnce--;
        boolean isAddress = us.numeric(seed) != null || seed.contains(":");
        if (isAddress || sources.dns().byProxy()) {
            us.meet("seed itself");
            us.fetchFrom(seed);
        } else {
            us.meet("seed asked");
            asked.put("x9." + seed, seed);
            us.out.add(new PeerOutput.Resolve("x9." + seed, us.port()));
        }
    }

    /// Of each at most 32 addresses count, as seen some days ago; who has no answer is asked by a dial.
    boolean resolved(String name, List<NetAddress> addresses) {
        String seed = asked.remove(name);
        if (seed == null) {
            return false;
        }
        if (addresses.isEmpty()) {
            us.fetchFrom(seed);
            return true;
        }
        var heard = new ArrayList<AddressEntry>();
        for (int i = 0; i < Math.min(32, addresses.size()); i++) {
            long seen = us.seconds - 3 * DAY - luck.nextLong(4 * DAY);
            heard.add(new AddressEntry(seen, 9, addresses.get(i)));
        }
        us.book.add(heard, NetAddress.internal(name), 0, us.seconds);
        return true;
    }

    long demand() {
        if (!isOver && !isDecided) {
            return seedNodesUntil + 1;
        }
        boolean sleeps = !isOver && sleepsSince >= 0;
        return sleeps ? Math.min(looked + 11 * SECOND, sleepsSince + patience) : Long.MAX_VALUE;
    }
}
