package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptVerifier;
import weft.chain.api.HeaderNode;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.Subsidy;
import weft.light.Confirmations;
import weft.light.LightChain;
import weft.light.LightNode;
import weft.mining.Solver;
import weft.node.ChainEngine;
import weft.p2p.P2pOptions;
import weft.p2p.Peer;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Headers;
import weft.wire.Message;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// A light node among four full nodes, the first of which takes every script for right.
class LightNodeTest implements SeenRed {
    private static final int FULL = 4;
    private static final int MATURITY = 101;
    private static final int SEEDS = 5;
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);

    /// One world of five.
    private static final class Scene {
        final World world;
        final SimNode attacker;
        final SimNode honest;
        final SimNode light;

        Scene(long seed, Set<NetAddress> trusted) {
            world = Towns.of(seed, FULL, new FullNodes(Scene::keepTheEarlier, Scene::judgement));
            attacker = world.nodes().get(0);
            honest = world.nodes().get(1);
            light = world.add((self, random) -> light(random, trusted));
            world.nodes().forEach(SimNode::start);
            world.run(Duration.ofMinutes(1));
            Towns.mine(honest, MATURITY);
            world.run(Duration.ofMinutes(2));
            assertThat(world.nodes().subList(0, FULL)).allMatch(each -> each.height() == MATURITY);
            assertThat(chain().best().height()).isEqualTo(MATURITY);
        }

        static P2pOptions keepTheEarlier(SimNode self, P2pOptions options) {
            return options.with(options.sources().withAddNodes(addresses(self.index())));
        }

        static ScriptVerifier judgement(SimNode self) {
            return self.index() == 0 ? _ -> null : new InlineScriptVerifier();
        }

        static List<String> addresses(int count) {
            return IntStream.range(0, count).mapToObj(i -> World.address(i).toString()).toList();
        }

        static PeerMachine light(SplittableRandom random, Set<NetAddress> trusted) {
            P2pOptions full = P2pOptions.of(World.address(FULL).port(), NetGroups.PUBLIC);
            P2pOptions options =
                    LightNode.options(full.with(full.sources().withConnect(addresses(FULL))));
            var peers =
                    new PeerEngine(
                            options,
                            PeerEngine.Memory.empty(options, random, Log.NONE),
                            SyncRules.of(PARAMS),
                            random,
                            Log.NONE);
            var chain = new LightChain(new ConsensusRules(PARAMS));
            return new LightNode(peers, chain, trusted, Log.NONE);
        }

        LightNode node() {
            return light.machine(LightNode.class);
        }

        LightChain chain() {
            return node().chain();
        }

        Now now() {
            return world.scheduler().now();
        }

        Confirmations confirmations(BlockHash block) {
            return chain().confirmations(block, now());
        }

        /// The attacker mines a block that spends a coin with a script that fails, and five on top of it.
        BlockHash mineInvalid() {
            var found = new ArrayList<BlockHash>();
            attacker.act(
                    (engine, now, events) -> {
                        engine.during(now, events);
                        Block bad = invalid(engine, now);
                        engine.submitBlock(bad);
                        found.add(bad.hash());
                    });
            Towns.mine(attacker, 5);
            assertThat(attacker.height()).isEqualTo(MATURITY + 6);
            return found.getFirst();
        }

        private static Block invalid(ChainEngine engine, Now now) {
            var chain = engine.chain();
            var first = Check.present(chain.chain().tip().ancestor(1), "blocks are mined");
            Transaction paid = chain.block(first).orElseThrow().transactions().getFirst();
            Transaction theft = theft(new OutPoint(paid.txid(), 0), paid.outputs().getFirst());
            int height = engine.tip().height() + 1;
            TxIn nothing =
                    new TxIn(
                            OutPoint.NULL,
                            BlockCheck.heightPush(height).plus(Bytes.parse("00")),
                            TxIn.SEQUENCE_FINAL);
            TxOut reward = new TxOut(Subsidy.at(height, PARAMS), Bytes.parse("51"));
            Transaction coinbase =
                    Transaction.of(1, List.of(nothing), List.of(reward), List.of(), 0);
            List<Transaction> all = List.of(coinbase, theft);
            BlockHeader parent = engine.tip().header();
            long time = Math.max(parent.time() + 1, now.unixSeconds());
            var draft =
                    new BlockHeader(
                            0x20000000, parent.hash(), Digest256.ZERO, time, parent.bits(), 0);
            Digest256 root = MerkleRoot.of(Block.of(draft, all)).root();
            var header =
                    new BlockHeader(draft.version(), draft.parent(), root, time, parent.bits(), 0);
            return Solver.solve(Block.of(header, all), 10_000, PARAMS).orElseThrow();
        }

        /// Its input script is `OP_RETURN`.
        private static Transaction theft(OutPoint coin, TxOut spent) {
            return Transaction.of(
                    1,
                    List.of(new TxIn(coin, Bytes.parse("6a"), 0)),
                    List.of(new TxOut(spent.value(), Bytes.parse("51")), spentNothing()),
                    List.of(),
                    0);
        }

        private static TxOut spentNothing() {
            return new TxOut(0, Bytes.parse("6a03616263"));
        }
    }

    @Test
    @DisplayName("A22 six headers on an invalid block, from one of four peers")
    @Sabotage(type = "weft.light.LightChain", method = "isDisputed", returns = "false")
    @Sabotage(type = "weft.light.LightNode", method = "ask", returns = "void")
    void shouldWarnWhenTheLongestBranchIsNotFollowed() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            var scene = new Scene(seed, Set.of());
            BlockHash bad = scene.mineInvalid();
            List<BlockHash> good = Towns.mine(scene.honest, 3);
            scene.world.run(Duration.ofMinutes(5));
            assertThat(scene.honest.height()).isEqualTo(MATURITY + 3);
            assertThat(scene.chain().best().hash()).isEqualTo(scene.attacker.tipHash());
            assertThat(scene.node().warning(scene.now())).contains(LightNode.WARNING);
            assertThat(scene.confirmations(bad))
                    .isEqualTo(new Confirmations(6, Confirmations.Standing.UNVERIFIED));
            assertThat(scene.confirmations(bad).isVerified()).isFalse();
            assertThat(scene.confirmations(good.getFirst()).standing())
                    .isEqualTo(Confirmations.Standing.NOT_IN_CHAIN);
            // When the honest branch has most work nothing is left to warn of.
            Towns.mine(scene.honest, 4);
            scene.world.run(Duration.ofMinutes(1));
            assertThat(scene.node().warning(scene.now())).isEmpty();
            assertThat(scene.confirmations(good.getFirst()))
                    .isEqualTo(new Confirmations(7, Confirmations.Standing.AGREED));
        }
    }

    @Test
    @DisplayName("A22 headers on an invalid block while nobody finds a valid one")
    @Sabotage(type = "weft.light.LightChain", method = "hadTime", returns = "false")
    void shouldWarnWhenNobodyFollowsForTenMinutes() {
        var scene = new Scene(1, Set.of());
        BlockHash bad = scene.mineInvalid();
        scene.world.run(Duration.ofMinutes(5));
        assertThat(scene.node().warning(scene.now())).isEmpty();
        scene.world.run(Duration.ofMinutes(6));
        assertThat(scene.node().warning(scene.now())).contains(LightNode.WARNING);
        assertThat(scene.confirmations(bad))
                .isEqualTo(new Confirmations(6, Confirmations.Standing.UNVERIFIED));
        // Nobody is dropped for not following it.
        scene.world.run(Duration.ofMinutes(40));
        assertThat(scene.light.connections()).hasSize(FULL);
    }

    @Test
    @DisplayName("A22 six headers on an invalid block, and a full node that is trusted")
    @Sabotage(type = "weft.light.LightNode", method = "isTrusted", returns = "false")
    @Sabotage(type = "weft.light.LightChain", method = "trustedBest", returns = "null")
    void shouldFollowTheTrustedNode() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            var scene = new Scene(seed, Set.of(World.address(2)));
            BlockHash bad = scene.mineInvalid();
            List<BlockHash> good = Towns.mine(scene.honest, 3);
            scene.world.run(Duration.ofMinutes(5));
            assertThat(scene.chain().find(bad)).as("the branch was offered").isNotNull();
            assertThat(scene.chain().best().hash()).isEqualTo(scene.honest.tipHash());
            assertThat(scene.node().warning(scene.now())).isEmpty();
            assertThat(scene.confirmations(good.getFirst()))
                    .isEqualTo(new Confirmations(3, Confirmations.Standing.TRUSTED));
            assertThat(scene.confirmations(bad).standing())
                    .isEqualTo(Confirmations.Standing.NOT_IN_CHAIN);
        }
    }

    @Test
    @DisplayName("A race between two valid blocks is no dispute")
    void shouldNotWarnOfARace() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            var scene = new Scene(seed, Set.of());
            for (int i = 0; i < 3; i++) {
                Towns.mine(scene.honest, 1);
                Towns.mine(scene.world.nodes().get(3), 1);
                boolean warned =
                        scene.world.runUntil(
                                () -> scene.node().warning(scene.now()).isPresent(),
                                Duration.ofMinutes(15));
                assertThat(warned).isFalse();
                Towns.mine(scene.honest, 1);
                scene.world.run(Duration.ofMinutes(1));
            }
            assertThat(scene.world.nodes().subList(0, FULL))
                    .allMatch(each -> each.tipHash().equals(scene.chain().best().hash()));
        }
    }

    /// Lets a peer dial in and shake hands.
    private static PeerId dialIn(SimNode light, int number, PeerPermissions permissions, Now now) {
        LightNode node = light.machine(LightNode.class);
        var peer = new PeerId(1_000 + number);
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        var version =
                new VersionMessage(
                        Negotiated.PROTOCOL_VERSION,
                        ServiceFlags.NETWORK | ServiceFlags.WITNESS,
                        now.unixSeconds(),
                        nowhere,
                        nowhere,
                        number + 1,
                        "",
                        1,
                        true);
        for (PeerInput input :
                List.of(
                        new PeerInput.Accepted(
                                peer,
                                World.address(50 + number),
                                World.address(FULL),
                                false,
                                permissions),
                        new PeerInput.TransportReady(peer, TransportVersion.V1, Bytes.EMPTY),
                        received(peer, version),
                        received(peer, new Verack()))) {
            node.handle(input, now, _ -> {});
        }
        Peer ready = Check.present(node.peers().find(peer), "it was let in");
        assertThat(ready.isReady()).isTrue();
        return peer;
    }

    private static PeerInput received(PeerId peer, Message message) {
        return new PeerInput.Received(peer, message, 100, 124);
    }

    @Test
    @DisplayName("A22 twelve who dial in and stand by the first header")
    @Sabotage(type = "weft.light.LightNode", method = "hasSay", returns = "true")
    void shouldNotHearThoseWhoDialIn() {
        var scene = new Scene(1, Set.of());
        HeaderNode first = Check.present(scene.chain().best().ancestor(1), "it is mined");
        var none = PeerPermissions.NONE;
        for (int i = 0; i < 12; i++) {
            PeerId liar = dialIn(scene.light, i, none, scene.now());
            scene.node()
                    .handle(
                            received(liar, new Headers(List.of(first.header()))),
                            scene.now(),
                            _ -> {});
        }
        Duration past = LightChain.PATIENCE.plusMinutes(1);
        Now later =
                new Now(
                        scene.now().monotonicNanos() + past.toNanos(),
                        scene.now().wall().plus(past));
        assertThat(scene.chain().settled(later).height()).isEqualTo(MATURITY);
        assertThat(scene.node().warning(later)).isEmpty();
    }

    @Test
    void shouldHearAPeerAgainThatSentATransaction() {
        var scene = new Scene(1, Set.of());
        var relay = new PeerPermissions(PeerPermissions.RELAY);
        PeerId peer = dialIn(scene.light, 0, relay, scene.now());
        Transaction tx = Scene.theft(new OutPoint(Txid.ZERO, 0), Scene.spentNothing());
        var sent = new TxMessage(tx, Transaction.Encoding.WITNESS);
        scene.node().handle(received(peer, sent), scene.now(), _ -> {});
        assertThat(scene.node().peers().mustWait(received(peer, new Verack()))).isFalse();
        assertThat(scene.node().peers().find(peer)).isNotNull();
    }
}
