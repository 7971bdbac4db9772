package weft.light;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.TxFailure;
import weft.p2p.Outbox;
import weft.p2p.P2pOptions;
import weft.p2p.Peer;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerOutput;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.TxOptions;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.BlockLocator;
import weft.wire.GetHeaders;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// A node of headers alone in one thread: the peer engine of a full node, which asks for no blocks, and a
/// [LightChain] in the place of the chain engine.
///
/// Only peers that this node dialled have a say in which headers are agreed on; headers are taken from all.
/// *Rationale:* whoever wants may dial us, as often as there is room.
///
/// Peers that have a say and do not follow the branch with most work are asked once a minute where they
/// stand.
public final class LightNode implements PeerMachine {
    /// What the user is told when full nodes refuse to follow the branch with most work.
    public static final String WARNING = "peers disagree about validity";

    private static final long RECENT_SECONDS = Duration.ofDays(1).toSeconds();

    /// A peer that showed nothing yet is asked from so many blocks below our tip.
    private static final int BELOW_UNKNOWN = 144;

    private static final TxFailure NO_MEMPOOL =
            new TxFailure(TxFailure.Kind.MEMPOOL_POLICY, "no-mempool", "");

    private final PeerEngine peers;
    private final LightChain chain;
    private final Set<NetAddress> trusted;
    private final Log log;
    private final Outbox outbox = new Outbox();
    private final ArrayDeque<ChainEvent> events = new ArrayDeque<>();
    private Consumer<ChainEvent> follower = _ -> {};
    private HeaderNode told;
    private @Nullable HeaderNode warned;
    private long askAtNanos = Long.MAX_VALUE;

    /// A node of two halves that belong to nobody else.
    ///
    /// @param peers with settings made by [#options]
    /// @param trusted addresses of full nodes of the user's, which the engine dials; nobody who dials us is
    ///     trusted. A connection in the clear proves nobody's identity, so these should be on the user's own
    ///     network
    public LightNode(PeerEngine peers, LightChain chain, Set<NetAddress> trusted, Log log) {
        this.peers = peers;
        this.chain = chain;
        this.trusted = Set.copyOf(trusted);
        this.log = log;
        this.told = chain.best();
    }

    /// Lets somebody hear what this node tells its peer engine of headers, in the same order: whoever keeps
    /// them, or tells the user of a new tip. Only before the start.
    ///
    /// @param events must not block, and must not ask this node anything
    public void follow(Consumer<ChainEvent> events) {
        follower = events;
    }

    /// Settings of a full node, changed to those of a light one: it offers nothing and takes headers only.
    public static P2pOptions options(P2pOptions full) {
        P2pOptions.Self self = full.self();
        return full.with(
                        new P2pOptions.Self(
                                self.port(),
                                0,
                                self.userAgent(),
                                false,
                                self.discover(),
                                List.of(),
                                false))
                .with(SyncOptions.ofHeadersOnly())
                .with(new TxOptions(0, true, 0, TxOptions.MIN_RELAY_DEFAULT));
    }

    /// The highest header that peers agree on, or a trusted one stands by, as it was told last.
    public HeaderNode tip() {
        return told;
    }

    /// Whether the tip is so old that the network must be further.
    public boolean isBehind(Now now) {
        return isOld(told, now);
    }

    /// The half that knows peers.
    public PeerEngine peers() {
        return peers;
    }

    /// The half that knows headers.
    public LightChain chain() {
        return chain;
    }

    /// What the user must be told now; empty if the peers agree, or a trusted one decides.
    public Optional<String> warning(Now now) {
        return chain.firstDisputed(now) == null ? Optional.empty() : Optional.of(WARNING);
    }

    @Override
    public void start(Now now, Consumer<PeerOutput> out) {
        events.add(new ChainEvent.Loaded(chain.all(), List.of(), told, isOld(told, now)));
        settle(now, out);
    }

    @Override
    public void handle(PeerInput input, Now now, Consumer<PeerOutput> out) {
        peers.handle(input, now, outbox);
        if (input instanceof PeerInput.Disconnected(PeerId peer, String _, boolean _)) {
            chain.onGone(peer);
        }
        if (input instanceof PeerInput.Received received) {
            onAnnouncement(received, now);
        }
        settle(now, out);
        review(now);
        settle(now, out);
    }

    /// Of known headers the engine tells nothing more.
    private void onAnnouncement(PeerInput.Received received, Now now) {
        Peer peer = peers.find(received.peer());
        if (peer != null
                && hasSay(peer)
                && peer.isReady()
                && received.message() instanceof Inv(var items)) {
            for (InvItem item : items) {
                if (item.isGenBlock()) {
                    chain.onAnnounced(peer.id(), isTrusted(peer.id()), item.blockHash(), now);
                }
            }
        }
    }

    private void settle(Now now, Consumer<PeerOutput> out) {
        while (true) {
            ChainEvent event = events.poll();
            if (event != null) {
                follower.accept(event);
                peers.handle(new PeerInput.Chain(event), now, outbox);
                continue;
            }
            PeerOutput output = outbox.poll();
            if (output == null) {
                return;
            }
            if (output instanceof PeerOutput.Chain(ChainCommand command)) {
                answer(command, now);
            } else {
                out.accept(output);
            }
        }
    }

    private void answer(ChainCommand command, Now now) {
        switch (command) {
            case ChainCommand.SubmitHeaders each -> onHeaders(each, now);
            case ChainCommand.FetchBlock each ->
                    events.add(
                            new ChainEvent.BlockFetched(
                                    each.origin(), each.hash(), Optional.empty()));
            // A peer that may relay can offer some all the same, and is not heard before the
            // answer.
            case ChainCommand.SubmitTx(var origin, var tx) ->
                    events.add(new ChainEvent.TxRejected(origin, tx, NO_MEMPOOL));
            case ChainCommand.TestTx(var origin, var txs) ->
                    events.add(
                            new ChainEvent.TxTested(
                                    origin, txs.getLast(), Optional.of(NO_MEMPOOL)));
            case ChainCommand.SubmitPackage each ->
                    events.add(
                            new ChainEvent.PackageJudged(
                                    each.origin(), each.txs(), Optional.of(NO_MEMPOOL.reason())));
            // Neither is ever asked for.
            case ChainCommand.SubmitBlock _, ChainCommand.NoteServed _ -> {}
        }
    }

    private void onHeaders(ChainCommand.SubmitHeaders command, Now now) {
        var peer = new PeerId(command.origin().id());
        Peer sender = peers.find(peer);
        LightChain.Taken taken =
                sender != null && hasSay(sender)
                        ? chain.onHeaders(peer, isTrusted(peer), command.headers(), now)
                        : chain.take(command.headers(), now);
        BlockHash refused = taken.refused();
        BlockFailure failure = taken.failure();
        events.add(
                refused == null || failure == null
                        ? new ChainEvent.HeadersAccepted(
                                command.origin(), taken.headers(), taken.added())
                        : new ChainEvent.HeadersRejected(
                                command.origin(), refused, failure, taken.added()));
    }

    private static boolean hasSay(Peer peer) {
        return !peer.isInbound();
    }

    private boolean isTrusted(PeerId id) {
        Peer peer = peers.find(id);
        return peer != null && hasSay(peer) && trusted.contains(peer.address());
    }

    private static boolean isOld(HeaderNode tip, Now now) {
        return now.unixSeconds() - tip.time() > RECENT_SECONDS;
    }

    /// Draws the conclusions of what happened and of the time that passed.
    private void review(Now now) {
        HeaderNode disputed = chain.firstDisputed(now);
        if (disputed != null && !disputed.equals(warned)) {
            log.info(
                    "Warning: "
                            + WARNING
                            + " of block "
                            + disputed.hash()
                            + " at height "
                            + disputed.height());
        }
        warned = disputed;
        // What is disputed is no measure for peers: those that refuse it must not be dropped as too
        // slow.
        HeaderNode settled = chain.settled(now);
        if (!settled.equals(told)) {
            HeaderNode fork = HeaderNode.fork(told, settled);
            events.add(new ChainEvent.TipChanged(told, settled, fork, isOld(settled, now)));
            log.info("UpdateTip: new best=" + settled.hash() + " height=" + settled.height());
            told = settled;
        }
        ask(now);
    }

    private void ask(Now now) {
        List<Peer> behind =
                peers.all().stream()
                        .filter(each -> each.isReady() && hasSay(each) && servesHeaders(each))
                        .filter(each -> !chain.isUpToDate(each.id()))
                        .toList();
        if (behind.isEmpty()) {
            askAtNanos = Long.MAX_VALUE;
            return;
        }
        boolean due = now.monotonicNanos() >= askAtNanos;
        if (due) {
            behind.forEach(each -> ask(each.id(), now));
        }
        if (due || askAtNanos == Long.MAX_VALUE) {
            askAtNanos = now.monotonicNanos() + LightChain.ANSWER_AFTER.toNanos();
        }
    }

    private static boolean servesHeaders(Peer peer) {
        return (peer.services() & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED)) != 0;
    }

    /// Asks a peer for its branch from below what it stands by, so that it has something to answer even if
    /// nothing changed.
    private void ask(PeerId peer, Now now) {
        HeaderNode stand = chain.vouchedBy(peer);
        HeaderNode from =
                stand == null
                        ? told.ancestor(Math.max(told.height() - BELOW_UNKNOWN, 0))
                        : stand.parent();
        var message = new GetHeaders(BlockLocator.of(locator(from)), BlockHash.ZERO);
        peers.handle(
                new PeerInput.Command(new PeerCommand.SendMessage(peer, message)), now, outbox);
    }

    private List<BlockHash> locator(@Nullable HeaderNode from) {
        var hashes = new ArrayList<BlockHash>();
        int step = 1;
        HeaderNode node = from;
        while (node != null && node.height() > 0) {
            hashes.add(node.hash());
            node = node.ancestor(Math.max(node.height() - step, 0));
            step *= 2;
        }
        HeaderNode genesis = chain.best().ancestor(0);
        if (genesis != null) {
            hashes.add(genesis.hash());
        }
        return hashes;
    }

    @Override
    public OptionalLong nextDeadlineNanos() {
        long earliest = Math.min(askAtNanos, peers.nextDeadlineNanos().orElse(Long.MAX_VALUE));
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
    }
}
