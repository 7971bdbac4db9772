package weft.sim;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainTip;
import weft.chain.VerifyResult;
import weft.chain.api.HeaderNode;
import weft.mempool.MempoolCheck;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.addr.NetGroups;
import weft.primitives.BlockHash;
import weft.primitives.Bug;
import weft.primitives.Bytes;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.Message;
import weft.wire.NetAddress;

/// What must hold in a world of honest nodes, whatever becomes of their lines, clocks and machines. Looked
/// at after every event, at the node that it happened to; nothing is changed by that, so a world has the
/// same history whether or not it is looked at.
///
/// - A tip is a block that somebody of this world mined, and its work never falls, not by a restart either:
///   a node that starts has what it had before it hears of anybody.
/// - No branch that a node has whole has more work than its tip, and none is invalid to it.
/// - After the first reorganisations and restarts of each hour the coins are those of the active chain
///   ([NaiveLedger]).
/// - No honest node is banned or thought badly of by an honest node.
/// - Connections keep to their limits, no two that we opened to last lead into one group of addresses, and
///   each is dialled when it is its turn ([Outbound]).
/// - What is kept keeps to its limits ([Bounds]).
/// - Nobody hears what is not for him ([Secrecy]).
/// - A node is not busy for ever at one moment, is not woken for nothing again and again, and does not ask
///   to be woken in the past.
/// - What can be answered is answered at once ([Answers]); every minute: what was asked was answered or
///   given up ([Obligations]).
final class Invariants {
    private static final int INBOUND_MAX = 125;

    /// Eight, and one more while one is tried against a stale tip.
    private static final int FULL_RELAY_MAX = 9;

    /// Two, and one more while one is tried for a change.
    private static final int BLOCK_RELAY_MAX = 3;

    /// Eight and two, and one that is there for a short time.
    private static final int AUTOMATIC_MAX = 11;

    /// Of one node. Who was held up for minutes has many messages to deal with at once.
    private static final int EVENTS_AT_ONE_MOMENT_MAX = 1_000;

    /// Wakes of one node in a minute.
    private static final int WAKES_MAX = 1_000;

    /// Of each kind of event after which coins are counted anew, so many are chosen in an hour.
    private static final int REPLAYS_AN_HOUR = 4;

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final World world;
    private final FullNodes factory;
    private final Obligations obligations;
    private final Outbound outbound = new Outbound();
    private final Secrecy secrecy = new Secrecy();
    private final Answers answers = new Answers();
    private final Bounds bounds;
    private final Map<NetAddress, Bytes> groupsByAddress = new HashMap<>();
    private final Set<BlockHash> mined = new HashSet<>();
    private final List<Seen> seen = new ArrayList<>();
    private final Sample reorgs = new Sample();
    private final Sample restarts = new Sample();
    private long checks;

    /// What was seen of a node last.
    private static final class Seen {
        @Nullable HeaderNode tip;
        BlockHash hash = BlockHash.ZERO;
        BigInteger work = BigInteger.ZERO;
        int life;

        /// The life in which it had dealt with something.
        int settledLife;

        long momentNanos = Link.NEVER;
        int events;
        long minute;
        int wakes;
    }

    /// The first few of each hour.
    private static final class Sample {
        private long hour = -1;
        private int taken;

        boolean take(long nanos) {
            long now = nanos / (60 * MINUTE_NANOS);
            taken = now == hour ? taken : 0;
            hour = now;
            return taken++ < REPLAYS_AN_HOUR;
        }
    }

    Invariants(World world, FullNodes factory) {
        this.world = world;
        this.factory = factory;
        this.obligations = new Obligations(world);
        this.bounds = new Bounds(world, factory);
        world.watch(new Eye());
    }

    /// Sees all that happens.
    private final class Eye implements World.Watcher {
        @Override
        public void before(SimNode node, PeerInput.Received input) {
            answers.onArrives(node, input);
            secrecy.onArrives(node, input);
        }

        @Override
        public void after(SimNode node, PeerInput input) {
            if (node.isOn()) {
                Invariants.this.after(node, input);
            }
        }

        @Override
        public void said(Link link, Message message) {
            secrecy.onSaid(link, message);
            answers.onSaid(link, message);
        }

        @Override
        public void dials(SimNode node, PeerOutput.Connect wanted) {
            seen(node);
            outbound.onDial(node, wanted);
        }
    }

    /// Somebody found a block.
    void onMined(BlockHash hash) {
        mined.add(hash);
    }

    /// How often something was looked at.
    long checks() {
        return checks + outbound.checks() + secrecy.checks() + answers.checks() + bounds.checks();
    }

    private Seen seen(SimNode node) {
        while (seen.size() <= node.index()) {
            seen.add(new Seen());
        }
        Seen last = seen.get(node.index());
        if (last.life != node.life()) {
            last.life = node.life();
            outbound.onStart(node);
            secrecy.onStart(node);
        }
        return last;
    }

    private void after(SimNode node, PeerInput input) {
        Seen last = seen(node);
        checkMoment(node, last);
        boolean isStart = last.settledLife != node.life();
        last.settledLife = node.life();
        checkTip(node, last, isStart);
        switch (input) {
            case PeerInput.Accepted _, PeerInput.Connected _, PeerInput.Disconnected _ ->
                    checkPeers(node);
            case PeerInput.Received each -> {
                bounds.onHandled(node, each.peer());
                answers.onHandled(node, each);
                outbound.onHandled(node, each);
                if (isAboutBlocks(each.message())) {
                    checkBranches(node);
                }
            }
            case PeerInput.Tick _ -> checkWake(node, last);
            default -> {}
        }
        checkReputations(node);
    }

    private void checkMoment(SimNode node, Seen last) {
        long nanos = world.scheduler().nowNanos();
        last.events = nanos == last.momentNanos ? last.events + 1 : 0;
        last.momentNanos = nanos;
        hold(last.events < EVENTS_AT_ONE_MOMENT_MAX, node, "busy at one moment for ever", "");
    }

    private void checkTip(SimNode node, Seen last, boolean isStart) {
        checks++;
        HeaderNode tip = node.machine(weft.node.Node.class).chain().tip();
        HeaderNode before = last.tip;
        boolean isSame = tip.equals(before) || last.hash.equals(tip.hash());
        if (isStart && before != null) {
            hold(
                    isSame || tip.chainWork().compareTo(last.work) >= 0,
                    node,
                    "lost what it had by a restart",
                    "");
            checkCoins(node, restarts, before);
        }
        if (isSame) {
            return;
        }
        last.tip = tip;
        last.hash = tip.hash();
        last.work = tip.chainWork();
        if (before == null) {
            return;
        }
        hold(isAsGood(tip, before), node, "work of the tip fell", "");
        hold(mined.contains(tip.hash()), node, "a tip that nobody mined", "");
        HeaderNode ancestor = tip.height() < before.height() ? null : tip.ancestor(before.height());
        if (ancestor == null || !ancestor.hash().equals(before.hash())) {
            checkCoins(node, reorgs, before);
        }
    }

    private static boolean isAsGood(HeaderNode tip, HeaderNode before) {
        return tip.chainWork().compareTo(before.chainWork()) >= 0;
    }

    /// @param before the tip that the node had
    private void checkCoins(SimNode node, Sample sample, HeaderNode before) {
        if (sample.take(world.scheduler().nowNanos())) {
            checks++;
            String fault = NaiveLedger.faultOf(node.node().chain().chain(), before);
            hold(fault.isEmpty(), node, "coins are not those of the active chain: ", fault);
        }
    }

    private static boolean isAboutBlocks(Message message) {
        return message instanceof BlockMessage
                || message instanceof CmpctBlock
                || message instanceof BlockTxn;
    }

    /// Blocks are judged at once in this world, so the best branch that is whole is the active one.
    private void checkBranches(SimNode node) {
        checks++;
        HeaderNode tip = node.node().chain().chain().chain().tip();
        for (ChainTip each : node.node().chain().chain().chainTips()) {
            hold(each.status() != ChainTip.Status.INVALID, node, "an honest block is invalid", "");
            hold(
                    each.status() == ChainTip.Status.HEADERS_ONLY
                            || each.node().compareWork(tip) <= 0,
                    node,
                    "a branch with more work is not the active one",
                    "");
        }
    }

    /// Who was woken has nothing left to do before now, and is not woken without end.
    private void checkWake(SimNode node, Seen last) {
        checks++;
        long now = world.scheduler().nowNanos();
        long deadline = node.node().nextDeadlineNanos().orElse(Long.MAX_VALUE);
        hold(deadline >= now, node, "wants to be woken in the past", "");
        long minute = now / MINUTE_NANOS;
        last.wakes = minute == last.minute ? last.wakes + 1 : 0;
        last.minute = minute;
        hold(last.wakes < WAKES_MAX, node, "is woken without end", "");
    }

    /// What is looked at once a minute: what peers owe each other, who is there for too long, and what one
    /// node after the other keeps.
    ///
    /// @throws Bug if somebody waits for ever
    void checkMinute() {
        checks += obligations.check();
        world.alive().forEach(outbound::checkPassing);
        bounds.checkNext();
    }

    private void checkPeers(SimNode node) {
        checks++;
        int inbound = 0;
        int full = 0;
        int block = 0;
        int passing = 0;
        Set<Bytes> groups = new HashSet<>();
        for (Peer each : node.node().peers().all()) {
            if (each.isDisconnecting()) {
                continue;
            }
            switch (each.type()) {
                case INBOUND -> inbound++;
                case OUTBOUND_FULL_RELAY -> full++;
                case BLOCK_RELAY_ONLY -> block++;
                case FEELER, ADDR_FETCH -> passing++;
                case MANUAL, PRIVATE_BROADCAST -> {}
            }
            boolean lasting =
                    each.type() == ConnectionType.OUTBOUND_FULL_RELAY
                            || each.type() == ConnectionType.BLOCK_RELAY_ONLY;
            hold(
                    !lasting || groups.add(groupOf(each.address())),
                    node,
                    "two outbound peers of one group",
                    "");
        }
        hold(inbound <= INBOUND_MAX, node, "too many inbound peers", "");
        hold(full <= FULL_RELAY_MAX, node, "too many full-relay peers", "");
        hold(block <= BLOCK_RELAY_MAX, node, "too many block-relay peers", "");
        hold(full + block + passing <= AUTOMATIC_MAX, node, "too many outbound peers", "");
    }

    private Bytes groupOf(NetAddress address) {
        return groupsByAddress.computeIfAbsent(address, NetGroups.PUBLIC::groupOf);
    }

    /// All are honest, so nobody thinks badly of anybody.
    private void checkReputations(SimNode node) {
        checks++;
        hold(factory.bans(node).isSpotless(), node, "an honest node is punished", "");
    }

    /// The coins are those of the blocks, by the node's own count too, and every transaction of the mempool
    /// may be mined.
    void checkLedger(SimNode node) {
        checks++;
        var engine = node.node().chain();
        String fault = NaiveLedger.faultOf(engine.chain(), null);
        hold(fault.isEmpty(), node, "coins are not those of the active chain: ", fault);
        MempoolCheck.run(engine.mempool(), engine.chain().coins(), engine.tip().height() + 1);
        var result = engine.chain().verify(3, 0, world.scheduler().now());
        hold(result == VerifyResult.WHOLE, node, "coins are not those of the blocks", "");
    }

    /// @param about what belongs to it; put into words only if it does not hold
    /// @throws Bug if it does not hold
    static void hold(boolean holds, SimNode node, String what, Object about) {
        if (!holds) {
            long nanos = node.world().scheduler().nowNanos();
            throw new Bug(what + about + ": node " + node.index() + " at " + nanos + " ns");
        }
    }
}
