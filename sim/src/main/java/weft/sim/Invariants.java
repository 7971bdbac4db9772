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
import weft.node.Node;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.addr.NetGroups;
import weft.p2p.tx.TxSyncStats;
import weft.primitives.BlockHash;
import weft.primitives.Bug;
import weft.primitives.Bytes;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.Message;
import weft.wire.NetAddress;

/// What must hold in a world of honest nodes, whatever becomes of their lines, clocks and machines. Looked
/// at after every event, at the node that it happened to.
///
/// - A tip is a block that somebody of this world mined, and its work never falls, not by a restart either.
/// - No branch that a node has whole has more work than its tip, and none is invalid to it.
/// - No honest node is banned or thought badly of by an honest node.
/// - Connections keep to their limits, and no two that we opened to last lead into one group of addresses.
/// - What is kept for a peer, and asked of it, keeps to its limits.
/// - A node is not busy for ever at one moment, and does not ask to be woken in the past.
/// - Every minute: what was asked was answered or given up ([Obligations]).
final class Invariants {
    private static final int INBOUND_MAX = 125;

    /// Eight, and one more while one is tried against a stale tip.
    private static final int FULL_RELAY_MAX = 9;

    /// Two, and one more while one is tried for a change.
    private static final int BLOCK_RELAY_MAX = 3;

    /// Eight and two, and one that is there for a short time.
    private static final int AUTOMATIC_MAX = 11;

    private static final int EVENTS_AT_ONE_MOMENT_MAX = 20_000;

    /// As in Bitcoin Core.
    private static final int BLOCKS_IN_FLIGHT_MAX = 16;

    private static final int ANNOUNCEMENTS_MAX = 5_000;

    /// What waits to be announced to a peer is what is in the mempool, and some that have left it.
    private static final int GONE_MAX = 100;

    private final World world;
    private final FullNodes factory;
    private final Obligations obligations;

    /// Messages about transactions and addresses.
    private static final Set<String> ABOUT_OTHERS =
            Set.of("tx", "addr", "addrv2", "getaddr", "mempool", "feefilter", "sendtxrcncl");

    private final Map<NetAddress, Bytes> groupsByAddress = new HashMap<>();
    private final Set<BlockHash> mined = new HashSet<>();
    private final List<Tip> tips = new ArrayList<>();
    private long momentNanos;
    private int events;
    private long checks;

    /// The last tip of a node.
    private record Tip(@Nullable HeaderNode node, BlockHash hash, BigInteger work) {
        static final Tip NONE = new Tip(null, BlockHash.ZERO, BigInteger.ZERO);
    }

    Invariants(World world, FullNodes factory) {
        this.world = world;
        this.factory = factory;
        this.obligations = new Obligations(world);
        world.watch(this::after);
    }

    /// Somebody found a block.
    void onMined(BlockHash hash) {
        mined.add(hash);
    }

    /// How often something was looked at.
    long checks() {
        return checks;
    }

    private void after(SimNode node, PeerInput input) {
        if (!node.isOn()) {
            return;
        }
        checkMoment(node);
        checkTip(node);
        switch (input) {
            case PeerInput.Accepted _, PeerInput.Connected _, PeerInput.Disconnected _ ->
                    checkPeers(node);
            case PeerInput.Sent each -> checkSecrecy(node, each);
            case PeerInput.Received each -> {
                checkBounds(node, each.peer());
                if (isAboutBlocks(each.message())) {
                    checkBranches(node);
                }
            }
            case PeerInput.Tick _ -> checkDeadline(node);
            default -> {}
        }
        checkReputations(node);
    }

    private void checkMoment(SimNode node) {
        long nanos = world.scheduler().nowNanos();
        events = nanos == momentNanos ? events + 1 : 0;
        momentNanos = nanos;
        hold(events < EVENTS_AT_ONE_MOMENT_MAX, node, "busy at one moment for ever");
    }

    private void checkTip(SimNode node) {
        checks++;
        HeaderNode tip = node.machine(Node.class).chain().tip();
        while (tips.size() <= node.index()) {
            tips.add(Tip.NONE);
        }
        Tip before = tips.get(node.index());
        if (tip.equals(before.node) || before.hash.equals(tip.hash())) {
            return;
        }
        var work = tip.chainWork();
        tips.set(node.index(), new Tip(tip, tip.hash(), work));
        if (before.node == null) {
            return;
        }
        hold(work.compareTo(before.work) >= 0, node, "work of the tip fell");
        hold(mined.contains(tip.hash()), node, "a tip that nobody mined");
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
            hold(each.status() != ChainTip.Status.INVALID, node, "an honest block is invalid");
            hold(
                    each.status() == ChainTip.Status.HEADERS_ONLY
                            || each.node().compareWork(tip) <= 0,
                    node,
                    "a branch with more work is not the active one");
        }
    }

    private void checkBounds(SimNode node, PeerId peer) {
        checks++;
        var engine = node.node().peers();
        int blocks = engine.blocks().stats(peer).inflight().size();
        hold(blocks <= BLOCKS_IN_FLIGHT_MAX, node, "too many blocks asked of one peer");
        TxSyncStats txs = engine.transactions().stats(peer);
        hold(txs.announced() <= ANNOUNCEMENTS_MAX, node, "too many announcements of one peer");
        hold(txs.requested() <= txs.announced(), node, "asked for what was not announced");
        int pool = node.node().chain().mempool().size();
        hold(
                txs.inventoryToSend() <= GONE_MAX + pool / 4 * 5 + pool,
                node,
                "more to announce than there is");
    }

    /// Who was woken has nothing left to do before now.
    private void checkDeadline(SimNode node) {
        checks++;
        long deadline = node.node().nextDeadlineNanos().orElse(Long.MAX_VALUE);
        hold(deadline >= world.scheduler().nowNanos(), node, "wants to be woken in the past");
    }

    /// What peers owe each other.
    ///
    /// @throws Bug if somebody waits for ever
    void checkObligations() {
        checks += obligations.check();
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
                    "two outbound peers of one group");
        }
        hold(inbound <= INBOUND_MAX, node, "too many inbound peers");
        hold(full <= FULL_RELAY_MAX, node, "too many full-relay peers");
        hold(block <= BLOCK_RELAY_MAX, node, "too many block-relay peers");
        hold(full + block + passing <= AUTOMATIC_MAX, node, "too many outbound peers");
    }

    private Bytes groupOf(NetAddress address) {
        return groupsByAddress.computeIfAbsent(address, NetGroups.PUBLIC::groupOf);
    }

    /// Nothing but blocks and headers goes over a connection that is for blocks only.
    private void checkSecrecy(SimNode node, PeerInput.Sent sent) {
        if (!ABOUT_OTHERS.contains(sent.command())) {
            return;
        }
        checks++;
        Peer peer = node.node().peers().find(sent.peer());
        hold(
                peer == null || peer.type() != ConnectionType.BLOCK_RELAY_ONLY,
                node,
                "sent over a connection for blocks only: " + sent.command());
    }

    /// All are honest, so nobody thinks badly of anybody.
    private void checkReputations(SimNode node) {
        checks++;
        hold(factory.bans(node).isSpotless(), node, "an honest node is punished");
    }

    /// The coins are those of the blocks, and every transaction of the mempool may be mined.
    void checkLedger(SimNode node) {
        checks++;
        var engine = node.node().chain();
        var result = engine.chain().verify(3, 0, world.scheduler().now());
        hold(result == VerifyResult.WHOLE, node, "coins are not those of the blocks");
    }

    private void hold(boolean holds, SimNode node, String what) {
        if (!holds) {
            long nanos = world.scheduler().nowNanos();
            throw new Bug(what + ": node " + node.index() + " at " + nanos + " ns");
        }
    }
}
