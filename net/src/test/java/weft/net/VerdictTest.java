package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.p2p.PeerInput;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.TxMessage;

/// Messages that come after a transaction, while the test, as chain engine, has not judged it.
@Timeout(60)
class VerdictTest implements SeenRed {
    private static final int PATIENCE = 5_000;

    private final NetScene scene = new NetScene();

    VerdictTest() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        BigInteger.TWO);
        say(new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, false));
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private void say(ChainEvent event) {
        scene.loop.post(new PeerInput.Chain(event));
    }

    private static Transaction tx(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(1, 2, 3, number), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(number, Bytes.EMPTY)),
                List.of(),
                0);
    }

    private ChainCommand.SubmitTx offered() throws InterruptedException {
        while (true) {
            ChainCommand next = scene.commands.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a transaction for the chain engine").isNotNull();
            if (next instanceof ChainCommand.SubmitTx submit) {
                return submit;
            }
        }
    }

    private void accept(ChainCommand.SubmitTx offer, Origin origin) {
        say(new ChainEvent.TxAccepted(origin, offer.tx(), 1_000));
    }

    @Test
    @Sabotage(type = "weft.p2p.PeerEngine", method = "mustWait", returns = "false")
    @Sabotage(type = "weft.net.PeerLoop", method = "release", returns = "void")
    void shouldAnswerAPeerAfterTheVerdictOnItsTransactions() throws Exception {
        try (NetScene.Client sender = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            sender.send(TxMessage.of(tx(1)), TxMessage.of(tx(2)), Ping.of(7), Ping.of(8));
            // Transactions do not wait for each other.
            ChainCommand.SubmitTx first = offered();
            ChainCommand.SubmitTx second = offered();
            accept(first, first.origin());
            other.send(Ping.of(9));
            assertThat(pong(other, PATIENCE)).as("nobody else waits").hasValue(9);
            assertThat(pong(sender, 200)).as("the sender waits").isEmpty();
            // Known to the operator's program in the meantime: no other verdict will come.
            accept(second, Origin.SELF);
            assertThat(pong(sender, PATIENCE)).hasValue(7);
            assertThat(pong(sender, PATIENCE)).hasValue(8);
        }
    }

    @Test
    void shouldForgetWhatIsHeldOfAPeerThatLeaves() throws Exception {
        try (NetScene.Client sender = scene.client().handshake()) {
            sender.send(TxMessage.of(tx(1)), Ping.of(7));
            offered();
        }
        NetScene.await(() -> scene.peers() == 0);
        try (NetScene.Client next = scene.client().handshake()) {
            next.send(Ping.of(7));
            next.await("pong");
        }
    }

    /// The number of the pong that comes within some time; empty for none.
    private static OptionalLong pong(NetScene.Client client, int millis) throws IOException {
        client.socket.setSoTimeout(millis);
        try {
            return ((Pong) client.await("pong")).nonce();
        } catch (SocketTimeoutException e) {
            return OptionalLong.empty();
        }
    }
}
