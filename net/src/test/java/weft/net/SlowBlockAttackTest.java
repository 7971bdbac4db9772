package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerInput;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.Saboteur;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.Ping;
import weft.wire.Pong;

/// Blocks that are valid and take minutes.
@Timeout(60)
class SlowBlockAttackTest implements SeenRed {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int PINGS = 20;
    private static final int FLOOD = 100;

    private final NetScene scene = new NetScene();

    @AfterEach
    void close() {
        scene.close();
    }

    private static Block block(long number) {
        Transaction coinbase =
                Transaction.of(
                        2,
                        List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                        List.of(new TxOut(1, Bytes.EMPTY)),
                        List.of(),
                        0);
        var parent = new BlockHash(number, 2, 3, 4);
        var header = new BlockHeader(4, parent, Digest256.ZERO, number, 0, 0);
        return Block.of(header, List.of(coinbase));
    }

    private void load() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        BigInteger.TWO);
        scene.loop.post(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, true)));
    }

    private interface Talk<T> {
        T talk() throws IOException;
    }

    private static <T> Supplier<T> supplier(Talk<T> talk) {
        return () -> {
            try {
                return talk.talk();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /// What it answers, whose answer comes soon.
    private static <T> T soon(Talk<T> talk) {
        var answer = new CompletableFuture<T>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                answer.complete(supplier(talk).get());
                            } catch (RuntimeException e) {
                                answer.completeExceptionally(e);
                            }
                        });
        assertThat(answer).succeedsWithin(Saboteur.patience(SOON));
        return answer.join();
    }

    private static void assertServed(NetScene.Client client, long nonce) {
        Pong pong =
                soon(
                        () -> {
                            client.send(Ping.of(nonce));
                            return (Pong) client.await("pong");
                        });
        assertThat(pong.nonce()).hasValue(nonce);
    }

    private long blocks() {
        return scene.commands.stream().filter(ChainCommand.SubmitBlock.class::isInstance).count();
    }

    @Test
    @DisplayName(
            "C02 a block that takes minutes, and what else comes for the chain engine meanwhile")
    @Sabotage(type = "weft.net.ChainWork", method = "isIn", returns = "true")
    @Sabotage(type = "weft.net.ChainWork", method = "isIn", returns = "false")
    void shouldServePeersWhileABlockIsJudged() throws Exception {
        load();
        try (NetScene.Client attacker = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            attacker.send(BlockMessage.of(block(1)));
            NetScene.await(() -> blocks() == 1);
            // Nothing is answered from here on, and more waits than should.
            scene.chainBehind = true;
            for (int i = 2; i < 10; i++) {
                attacker.send(BlockMessage.of(block(i)));
            }
            attacker.send(Ping.of(99));
            for (int i = 0; i < PINGS; i++) {
                assertServed(other, i);
            }
            try (NetScene.Client newcomer = soon(() -> scene.client().handshake())) {
                assertServed(newcomer, 7);
                assertThat(soon(scene::peers)).as("the operator is answered").isEqualTo(3);
            }
            assertThat(blocks()).isEqualTo(1);
            scene.chainBehind = false;
            assertThat(((Pong) attacker.await("pong")).nonce()).hasValue(99);
            assertThat(blocks()).as("none is lost").isEqualTo(9);
        }
    }

    @Test
    @DisplayName("C02 whoever came first does not have the slow chain engine for himself")
    @Sabotage(type = "weft.p2p.defence.Turns", method = "servedAt", returns = "0")
    void shouldLetPeersFeedTheChainInTurn() throws Exception {
        load();
        try (NetScene.Client attacker = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            scene.commandsMax = 1;
            for (int i = 0; i < FLOOD; i++) {
                attacker.send(BlockMessage.of(block(i)));
            }
            // So many wait that they are not all gone when the other's turn has come.
            NetScene.await(() -> scene.connections.held() > NetScene.ROOM / 4 * 3);
            NetScene.await(() -> blocks() == 1);
            other.send(BlockMessage.of(block(FLOOD)));
            other.send(BlockMessage.of(block(FLOOD + 1)));
            int before = 0;
            for (int left = 2; left > 0; ) {
                // Until all wait again: what is taken at once makes room for whoever is next by
                // chance.
                NetScene.await(() -> !scene.commands.isEmpty());
                Thread.sleep(5);
                ChainCommand done = scene.commands.take();
                boolean first =
                        done instanceof ChainCommand.SubmitBlock each
                                && each.block().header().time() < FLOOD;
                before += first ? 1 : 0;
                left -= first ? 0 : 1;
                scene.loop.post(new PeerInput.Chain(new ChainEvent.MempoolMinFee(1_000)));
            }
            assertThat(before).isLessThan(FLOOD / 2);
        }
    }
}
