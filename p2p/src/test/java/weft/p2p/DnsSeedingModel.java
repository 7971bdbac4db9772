package weft.p2p;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Set;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// What Bitcoin Core's thread for DNS seeds does, told as a thread would do it, from its beginning to where
/// it sleeps. Instead of sleeping it takes the next tick out of a diary; each question plays the whole diary
/// again.
final class DnsSeedingModel {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY_SECONDS = 86_400;

    /// What the thread finds when it looks.
    sealed interface Note {}

    /// @param friends two full-relay connections of ours are ready
    /// @param book addresses in the book
    /// @param active the network is on
    record Look(long nanos, boolean friends, int book, boolean active) implements Note {}

    /// A seed answered.
    record Answer(String host, int addresses) implements Note {}

    private final P2pOptions options;

    /// The machine's luck and book at the same moment, in another copy.
    private final EngineParts twin;

    final List<Note> diary = new ArrayList<>();
    private final List<String> seeds;

    // ---- how far the thread came when it was played last

    /// Lines, and seeds that are dialled, in their order.
    final List<String> deeds = new ArrayList<>();

    /// Names to look up, in their order, each with its seed.
    final Map<String, String> asked = new LinkedHashMap<>();

    private final Set<String> answered = new HashSet<>();

    /// When it wants to look again.
    OptionalLong wake = OptionalLong.empty();

    private int at;
    private int found;
    private Look look = new Look(0, false, 0, false);

    DnsSeedingModel(P2pOptions options, EngineParts twin) {
        this.options = options;
        this.twin = twin;
        this.seeds = new ArrayList<>(options.sources().dns().seeds());
        play();
    }

    void look(Look now) {
        if (diary.isEmpty() && options.sources().dns().enabled()) {
            for (int i = seeds.size() - 1; i > 0; i--) {
                Collections.swap(seeds, i, twin.random.nextInt(i + 1));
            }
        }
        diary.add(now);
        play();
    }

    /// No more than 32 addresses of one seed, as if they were seen three to seven days ago. Whoever has none
    /// is dialled.
    ///
    /// @return whether a seed was asked so
    boolean answer(String host, List<NetAddress> addresses, Now now) {
        if (!asked.containsKey(host) || answered.contains(host)) {
            return false;
        }
        var heard = new ArrayList<AddressEntry>();
        for (NetAddress each : addresses) {
            if (heard.size() < 32) {
                long days = DAY_SECONDS * 3 + twin.random.nextLong(DAY_SECONDS * 4);
                heard.add(new AddressEntry(now.unixSeconds() - days, 9, each));
            }
        }
        twin.book.add(heard, NetAddress.internal(host), 0, now.unixSeconds());
        diary.add(new Answer(host, heard.size()));
        play();
        return true;
    }

    private void play() {
        deeds.clear();
        asked.clear();
        answered.clear();
        at = 0;
        found = 0;
        try {
            sleep(OptionalLong.of(Long.MIN_VALUE));
            run();
            while (true) {
                sleep(OptionalLong.empty());
            }
        } catch (NoSuchElementException _) {
            // It sleeps.
        }
    }

    /// Until the next look.
    private void sleep(OptionalLong until) {
        wake = until;
        while (at < diary.size()) {
            switch (diary.get(at++)) {
                case Look next -> {
                    look = next;
                    return;
                }
                case Answer(String host, int addresses) -> {
                    answered.add(host);
                    found += addresses;
                    if (addresses == 0) {
                        deeds.add("dial " + Check.present(asked.get(host), "it was asked"));
                    }
                }
            }
        }
        throw new NoSuchElementException("asleep");
    }

    private void say(String line) {
        deeds.add(line);
    }

    private void run() {
        P2pOptions.Sources sources = options.sources();
        if (!sources.dns().enabled()) {
            say("DNS seeding disabled");
            return;
        }
        boolean seedNodes = !sources.seedNodes().isEmpty();
        if (seedNodes) {
            tryNodes();
        }
        boolean all = sources.dns().forced() || look.book == 0;
        // Core, when the time is up, takes the number of peers of half a second ago.
        if (seedNodes && look.friends && !all) {
            say("Skipping DNS seeds. Enough peers have been found");
            return;
        }
        long wait = look.book >= 1_000 ? 300 : 11;
        int rightNow = all ? seeds.size() : 0;
        for (String seed : seeds) {
            if (rightNow == 0) {
                rightNow = 3;
                if (look.book > 0 && findsFriends(wait)) {
                    return;
                }
            }
            awaitNetwork();
            ask(seed);
            rightNow--;
        }
        while (!answered.containsAll(asked.keySet())) {
            sleep(OptionalLong.empty());
        }
        say(found + " addresses found from DNS seeds");
    }

    private void tryNodes() {
        say(
                "-seednode enabled. Trying the provided seeds for 30 seconds before defaulting to"
                        + " the dnsseeds.");
        long end = look.nanos + 30 * SECOND;
        while (look.nanos <= end && !look.friends) {
            sleep(OptionalLong.of(end + 1));
        }
        say(
                look.nanos > end
                        ? "Couldn't connect to enough peers via seed nodes. Handing fetch logic to"
                                + " the DNS seeds."
                        : "P2P peers available. Finished fetching data from seed nodes.");
    }

    /// Looks for peers every eleven seconds, and at the end.
    private boolean findsFriends(long wait) {
        say("Waiting " + wait + " seconds before querying DNS seeds.");
        long end = look.nanos + wait * SECOND;
        do {
            long next = Math.min(look.nanos + 11 * SECOND, end);
            while (look.nanos < next) {
                sleep(OptionalLong.of(next));
            }
            if (look.friends) {
                if (found > 0) {
                    say(found + " addresses found from DNS seeds");
                    say("P2P peers available. Finished DNS seeding.");
                } else {
                    say("P2P peers available. Skipped DNS seeding.");
                }
                return true;
            }
        } while (look.nanos < end);
        return false;
    }

    /// Says once why it waits; Core says it as often as it waits.
    private void awaitNetwork() {
        String line = "Waiting for network to be reactivated before querying DNS seeds.";
        if (!look.active && !deeds.contains(line)) {
            say(line);
        }
        while (!look.active) {
            sleep(OptionalLong.empty());
        }
    }

    /// Looked up here by the services that are wanted of those it names; dialled, where a proxy looks up, or
    /// where there is nothing to look up.
    private void ask(String seed) {
        boolean noName = seed.matches("[0-9.]*|.*:.*");
        say("Loading addresses from " + (noName ? "seed " : "DNS seed ") + seed);
        if (noName || options.sources().dns().byProxy()) {
            deeds.add("dial " + seed);
        } else {
            asked.put("x9." + seed, seed);
        }
    }
}
