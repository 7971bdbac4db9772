package weft.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.mempool.MempoolOptions;
import weft.mining.Solver;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.Block;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.VersionMessage;

/// Peers that make the node write to its log, to fill the disk.
///
/// `-Dweft.times=5` has a hundred thousand connections.
class LogFloodAttackTest implements SeenRed {
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    private static final long START = 1_767_225_600L;
    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long QUOTA = 1 << 20;
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final int SELF_CONNECTIONS = 20_000 * TIMES;
    private static final int BLOCKS = 15_000 * TIMES;

    private final Path path = file();
    private long nanos = 1;

    private static Path file() {
        try {
            Path file = Files.createTempFile("weft-log-flood", ".log");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private FileLog open() {
        var levels = new FileLog.Levels(Log.Level.DEBUG, Map.of(), true);
        var options = new FileLog.Options(Optional.of(path), false, true, false, false, levels);
        try {
            return FileLog.open(options, Optional::empty, () -> nanos);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Now now() {
        return new Now(nanos, Instant.ofEpochSecond(START).plusNanos(nanos));
    }

    /// An engine and what leaves it.
    private final class Peers {
        final PeerEngine engine;
        final Outbox out = new Outbox();
        final List<PeerOutput> left = new ArrayList<>();

        Peers(Log log) {
            P2pOptions all = P2pOptions.of(18_444, NetGroups.PUBLIC);
            P2pOptions quiet = all.with(all.sources().quiet());
            var random = new SplittableRandom(1);
            engine =
                    new PeerEngine(
                            quiet,
                            PeerEngine.Memory.empty(quiet, random.split(), log),
                            SyncRules.of(PARAMS),
                            random,
                            log);
        }

        void input(PeerInput input) {
            engine.handle(input, now(), out);
            for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
                left.add(each);
            }
        }

        /// Makes the engine dial the attacker, and takes its `version`.
        VersionMessage dialled() {
            NetAddress attacker = NetAddress.parse("5.5.5.5:8333", 8333);
            input(
                    new PeerInput.Command(
                            new PeerCommand.OpenConnection(
                                    attacker.toString(), ConnectionType.MANUAL, false)));
            for (PeerOutput each : List.copyOf(left)) {
                if (each instanceof PeerOutput.Connect connect) {
                    var id = new PeerId(0);
                    NetAddress local = NetAddress.parse("9.9.9.9:8333", 8333);
                    input(new PeerInput.Connected(id, connect.dial(), connect.address(), local));
                    input(new PeerInput.TransportReady(id, TransportVersion.V1, Bytes.EMPTY));
                }
            }
            for (PeerOutput each : left) {
                if (each instanceof PeerOutput.Send(PeerId _, Message message)
                        && message instanceof VersionMessage version) {
                    return version;
                }
            }
            throw new AssertionError("no version in " + left);
        }

        /// Comes in and says what the node itself said; whether it is sent away.
        boolean isSentAway(int number, VersionMessage said) {
            var id = new PeerId(number);
            byte[] ip = {6, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
            NetAddress local = NetAddress.parse("9.9.9.9:8333", 8333);
            left.clear();
            input(
                    new PeerInput.Accepted(
                            id, NetAddress.ofIp(ip, 50_000), local, false, PeerPermissions.NONE));
            input(new PeerInput.TransportReady(id, TransportVersion.V1, Bytes.EMPTY));
            input(new PeerInput.Received(id, said, 100, 124));
            boolean gone =
                    left.stream()
                            .anyMatch(
                                    each ->
                                            each instanceof PeerOutput.Disconnect(PeerId who, var _)
                                                    && who.equals(id));
            input(new PeerInput.Disconnected(id, "gone", false));
            return gone;
        }
    }

    @Test
    @DisplayName("D09 tens of thousands of connections that pretend to be our own")
    @Sabotage(type = "weft.app.log.FileLog$Levels", method = "limited", returns = "false")
    @Sabotage(type = "weft.app.log.LogQuota", method = "take", constant = "1048576>16777216")
    @Sabotage(type = "weft.p2p.Handshake", method = "isOurNonce", returns = "false")
    void shouldNotFillTheLogWithConnectionsToItself() {
        try (FileLog log = open()) {
            var peers = new Peers(log);
            VersionMessage said = peers.dialled();
            for (int i = 1; i <= SELF_CONNECTIONS; i++) {
                assertThat(peers.isSentAway(i, said)).isTrue();
            }
            assertThat(size()).isBetween(QUOTA / 2, QUOTA + 10_000);
            // Others are still heard, and an hour later this one.
            log.info("somebody else");
            assertThat(lines().getLast()).endsWith(" somebody else");
            nanos += HOUR_NANOS;
            peers.input(new PeerInput.Disconnected(new PeerId(0), "gone", false));
            VersionMessage again = peers.dialled();
            assertThat(peers.isSentAway(SELF_CONNECTIONS + 1, again)).isTrue();
            assertThat(lines()).filteredOn(each -> each.contains(" bytes were dropped")).hasSize(1);
            assertThat(lines().getLast()).contains("connected to self at 6.");
        }
    }

    private ChainEngine chain(Log log, List<ChainEvent> events) {
        var stores = new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore());
        var engine =
                new ChainEngine(
                        new ChainEngine.Parts(
                                PARAMS,
                                ChainOptions.DEFAULT,
                                MempoolOptions.DEFAULT,
                                TemplateOptions.DEFAULT,
                                stores,
                                new InlineScriptVerifier(),
                                log));
        engine.start(now(), events::add);
        return engine;
    }

    /// A block on the first one whose coinbase pays this, with this script in it.
    private static Block block(Bytes script, long value) {
        Transaction coinbase =
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, script, TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(value, Bytes.parse("51"))),
                        List.of(),
                        0);
        BlockHeader first = PARAMS.genesis().header();
        var draft =
                new BlockHeader(0x2000_0000, first.hash(), Digest256.ZERO, START, first.bits(), 0);
        Digest256 root = MerkleRoot.of(Block.of(draft, List.of(coinbase))).root();
        var header = new BlockHeader(draft.version(), draft.parent(), root, START, draft.bits(), 0);
        return Solver.solve(Block.of(header, List.of(coinbase)), 10_000, PARAMS).orElseThrow();
    }

    @Test
    @DisplayName("D10 one block that breaks a rule, again and again")
    @Sabotage(type = "weft.app.log.FileLog$Levels", method = "limited", returns = "false")
    @Sabotage(
            type = "weft.chain.HeaderTree",
            method = "accept",
            call = "isFailed",
            returns = "false")
    void shouldNotFillTheLogWithOneInvalidBlock() {
        var events = new ArrayList<ChainEvent>();
        try (FileLog log = open()) {
            ChainEngine engine = chain(log, events);
            // One that nobody could take for a block, and one that is wrong for its height only.
            Block senseless = block(Bytes.parse("5100"), -1);
            Block wrong = block(Bytes.parse("5200"), 0);
            for (Block each : List.of(senseless, wrong)) {
                long before = size();
                for (int i = 0; i < BLOCKS; i++) {
                    events.clear();
                    engine.handle(
                            new ChainCommand.SubmitBlock(new Origin(i), each, true),
                            now(),
                            events::add);
                    assertThat(events)
                            .anySatisfy(
                                    event ->
                                            assertThat(event)
                                                    .isInstanceOf(ChainEvent.BlockRejected.class));
                }
                assertThat(size() - before).isLessThan(QUOTA + 10_000);
                assertThat(engine.tip().height()).isZero();
            }
            assertThat(lines())
                    .filteredOn(each -> each.contains("AcceptBlock: bad-cb-height"))
                    .as("looked at once, then known")
                    .hasSize(1);
        }
    }
}
