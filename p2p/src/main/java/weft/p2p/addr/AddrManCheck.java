package weft.p2p.addr;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import weft.primitives.Bytes;
import weft.wire.NetworkId;

/// Compares the tables of an [AddrMan] with each other (`-checkaddrman`).
public final class AddrManCheck {
    private AddrManCheck() {}

    /// What is wrong, as Bitcoin Core numbers it; 0 if nothing is.
    public static int faultOf(AddrMan book) {
        if (book.shuffled.size() != book.triedCount + book.newCount) {
            return -7;
        }
        var inNew = new EnumMap<NetworkId, Integer>(NetworkId.class);
        var inTried = new EnumMap<NetworkId, Integer>(NetworkId.class);
        for (AddrManEntry entry : book.byId.values()) {
            int fault = faultOf(book, entry);
            if (fault != 0) {
                return fault;
            }
            (entry.tried ? inTried : inNew).merge(entry.address.network(), 1, Integer::sum);
        }
        int fault = faultOfTried(book);
        if (fault == 0) {
            fault = faultOfNew(book);
        }
        if (fault == 0 && book.key.equals(Bytes.wrap(new byte[book.key.length()]))) {
            fault = -16;
        }
        return fault == 0 ? faultOfCounts(book, inNew, inTried) : fault;
    }

    private static int faultOf(AddrMan book, AddrManEntry entry) {
        if (entry.tried) {
            if (entry.lastSuccessSeconds == 0) {
                return -1;
            }
            if (entry.references != 0) {
                return -2;
            }
        } else if (entry.references < 0 || entry.references > AddrMan.NEW_PLACES_MAX) {
            return -3;
        } else if (entry.references == 0) {
            return -4;
        }
        if (book.byAddress.get(entry.address) != entry) {
            return -5;
        }
        if (entry.lastTrySeconds < 0) {
            return -6;
        }
        if (entry.lastSuccessSeconds < 0) {
            return -8;
        }
        int at = entry.randomPosition;
        return at < 0 || at >= book.shuffled.size() || book.shuffled.get(at) != entry ? -14 : 0;
    }

    private static int faultOfTried(AddrMan book) {
        int found = 0;
        for (AddrMan.Placed each : book.entries(true)) {
            AddrManEntry entry = each.entry();
            found++;
            if (!entry.tried || book.byId.get(entry.id) != entry) {
                return -11;
            }
            if (entry.triedBucket(book.key, book.groups) != each.position().bucket()) {
                return -17;
            }
            if (entry.position(book.key, false, each.position().bucket())
                    != each.position().position()) {
                return -18;
            }
        }
        return found == book.triedCount ? 0 : -13;
    }

    private static int faultOfNew(AddrMan book) {
        var places = new HashMap<Long, Integer>();
        for (AddrMan.Placed each : book.entries(false)) {
            AddrManEntry entry = each.entry();
            if (entry.tried || book.byId.get(entry.id) != entry) {
                return -12;
            }
            if (entry.position(book.key, true, each.position().bucket())
                    != each.position().position()) {
                return -19;
            }
            places.merge(entry.id, 1, Integer::sum);
        }
        for (AddrManEntry entry : book.byId.values()) {
            if (places.getOrDefault(entry.id, 0) != entry.references) {
                return -15;
            }
        }
        return places.size() == book.newCount ? 0 : -10;
    }

    private static int faultOfCounts(
            AddrMan book, Map<NetworkId, Integer> inNew, Map<NetworkId, Integer> inTried) {
        for (NetworkId network : NetworkId.values()) {
            if (book.size(network, true) != inNew.getOrDefault(network, 0)
                    || book.size(network, false) != inTried.getOrDefault(network, 0)) {
                return -21;
            }
        }
        return 0;
    }
}
