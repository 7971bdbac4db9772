package weft.p2p;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// Asks DNS seeds for addresses when there is need.
///
/// - With an empty book, all at once. Otherwise three at a time, and only if eleven seconds (five minutes
///   with a good book) have not brought two outbound peers. *Rationale:* each question tells somebody that we
///   start.
/// - Nothing that a seed says is believed before a handshake; one seed gives at most 32 addresses.
/// - A seed without an answer, or one that is an address and no name, is dialled itself and asked for
///   addresses; behind a proxy, which only dials, every seed is.
final class DnsSeeding {
    private static final int AT_ONCE = 3;
    private static final int ENOUGH_PEERS = 2;
    private static final int GOOD_BOOK = 1000;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long FEW_SECONDS = 11;
    private static final long MANY_SECONDS = 300;
    private static final long SEED_NODES_SECONDS = 30;
    private static final int ADDRESSES_MAX = 32;
    private static final long DAY_SECONDS = 86_400;
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private enum Phase {
        BEGIN,
        SEED_NODES,
        CHOOSE,
        WAIT,
        ASK,
        DONE
    }

    private final EngineParts parts;
    private final Dialler dialler;
    private final Consumer<String> fetchFrom;
    private final Log log;
    private final List<String> seeds;
    private final Map<String, String> asked = new LinkedHashMap<>();
    private Phase phase = Phase.BEGIN;
    private int next;
    private int rightNow;
    private long waitSeconds;
    private long phaseEndNanos;
    private long peekNanos;
    private boolean toldInactive;
    private int found;

    /// @param fetchFrom dials a seed itself to ask for addresses
    DnsSeeding(EngineParts parts, Dialler dialler, Consumer<String> fetchFrom) {
        this.parts = parts;
        this.dialler = dialler;
        this.fetchFrom = fetchFrom;
        this.log = parts.log;
        this.seeds = new ArrayList<>(parts.options.sources().dns().seeds());
    }

    private boolean hasEnoughPeers() {
        int full = 0;
        for (Connection each : parts.connections.open()) {
            boolean counts = each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY;
            full += counts && each.peer.isReady() ? 1 : 0;
        }
        return full >= ENOUGH_PEERS;
    }

    void onTick(Now now, Outbox out) {
        Phase before;
        do {
            before = phase;
            step(now, out);
        } while (phase != before);
    }

    private void step(Now now, Outbox out) {
        switch (phase) {
            case BEGIN -> begin(now);
            case SEED_NODES -> awaitSeedNodes(now);
            case CHOOSE -> choose(now);
            case WAIT -> await(now);
            case ASK -> ask(out);
            case DONE -> {}
        }
    }

    private void begin(Now now) {
        if (!parts.options.sources().dns().enabled()) {
            log.info("DNS seeding disabled");
            phase = Phase.DONE;
            return;
        }
        for (int i = seeds.size() - 1; i > 0; i--) {
            Collections.swap(seeds, i, parts.random.nextInt(i + 1));
        }
        if (parts.options.sources().seedNodes().isEmpty()) {
            enterQuestions();
            return;
        }
        log.info(
                "-seednode enabled. Trying the provided seeds for "
                        + SEED_NODES_SECONDS
                        + " seconds before defaulting to the dnsseeds.");
        phaseEndNanos = now.monotonicNanos() + SEED_NODES_SECONDS * SECOND_NANOS;
        phase = Phase.SEED_NODES;
    }

    private void awaitSeedNodes(Now now) {
        if (now.monotonicNanos() > phaseEndNanos) {
            log.info(
                    "Couldn't connect to enough peers via seed nodes."
                            + " Handing fetch logic to the DNS seeds.");
            enterQuestions();
        } else if (hasEnoughPeers()) {
            log.info("P2P peers available. Finished fetching data from seed nodes.");
            enterQuestions();
        }
    }

    private void enterQuestions() {
        boolean all = parts.options.sources().dns().forced() || parts.book.size() == 0;
        rightNow = all ? seeds.size() : 0;
        waitSeconds = parts.book.size() >= GOOD_BOOK ? MANY_SECONDS : FEW_SECONDS;
        phase = Phase.CHOOSE;
        if (!all && !parts.options.sources().seedNodes().isEmpty() && hasEnoughPeers()) {
            log.info("Skipping DNS seeds. Enough peers have been found");
            phase = Phase.DONE;
        }
    }

    private void choose(Now now) {
        if (next == seeds.size() && !asked.isEmpty()) {
            return;
        }
        if (next == seeds.size()) {
            log.info(found + " addresses found from DNS seeds");
            phase = Phase.DONE;
        } else if (rightNow > 0) {
            phase = Phase.ASK;
        } else {
            rightNow = AT_ONCE;
            if (parts.book.size() == 0) {
                phase = Phase.ASK;
                return;
            }
            log.info("Waiting " + waitSeconds + " seconds before querying DNS seeds.");
            phaseEndNanos = now.monotonicNanos() + waitSeconds * SECOND_NANOS;
            peekNanos = now.monotonicNanos() + FEW_SECONDS * SECOND_NANOS;
            phase = Phase.WAIT;
        }
    }

    private void await(Now now) {
        if (now.monotonicNanos() < Math.min(peekNanos, phaseEndNanos)) {
            return;
        }
        peekNanos = now.monotonicNanos() + FEW_SECONDS * SECOND_NANOS;
        if (hasEnoughPeers()) {
            if (found > 0) {
                log.info(found + " addresses found from DNS seeds");
                log.info("P2P peers available. Finished DNS seeding.");
            } else {
                log.info("P2P peers available. Skipped DNS seeding.");
            }
            phase = Phase.DONE;
        } else if (now.monotonicNanos() >= phaseEndNanos) {
            phase = Phase.ASK;
        }
    }

    private void ask(Outbox out) {
        if (!dialler.isActive()) {
            if (!toldInactive) {
                toldInactive = true;
                log.info("Waiting for network to be reactivated before querying DNS seeds.");
            }
            return;
        }
        String seed = seeds.get(next++);
        rightNow--;
        phase = Phase.CHOOSE;
        boolean noName = isNoName(seed);
        log.info("Loading addresses from " + (noName ? "seed " : "DNS seed ") + seed);
        if (noName || parts.options.sources().dns().byProxy()) {
            fetchFrom.accept(seed);
            return;
        }
        String host = "x" + Long.toHexString(SERVICES) + "." + seed;
        asked.put(host, seed);
        out.add(new PeerOutput.Resolve(host, parts.options.self().port()));
    }

    /// Whether DNS cannot know it: an address, or something with a port.
    private static boolean isNoName(String seed) {
        return seed.indexOf(':') >= 0
                || seed.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /// @return whether the answer was for us
    boolean onResolved(String name, List<NetAddress> addresses, Now now) {
        String seed = asked.remove(name);
        if (seed == null) {
            return false;
        }
        if (addresses.isEmpty()) {
            fetchFrom.accept(seed);
            return true;
        }
        var heard = new ArrayList<AddressEntry>();
        for (NetAddress each : addresses.subList(0, Math.min(ADDRESSES_MAX, addresses.size()))) {
            long age = 3 * DAY_SECONDS + parts.random.nextLong(4 * DAY_SECONDS);
            long seconds = Math.max(0, now.unixSeconds() - age) & 0xffff_ffffL;
            heard.add(new AddressEntry(seconds, SERVICES, each));
        }
        found += heard.size();
        parts.book.add(heard, NetAddress.internal(name), 0, now.unixSeconds());
        return true;
    }

    OptionalLong nextDeadlineNanos() {
        return switch (phase) {
            case BEGIN -> OptionalLong.of(Long.MIN_VALUE);
            case SEED_NODES -> OptionalLong.of(phaseEndNanos + 1);
            case WAIT -> OptionalLong.of(Math.min(peekNanos, phaseEndNanos));
            case CHOOSE, ASK, DONE -> OptionalLong.empty();
        };
    }
}
