package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Diversity;
import weft.p2p.defence.FloodWatch;
import weft.p2p.defence.MessageClass;
import weft.p2p.defence.Warning;
import weft.p2p.defence.WarningBoard;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.TxMessage;

/// Watches for attacks every ten seconds, tells of them, and reacts. Each reaction is bounded:
///
/// - [Warning.Kind#ECLIPSE]: one outbound peer of the largest group a minute is given up for one of another
///   group, if one is known and no other connection is missing.
/// - [Warning.Kind#FLOOD]: the class of messages that most are of is throttled; see [FloodWatch].
/// - [Warning.Kind#ONE_VERSION] and [Warning.Kind#CLOCK]: nothing but the line in the log.
/// - [Warning.Kind#STALE_TIP]: that too; while no block is under way [ExtraPeers] tries one more peer.
///
/// Peers that the operator chose, and those of this machine, are not counted and not touched.
final class Defence {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STEP_NANOS = 10 * SECOND_NANOS;
    private static final long ROTATION_NANOS = 60 * SECOND_NANOS;
    private static final int TRIES = 30;

    private final EngineParts parts;
    private final NetGroups groups;
    private final boolean reacts;
    private final FloodWatch floods;
    private final TipWatch tip;
    private final WarningBoard board = new WarningBoard();
    private Census census = Census.NONE;
    private long nextNanos = Long.MIN_VALUE;
    private long nextRotationNanos = Long.MIN_VALUE;

    /// @param isNetworkOn whether connections may be made
    Defence(EngineParts parts, BooleanSupplier isNetworkOn) {
        this.parts = parts;
        this.tip = new TipWatch(parts, isNetworkOn);
        this.groups = parts.options.sources().groups();
        this.reacts = parts.options.defence().reacts();
        this.floods = new FloodWatch(reacts);
    }

    /// Whether to hear a message.
    boolean hears(Connection from, Message message, Now now) {
        Peer peer = from.peer;
        if (!peer.isReady() || !counts(peer.address()) || PrivateTalks.isOn(from)) {
            return true;
        }
        boolean asked = message instanceof TxMessage tx && parts.txs.isAwaited(peer.id(), tx);
        MessageClass kind = asked ? MessageClass.SOLICITED : MessageClass.of(message.command());
        boolean exempt =
                peer.permissions().has(PeerPermissions.NO_BAN)
                        || peer.type() == ConnectionType.MANUAL;
        return floods.onMessage(peer.id(), peer.address().networkLabel(), kind, exempt, now);
    }

    private boolean counts(NetAddress address) {
        return groups.isRoutable(address);
    }

    void onGone(PeerId peer) {
        floods.onGone(peer);
    }

    void onTick(Now now, Outbox out) {
        if (now.monotonicNanos() < nextNanos) {
            return;
        }
        nextNanos = now.monotonicNanos() + STEP_NANOS;
        var seen = new ArrayList<Warning>();
        census = Census.of(parts.connections, groups, census);
        if (Diversity.isLow(census.byGroup().values())) {
            seen.add(eclipse(census.byGroup(), census.outbound().size()));
            rotate(census.outbound(), census.byGroup(), now, out);
        }
        census.oneVersion().ifPresent(seen::add);
        watchFloods(seen, now);
        parts.clock.warning().ifPresent(seen::add);
        tip.warning(now).ifPresent(seen::add);
        WarningBoard.Change change = board.update(seen, now);
        for (Warning each : change.begun()) {
            parts.log.warning(each.text());
            out.emit(new PeerEvent.AttackSuspected(each));
        }
        for (Warning each : change.ended()) {
            parts.log.info("No longer: " + each.text());
            out.emit(new PeerEvent.SuspicionEnded(each));
        }
    }

    // ---- few groups

    private Bytes group(Peer peer) {
        return groups.groupOf(peer.address());
    }

    private static Warning eclipse(Map<Bytes, Integer> byGroup, int peers) {
        String text =
                String.format(
                        Locale.ROOT,
                        "Possible eclipse attack: %d outbound peers are of %d groups of addresses"
                                + " (diversity %.2f, below 0.50)",
                        peers,
                        byGroup.size(),
                        Diversity.index(byGroup.values()));
        return new Warning(Warning.Kind.ECLIPSE, "", text);
    }

    private void rotate(
            List<Connection> outbound, Map<Bytes, Integer> byGroup, Now now, Outbox out) {
        boolean due = reacts && now.monotonicNanos() >= nextRotationNanos;
        if (!due || isMissingPeers(outbound) || !knowsOthers(byGroup, now)) {
            return;
        }
        nextRotationNanos = now.monotonicNanos() + ROTATION_NANOS;
        Bytes largest = Diversity.most(byGroup).orElseThrow();
        for (Connection each : outbound.reversed()) {
            if (group(each.peer).equals(largest)) {
                parts.log.info(
                        "Giving up outbound peer=" + each.id() + " for one of another group");
                parts.connections.disconnect(each.id(), "too many peers of its group", out);
                return;
            }
        }
    }

    /// While connections are missing, the plan dials others anyway.
    private boolean isMissingPeers(List<Connection> outbound) {
        long full =
                outbound.stream()
                        .filter(each -> each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                        .count();
        return !parts.options.sources().automatic() || full < parts.limits.fullRelay();
    }

    private boolean knowsOthers(Map<Bytes, Integer> byGroup, Now now) {
        for (int i = 0; i < TRIES; i++) {
            AddrMan.Selected found = parts.book.select(false, null, now.unixSeconds());
            if (found == null) {
                return false;
            }
            NetAddress address = found.entry().address();
            if (!byGroup.containsKey(groups.groupOf(address)) && !parts.isUnwanted(address)) {
                return true;
            }
        }
        return false;
    }

    // ---- many messages

    private void watchFloods(List<Warning> seen, Now now) {
        floods.onTick(census.byNetwork(), now);
        floods.flooded()
                .forEach(
                        (network, rates) ->
                                seen.add(
                                        new Warning(
                                                Warning.Kind.FLOOD,
                                                network,
                                                flood(network, rates))));
    }

    private static String flood(String network, double[] rates) {
        return String.format(
                Locale.ROOT,
                "Possible flood: peers of %s send %.1f messages a second each, usual are %.1f",
                network,
                rates[1],
                rates[0]);
    }

    // ---- queries

    List<Warning> warnings() {
        return board.current();
    }

    FloodWatch floods() {
        return floods;
    }

    long nextDeadlineNanos() {
        return nextNanos;
    }
}
