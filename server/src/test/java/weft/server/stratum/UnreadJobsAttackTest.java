package weft.server.stratum;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mining.WorkTemplate;
import weft.mining.stratum.StratumSession;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.server.json.Json;
import weft.server.rpc.OpenNode;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Miners that take jobs and do not read them.
@Timeout(60)
class UnreadJobsAttackTest implements SeenRed {
    private static final Bytes ANYBODY = Bytes.parse("51");
    private static final int BUFFER_BYTES = 4_096;
    private static final int JOBS = 4_000;
    private static final int TOGETHER = 50;

    private final OpenNode node = new OpenNode(ChainParams.of(Network.REGTEST));
    private final WorkTemplate template =
            node.onChain(
                    engine -> WorkTemplate.of(engine.template(ANYBODY), 1, 1_700_000_000L, true));

    private final class World implements StratumConnection.Surroundings {
        @Override
        public Optional<Bytes> payTo(String user) {
            return Optional.of(ANYBODY);
        }

        @Override
        public WorkTemplate template() {
            return template;
        }

        @Override
        public Bytes text() {
            return Bytes.EMPTY;
        }

        @Override
        public Now now() {
            return node.now();
        }

        @Override
        public String found(Block block, String miner, JsonNode id) {
            return StratumLines.result(id, Json.bool(false));
        }
    }

    /// A miner and the server's end of its connection.
    private final class Miner implements AutoCloseable {
        final Socket socket = new Socket();
        final StratumConnection connection;
        final CountDownLatch gone = new CountDownLatch(1);

        Miner(ServerSocket listener, int number) throws IOException {
            socket.setReceiveBufferSize(BUFFER_BYTES);
            socket.connect(listener.getLocalSocketAddress());
            Socket accepted = listener.accept();
            accepted.setSendBufferSize(BUFFER_BYTES);
            var session = new StratumSession(number, new StratumSession.Shares(1, false, false));
            connection = new StratumConnection(accepted, session, new World());
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    connection.run();
                                } catch (IOException e) {
                                    // It is gone in any case.
                                } finally {
                                    gone.countDown();
                                }
                            });
        }

        /// Logs in and reads up to the first job.
        BufferedReader login() throws IOException {
            String calls =
                    """
                    {"id":1,"method":"mining.subscribe","params":[]}
                    {"id":2,"method":"mining.authorize","params":["x"]}
                    """;
            socket.getOutputStream().write(calls.getBytes(StandardCharsets.UTF_8));
            InputStream bytes = socket.getInputStream();
            var in = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
            while (!isJob(in.readLine())) {
                assertThat(gone.getCount()).isEqualTo(1);
            }
            return in;
        }

        @Override
        public void close() throws IOException {
            connection.close();
            socket.close();
        }
    }

    private static boolean isJob(String line) {
        return Json.parse(line).path("method").asString("").equals("mining.notify");
    }

    private static void read(BufferedReader in, Semaphore jobs) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                jobs.release(isJob(line) ? 1 : 0);
            }
        } catch (IOException e) {
            // The end.
        }
    }

    @Test
    @DisplayName("D19 a miner that never reads its jobs, beside one that does")
    @Sabotage(
            type = "weft.server.stratum.OutgoingLines",
            method = "add",
            constant = "128>1000000000")
    void shouldCutOffWhoDoesNotRead() throws Exception {
        try (var listener = new ServerSocket()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (var silent = new Miner(listener, 1);
                    var modest = new Miner(listener, 2)) {
                silent.login();
                BufferedReader in = modest.login();
                var read = new Semaphore(0);
                Thread.ofVirtual().start(() -> read(in, read));
                int jobs = 0;
                while (silent.gone.getCount() > 0 && jobs < JOBS) {
                    // No more than may wait for one that reads.
                    for (int i = 0; i < TOGETHER; i++) {
                        silent.connection.give(template, true);
                        modest.connection.give(template, true);
                        jobs++;
                    }
                    assertThat(read.tryAcquire(TOGETHER, 10, TimeUnit.SECONDS)).isTrue();
                }
                assertThat(silent.gone.await(1, TimeUnit.SECONDS))
                        .as("cut off after %d jobs", jobs)
                        .isTrue();
                assertThat(jobs).isLessThan(JOBS);
                assertThat(modest.gone.getCount()).isEqualTo(1);
            }
        }
    }
}
