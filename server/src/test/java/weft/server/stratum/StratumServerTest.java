package weft.server.stratum;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mining.stratum.StratumSession;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.server.json.Json;
import weft.server.rpc.OpenNode;

/// The server's sockets.
class StratumServerTest {
    private static final StratumOptions OPTIONS =
            new StratumOptions(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    Optional.of(Bytes.parse("51")),
                    new StratumSession.Shares(1, true, false));

    /// Takes no connection for a while, as if there were no more files.
    private static final class FullListener extends ServerSocket {
        final AtomicInteger tries = new AtomicInteger();

        FullListener() throws IOException {}

        @Override
        public Socket accept() throws IOException {
            if (tries.incrementAndGet() <= 2) {
                throw new IOException("Too many open files");
            }
            return super.accept();
        }
    }

    private static JsonNode ask(Socket socket, String method, String params) throws IOException {
        socket.getOutputStream()
                .write(
                        ("{\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}\n")
                                .getBytes(StandardCharsets.UTF_8));
        var line = new StringBuilder();
        for (int next = socket.getInputStream().read();
                next >= 0 && next != '\n';
                next = socket.getInputStream().read()) {
            line.append((char) next);
        }
        return Json.parse(line.toString());
    }

    @Test
    @Timeout(30)
    void shouldPauseWhenConnectionsCannotBeTakenAndThenTakeThem() throws Exception {
        var node = new OpenNode(ChainParams.of(Network.REGTEST));
        var listener = new FullListener();
        long begun = System.nanoTime();
        try (StratumServer server = StratumServer.start(node, OPTIONS, listener, Log.NONE);
                var miner = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            Thread.sleep(500);
            assertThat(listener.tries.get()).isEqualTo(1);
            assertThat(ask(miner, "mining.subscribe", "[]").path("result").size()).isEqualTo(3);
            assertThat(System.nanoTime() - begun).isGreaterThan(1_900_000_000L);
            assertThat(listener.tries.get()).isBetween(3, 4);
        }
    }

    @Test
    @Timeout(30)
    void shouldAnswerWhatMinersAskBesideWork() throws Exception {
        var node = new OpenNode(ChainParams.of(Network.REGTEST));
        try (StratumServer server = StratumServer.start(node, OPTIONS, Log.NONE);
                var miner = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            assertThat(ask(miner, "mining.extranonce.subscribe", "[]").path("result").asBoolean())
                    .isTrue();
            assertThat(ask(miner, "mining.suggest_difficulty", "[512]").path("result").asBoolean())
                    .isTrue();
            for (String bad : new String[] {"[0]", "[-1]", "[\"x\"]", "[]", "[1e999]"}) {
                assertThat(
                                ask(miner, "mining.suggest_difficulty", bad)
                                        .path("error")
                                        .path(0)
                                        .asInt())
                        .as(bad)
                        .isEqualTo(20);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(
                                ask(miner, "mining.get_transactions", "[\"1\"]")
                                        .path("error")
                                        .path(0)
                                        .asInt())
                        .isEqualTo(20);
            }
            assertThat(ask(miner, "mining.subscribe", "[]").path("result").size()).isEqualTo(3);
        }
    }

    @Test
    @Timeout(60)
    void shouldAnswerAllThatAFastMinerSendsBeforeItReads() throws Exception {
        int calls = 500_000;
        var node = new OpenNode(ChainParams.of(Network.REGTEST));
        try (StratumServer server = StratumServer.start(node, OPTIONS, Log.NONE);
                var miner = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            byte[] line =
                    "{\"id\":1,\"method\":\"mining.get_transactions\",\"params\":[\"1\"]}\n"
                            .getBytes(StandardCharsets.UTF_8);
            var sent = new AtomicInteger();
            Thread sender =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; i < calls; i++) {
                                                miner.getOutputStream().write(line);
                                                sent.incrementAndGet();
                                            }
                                        } catch (IOException e) {
                                            // The number of answers tells.
                                        }
                                    });
            Thread.sleep(500);
            assertThat(sent.get())
                    .as("it is not read from while it does not read")
                    .isLessThan(calls);
            var in = new BufferedInputStream(miner.getInputStream());
            int answers = 0;
            while (answers < calls) {
                int next = in.read();
                assertThat(next).as("after %d answers", answers).isNotNegative();
                answers += next == '\n' ? 1 : 0;
            }
            sender.join();
        }
    }
}
