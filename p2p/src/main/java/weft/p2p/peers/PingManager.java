package weft.p2p.peers;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerTable;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Ping;
import weft.wire.Pong;

/// Pings, and nothing else. See BIP-0031.
///
/// - A ping right after the handshake, then by the profile ([Keepalive]).
/// - At most one is outstanding; a new one is only sent after the answer, unless the operator asks.
/// - A peer that does not answer in time is dropped.
public final class PingManager {
    private static final double NANOS = 1e9;

    private final boolean onlyIfIdle;
    private final long intervalNanos;
    private final long pongNanos;
    private final long graceNanos;
    private final PeerTable peers;
    private final RandomGenerator random;
    private final Log log;
    private final PeerMap<State> states = new PeerMap<>();
    private long lastNanos = Long.MIN_VALUE;

    /// @param grace after connecting, nobody is dropped for so long (`-peertimeout`)
    public PingManager(
            Keepalive keepalive, Duration grace, PeerTable peers, RandomGenerator random, Log log) {
        this.onlyIfIdle = keepalive.onlyIfIdle();
        this.intervalNanos = keepalive.interval().toNanos();
        this.pongNanos = keepalive.pongTimeout().toNanos();
        this.graceNanos = grace.toNanos();
        this.peers = peers;
        this.random = random;
        this.log = log;
    }

    private static final class State {
        final Peer peer;
        long nonce;
        boolean everSent;
        long sentNanos;
        long lastActivityNanos;
        boolean queued;
        long lastRoundTrip = -1;
        long minRoundTrip = Long.MAX_VALUE;

        State(Peer peer, long nanos) {
            this.peer = peer;
            this.lastActivityNanos = nanos;
        }
    }

    /// The handshake with a peer is complete.
    public void onReady(Peer peer, Now now, Outbox out) {
        var state = new State(peer, now.monotonicNanos());
        states.put(peer.id(), state);
        work(state, now, out);
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer) {
        states.remove(peer);
    }

    /// Something was sent to a peer.
    public void onSent(PeerId peer, Now now) {
        State state = states.get(peer);
        if (state != null) {
            state.lastActivityNanos = now.monotonicNanos();
        }
    }

    /// `ping` came: answers it, if it can be answered.
    public void onPing(Peer peer, Ping ping, Outbox out) {
        if (peer.commonVersion() > Ping.LAST_VERSION_WITHOUT_NONCE) {
            out.send(peer.id(), Pong.of(ping.nonce().orElse(0)));
        }
    }

    /// `pong` came.
    ///
    /// @param payloadBytes its length
    public void onPong(Peer peer, Pong pong, int payloadBytes, Now now) {
        State state = states.get(peer.id());
        if (state == null) {
            return;
        }
        long nonce = pong.nonce().orElse(0);
        String problem = problemOf(state, pong);
        if (problem.isEmpty()) {
            long roundTrip = Math.max(0, now.monotonicNanos() - state.sentNanos);
            state.lastRoundTrip = roundTrip;
            state.minRoundTrip = Math.min(state.minRoundTrip, roundTrip);
        } else {
            long expected = state.nonce;
            log.debug(
                    LogCategory.NET,
                    () ->
                            "pong peer="
                                    + peer.id()
                                    + ": "
                                    + problem
                                    + ", "
                                    + Long.toHexString(expected)
                                    + " expected, "
                                    + Long.toHexString(nonce)
                                    + " received, "
                                    + payloadBytes
                                    + " bytes");
        }
        boolean ended =
                switch (problem) {
                    case "", "Nonce zero", "Short payload" -> true;
                    default -> false;
                };
        if (ended) {
            state.nonce = 0;
        }
    }

    private static String problemOf(State state, Pong pong) {
        if (pong.nonce().isEmpty()) {
            return "Short payload";
        }
        long nonce = pong.nonce().getAsLong();
        if (state.nonce == 0) {
            return "Unsolicited pong without ping";
        }
        if (nonce == state.nonce) {
            return "";
        }
        return nonce == 0 ? "Nonce zero" : "Nonce mismatch";
    }

    /// The operator wants a ping to everybody (`ping`).
    public void pingAll(Now now, Outbox out) {
        for (State each : states.values()) {
            each.queued = true;
            work(each, now, out);
        }
    }

    /// Time passed.
    public void onTick(Now now, Outbox out) {
        lastNanos = now.monotonicNanos();
        for (State each : states.values()) {
            work(each, now, out);
        }
    }

    private void work(State state, Now now, Outbox out) {
        if (!state.peer.isReady()) {
            return;
        }
        long nanos = now.monotonicNanos();
        if (nanos > timeoutNanos(state)) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            String.format(
                                    Locale.ROOT,
                                    "ping timeout: %.6fs peer=%s",
                                    (nanos - state.sentNanos) / NANOS,
                                    state.peer.id()));
            peers.disconnect(state.peer.id(), "ping timeout", out);
        } else if (state.queued || nanos > nextPingNanos(state)) {
            send(state, nanos, out);
        }
    }

    private void send(State state, long nanos, Outbox out) {
        state.queued = false;
        state.everSent = true;
        state.sentNanos = nanos;
        state.lastActivityNanos = nanos;
        if (state.peer.commonVersion() <= Ping.LAST_VERSION_WITHOUT_NONCE) {
            out.send(state.peer.id(), new Ping(OptionalLong.empty()));
            return;
        }
        do {
            state.nonce = random.nextLong();
        } while (state.nonce == 0);
        out.send(state.peer.id(), Ping.of(state.nonce));
    }

    private long nextPingNanos(State state) {
        if (state.nonce != 0) {
            return Long.MAX_VALUE;
        }
        if (!state.everSent) {
            return Long.MIN_VALUE;
        }
        long from = onlyIfIdle ? state.lastActivityNanos : state.sentNanos;
        return from + intervalNanos;
    }

    private long timeoutNanos(State state) {
        return state.nonce == 0
                ? Long.MAX_VALUE
                : Math.max(state.sentNanos + pongNanos, state.peer.connectedAtNanos() + graceNanos);
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        long earliest = Long.MAX_VALUE;
        for (State each : states.values()) {
            if (each.peer.isReady()) {
                earliest = Math.min(earliest, Math.min(nextPingNanos(each), timeoutNanos(each)));
            }
        }
        return earliest == Long.MAX_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(earliest + 1, lastNanos));
    }

    /// When [#onTick] is wanted for one peer, on the monotonic clock; the largest number if it is not.
    public long deadlineOf(PeerId peer) {
        State state = states.get(peer);
        if (state == null || !state.peer.isReady()) {
            return Long.MAX_VALUE;
        }
        long earliest = Math.min(nextPingNanos(state), timeoutNanos(state));
        return earliest == Long.MAX_VALUE ? earliest : Math.max(earliest + 1, lastNanos);
    }

    /// What is known of a peer.
    public PingStats stats(PeerId peer, Now now) {
        State state = states.get(peer);
        if (state == null) {
            return PingStats.UNKNOWN;
        }
        long waiting = state.nonce == 0 ? -1 : Math.max(0, now.monotonicNanos() - state.sentNanos);
        return new PingStats(state.lastRoundTrip, state.minRoundTrip, waiting);
    }
}
