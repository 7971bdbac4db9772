package weft.p2p.defence;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import weft.wire.NetAddress;

/// Points of those who broke the protocol. Ours alone: no message carries them, because whoever believed
/// others' scores could be set against anybody.
///
/// - Everybody begins with 0; points add up.
/// - They belong to the host, whatever its port, so that a new connection is no new start. Hosts of this
///   machine are told apart by their ports, since many nodes share it.
/// - They are forgotten a day after the last offence, and when [#HOSTS_MAX] others offended since.
public final class Scores {
    /// Points at which a peer is banned.
    public static final int LIMIT = 100;

    /// Of something that may be said by mistake: a message before `version`.
    public static final int TRIFLE = 1;

    /// Of a list that is longer than the protocol allows.
    public static final int OVERSIZED = 20;

    /// Of everything else that no honest peer does.
    public static final int SEVERE = LIMIT;

    /// How long a ban lasts, and how long points are kept: a day.
    public static final long BAN_SECONDS = 86_400;

    /// Hosts that are remembered at most.
    public static final int HOSTS_MAX = 10_000;

    private record Entry(int points, long seconds) {}

    private final Map<NetAddress, Entry> entries = new LinkedHashMap<>();

    /// Nobody did anything yet.
    public Scores() {}

    private static NetAddress hostOf(NetAddress address) {
        return address.isLocal() ? address : address.withPort(0);
    }

    /// Adds points.
    ///
    /// @param points more than 0
    /// @return all points of that host now
    public int add(NetAddress address, int points, long nowSeconds) {
        NetAddress host = hostOf(address);
        int sum = (int) Math.min(Integer.MAX_VALUE, (long) of(address, nowSeconds) + points);
        entries.remove(host);
        entries.put(host, new Entry(sum, nowSeconds));
        if (entries.size() > HOSTS_MAX) {
            Iterator<NetAddress> oldest = entries.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return sum;
    }

    /// Points of a host; 0 if there are none.
    public int of(NetAddress address, long nowSeconds) {
        Entry entry = entries.get(hostOf(address));
        return entry == null || nowSeconds - entry.seconds >= BAN_SECONDS ? 0 : entry.points;
    }

    /// A host begins anew: it served its ban, or the operator ended that.
    public void forget(NetAddress address) {
        entries.remove(hostOf(address));
    }
}
