package weft.sim;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.wire.NetAddress;

/// The program's own address book, with the rest of the node as a script: what it dials and when follows the
/// peer engine's rules, but there are no connections. So attacks on the book can be played by the thousand.
final class BookScript {
    /// What the engine goes by: `OutboundPlan`.
    static final long FEELER_SECONDS = 120;

    private static final long RECENTLY_TRIED_SECONDS = 600;
    private static final int TRIES = 100;
    private static final int TRIES_WITHOUT_RECENT = 30;
    private static final int OLD_FRIEND_TRIES = 10;

    /// Who is there.
    interface World {
        /// Whether somebody answers at an address now.
        boolean answers(NetAddress address, long seconds);
    }

    final AddrMan book;
    private final Countermeasures measures;
    private final World world;

    /// The time, in seconds since 1970.
    long now;

    /// A node with an empty book.
    ///
    /// @param random of the book's key and of what it chooses
    BookScript(Countermeasures measures, World world, SplittableRandom random, long now) {
        this.measures = measures;
        this.world = world;
        this.now = now;
        this.book = new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);
        book.testFirst(measures.testFirst());
    }

    /// Dials an address; whether somebody answers.
    boolean dial(NetAddress address) {
        boolean answers = world.answers(address, now);
        book.attempt(address, true, now);
        if (answers) {
            book.good(address, now);
        }
        return answers;
    }

    /// Tries an address out: of those in *tried* whose place another wants, else one from *new*.
    void feeler() {
        feeler(() -> choose(true, Set.of(), false));
    }

    /// Tries an address out: of those in *tried* whose place another wants, else the one given.
    ///
    /// @param other asked for if there is none of those; may give null
    void feeler(Supplier<@Nullable NetAddress> other) {
        book.resolveCollisions(now);
        AddrMan.Selected rival = book.selectTriedCollision();
        NetAddress chosen = rival == null ? other.get() : rival.entry().address();
        if (chosen != null) {
            dial(chosen);
        }
    }

    /// Starts, and dials until so many connections are open.
    ///
    /// @param anchors these first
    /// @return who is connected, in order
    List<NetAddress> dialAll(int outbound, List<NetAddress> anchors) {
        var open = new LinkedHashSet<NetAddress>();
        var groups = new HashSet<Bytes>();
        for (NetAddress each : anchors) {
            if (dial(each)) {
                open.add(each);
                groups.add(NetGroups.PUBLIC.groupOf(each));
            }
        }
        boolean friends = measures.oldFriends();
        while (open.size() < outbound) {
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
