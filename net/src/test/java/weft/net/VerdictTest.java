package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
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
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.Saboteur;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.TxMessage;

/// Messages that come after a transaction, while the test, as chain engine, has not judged it.
@Timeout(60)
class VerdictTest implements SeenRed {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final NetScene scene = new NetScene();
    private final HeaderNode genesis;

    VerdictTest() {
        genesis =
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
        return next(ChainCommand.SubmitTx.class);
    }

    private <T extends ChainCommand> T next(Class<T> type) throws InterruptedException {
        while (true) {
            ChainCommand next = scene.commands.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("%s for the chain engine", type.getSimpleName()).isNotNull();
            if (type.isInstance(next)) {
                return type.cast(next);
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
            assertThat(pong(other, patience())).as("nobody else waits").hasValue(9);
            assertThat(pong(sender, 200)).as("the sender waits").isEmpty();
            // Known to the operator's program in the meantime: no other verdict will come.
            accept(second, Origin.SELF);
            assertThat(pong(sender, patience())).hasValue(7);
            assertThat(pong(sender, patience())).hasValue(8);
        }
    }

    @Test
    @DisplayName("C03 large transactions of one peer, sent all at once, and one of another's")
    @Sabotage(type = "weft.p2p.tx.Judging", method = "weightOf", returns = "0")
    void shouldNotQueueManyLargeTransactionsBeforeWhatOthersSend() throws Exception {
        try (NetScene.Client sender = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            for (int i = 1; i <= 8; i++) {
                sender.send(TxMessage.of(large(i)));
            }
            sender.send(Ping.of(7));
            ChainCommand.SubmitTx first = offered();
            assertThat(pong(sender, 200)).as("heard in order").isEmpty();
            other.send(TxMessage.of(tx(9)));
            ChainCommand.SubmitTx next = offered();
            assertThat(next.tx()).as("only one of the large ones is before it").isEqualTo(tx(9));
            accept(next, next.origin());
            accept(first, first.origin());
            for (int i = 2; i <= 8; i++) {
                ChainCommand.SubmitTx each = offered();
                assertThat(each.tx()).isEqualTo(large(i));
                accept(each, each.origin());
            }
            assertThat(pong(sender, patience())).hasValue(7);
        }
    }

    /// As heavy as what is relayed may be.
    private static Transaction large(int number) {
        return Transaction.of(
                2,
                tx(number).inputs(),
                List.of(new TxOut(number, Bytes.wrap(new byte[99_940]))),
                List.of(),
                0);
    }

    @Test
    @Sabotage(type = "weft.p2p.sync.BlockSync", method = "mustWait", returns = "false")
    void shouldAnswerAPeerAfterTheBlocksThatItAskedFor() throws Exception {
        try (NetScene.Client asker = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            var item = InvItem.block(genesis.hash());
            asker.send(GetData.of(item), GetData.of(item), Ping.of(7));
            for (int i = 0; i < 2; i++) {
                ChainCommand.FetchBlock fetch = next(ChainCommand.FetchBlock.class);
                other.send(Ping.of(i));
                assertThat(pong(other, patience())).as("nobody else waits").hasValue(i);
                assertThat(pong(asker, 200)).as("the asker waits").isEmpty();
                var block = Block.of(genesis.header(), List.of());
                say(new ChainEvent.BlockFetched(fetch.origin(), fetch.hash(), Optional.of(block)));
                asker.socket.setSoTimeout(patience());
                asker.await("block");
            }
            assertThat(pong(asker, patience())).hasValue(7);
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

    /// In milliseconds.
    private static int patience() {
        return (int) Saboteur.patience(PATIENCE).toMillis();
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
