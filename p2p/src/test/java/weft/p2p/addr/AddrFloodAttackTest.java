package weft.p2p.addr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// Addresses without end, as many peers as there may be telling of them.
///
/// `-Dweft.times=N` has N times as many; 100 are ten million.
class AddrFloodAttackTest implements SeenRed {
    private static final long NOW = 1_700_000_000;
    private static final int PEERS = 125;
    private static final int ADDRESSES = 100_000 * Integer.getInteger("weft.times", 1);
    private static final int NEW_MAX = 65_536;
    private static final int TRIED_MAX = 16_384;
    private static final int BUCKETS_A_GROUP = 64;

    /// One in so many answered when it was dialled.
    private static final int ANSWERING = 5;

    private final SplittableRandom random = new SplittableRandom(11);
    private final AddrMan book =
            new AddrMan(AddrMan.newKey(random), NetGroups.PUBLIC, random.split(), Log.NONE);

    /// A peer of a group of its own, or of one of few.
    private static NetAddress peer(int number, int groups) {
        return NetAddress.parse(30 + number % groups + ".7." + number + ".1:8333", 8333);
    }

    private AddressEntry somewhere() {
        byte[] ip = {
            (byte) random.nextInt(11, 100),
            (byte) random.nextInt(256),
            (byte) random.nextInt(256),
            (byte) random.nextInt(1, 255)
        };
        // The older half gives way to others.
        long time = NOW - random.nextInt(60) * 86_400L;
        return new AddressEntry(time, 9, NetAddress.ofIp(ip, 8333));
    }

    private void hear(NetAddress source, int count, boolean answering) {
        var entries = new ArrayList<AddressEntry>();
        for (int i = 0; i < count; i++) {
            entries.add(somewhere());
        }
        book.add(entries, source, 0, NOW);
        for (int i = 0; answering && i < count; i += ANSWERING) {
            book.good(entries.get(i).address(), NOW);
        }
    }

    @Test
    @DisplayName("D11 addresses without end from 125 peers of 125 groups")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "clearNew", call = "delete")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "makeTried", call = "backToNew")
    void shouldKeepNoMoreAddressesThanThereIsRoomFor() {
        // Else what is in its place stays there, and nothing moves.
        book.collision.testsFirst = false;
        int told = 0;
        int largest = 0;
        for (int peer = 0; told < ADDRESSES; peer = (peer + 1) % PEERS) {
            hear(peer(peer, PEERS), AddressEntry.MAX_PER_MESSAGE, true);
            told += AddressEntry.MAX_PER_MESSAGE;
            largest = Math.max(largest, book.size());
            assertThat(book.size(null, true)).isLessThanOrEqualTo(NEW_MAX);
            assertThat(book.size(null, false)).isLessThanOrEqualTo(TRIED_MAX);
        }
        assertThat(largest).as("else nothing was tried").isGreaterThan(NEW_MAX / 2);
        assertThat(book.sample(0, 0, null, false, NOW)).hasSize(book.size());
        assertThat(AddrManCheck.faultOf(book)).isZero();
    }

    @Test
    @DisplayName("D11 addresses without end from 125 peers of two groups, beside honest ones")
    @Sabotage(type = "weft.p2p.addr.AddrManEntry", method = "newBucket", constant = "64>1024")
    void shouldGiveAGroupOfSourcesFewBuckets() {
        NetAddress honestSource = NetAddress.parse("150.1.1.1:8333", 8333);
        hear(honestSource, 1_000, false);
        int honest = book.size();
        int told = 0;
        for (int peer = 0; told < ADDRESSES; peer = (peer + 1) % PEERS) {
            hear(peer(peer, 2), AddressEntry.MAX_PER_MESSAGE, false);
            told += AddressEntry.MAX_PER_MESSAGE;
        }
        Map<Bytes, TreeSet<Integer>> buckets = new HashMap<>();
        int honestLeft = 0;
        for (AddressEntry each : book.sample(0, 0, null, false, NOW)) {
            NetAddress source = source(each.address());
            honestLeft += source.equals(honestSource) ? 1 : 0;
            buckets.computeIfAbsent(NetGroups.PUBLIC.groupOf(source), any -> new TreeSet<>())
                    .add(bucket(each.address()));
        }
        assertThat(buckets).hasSize(3);
        assertThat(buckets.values())
                .allSatisfy(each -> assertThat(each).hasSizeLessThanOrEqualTo(BUCKETS_A_GROUP));
        assertThat(book.size()).isLessThanOrEqualTo(3 * BUCKETS_A_GROUP * AddrMan.BUCKET_SIZE);
        assertThat(honestLeft).as("of %d", honest).isGreaterThan(honest * 7 / 10);
        assertThat(AddrManCheck.faultOf(book)).isZero();
    }

    private NetAddress source(NetAddress address) {
        return Check.present(book.find(address), "an entry").source();
    }

    private int bucket(NetAddress address) {
        return Check.present(book.positionOf(address), "a place").bucket();
    }
}
