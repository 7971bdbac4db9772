package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.consensus.CompactBits;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.server.json.Json;

/// A miner written after the text of the Stratum protocol, with arithmetic of its own, against a real node.
class StratumTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final HexFormat HEX = HexFormat.of();

    /// A client that knows nothing of the server's classes.
    private static final class Miner implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private final OutputStream out;
        private final Deque<JsonNode> notices = new ArrayDeque<>();
        private int nextId = 1;
        private String extraNonce1 = "";
        private double difficulty;

        Miner(int port) throws IOException {
            socket = connect(port);
            socket.setSoTimeout(15_000);
            in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out = socket.getOutputStream();
        }

        /// The port is opened a moment after RPC's, which tells that the node is there.
        private static Socket connect(int port) throws IOException {
            long end = System.nanoTime() + 10_000_000_000L;
            while (true) {
                try {
                    return new Socket(InetAddress.getLoopbackAddress(), port);
                } catch (ConnectException e) {
                    if (System.nanoTime() > end) {
                        throw e;
                    }
                    Thread.onSpinWait();
                }
            }
        }

        void raw(String line) throws IOException {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        JsonNode read() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new java.io.EOFException("the server hung up");
            }
            return Json.parse(line);
        }

        private void keep(JsonNode line) {
            if (line.path("method").asString("").equals("mining.set_difficulty")) {
                difficulty = line.path("params").get(0).asDouble();
            } else {
                notices.add(line.path("params"));
            }
        }

        /// The whole answer to a call.
        JsonNode call(String method, String params) throws IOException {
            int id = nextId++;
            raw("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}");
            while (true) {
                JsonNode line = read();
                if (line.has("method")) {
                    keep(line);
                } else {
                    assertThat(line.path("id").asInt()).isEqualTo(id);
                    return line;
                }
            }
        }

        void login(String user) throws IOException {
            JsonNode subscribed = call("mining.subscribe", "[\"test/1\"]").path("result");
            extraNonce1 = subscribed.get(1).asString();
            assertThat(subscribed.get(2).asInt()).isEqualTo(4);
            assertThat(
                            call("mining.authorize", "[\"" + user + "\",\"x\"]")
                                    .path("result")
                                    .asBoolean())
                    .isTrue();
        }

        /// The newest job, waiting for one if there is none.
        JsonNode job() throws IOException {
            while (notices.isEmpty()) {
                keep(read());
            }
            JsonNode newest = notices.getLast();
            notices.clear();
            return newest;
        }

        boolean hearsNothingFor(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                keep(read());
                return false;
            } catch (SocketTimeoutException e) {
                return true;
            } finally {
                socket.setSoTimeout(15_000);
            }
        }

        /// Looks for a nonce.
        ///
        /// @param wantsBlock else a hash that is no block
        String solve(JsonNode job, String extraNonce2, long version, boolean wantsBlock) {
            BigInteger target =
                    CompactBits.decode(Long.parseLong(job.get(6).asString(), 16)).value();
            String head = head(job, extraNonce2, version);
            for (long nonce = 0; ; nonce++) {
                if ((hash(head, nonce).compareTo(target) <= 0) == wantsBlock) {
                    return word(nonce);
                }
            }
        }

        private static BigInteger hash(String head, long nonce) {
            byte[] hash = Sha256.hashTwice(HEX.parseHex(head + reverse(word(nonce))));
            return new BigInteger(reverse(HEX.formatHex(hash)), 16);
        }

        private static String word(long value) {
            return String.format(Locale.ROOT, "%08x", value);
        }

        /// All of the header but the nonce.
        private String head(JsonNode job, String extraNonce2, long version) {
            byte[] coinbase =
                    HEX.parseHex(
                            job.get(2).asString()
                                    + extraNonce1
                                    + extraNonce2
                                    + job.get(3).asString());
            byte[] root = Sha256.hashTwice(coinbase);
            for (JsonNode step : job.get(4)) {
                root = Sha256.hashTwice(HEX.parseHex(HEX.formatHex(root) + step.asString()));
            }
            String parent = job.get(1).asString();
            var turned = new StringBuilder();
            for (int i = 0; i < 64; i += 8) {
                turned.append(reverse(parent.substring(i, i + 8)));
            }
            return reverse(word(version))
                    + turned
                    + HEX.formatHex(root)
                    + reverse(job.get(7).asString())
                    + reverse(job.get(6).asString());
        }

        /// Hands in shares until the server speaks of another difficulty.
        ///
        /// @return a share that was not handed in yet
        String mineUntilRetargeted(JsonNode job) throws IOException {
            double before = difficulty;
            String head = head(job, "00000000", Long.parseLong(job.get(5).asString(), 16));
            BigInteger first = BigInteger.valueOf(0xffff).shiftLeft(208);
            BigInteger target =
                    new BigDecimal(first)
                            .divide(BigDecimal.valueOf(before), 0, RoundingMode.FLOOR)
                            .toBigInteger();
            String kept = "";
            for (long nonce = 0; difficulty == before; nonce++) {
                if (hash(head, nonce).compareTo(target) > 0) {
                    continue;
                }
                if (kept.isEmpty()) {
                    kept = word(nonce);
                } else {
                    JsonNode answer = submit(job, "00000000", word(nonce), "");
                    assertThat(answer.path("result").asBoolean()).isTrue();
                }
            }
            return kept;
        }

        JsonNode submit(JsonNode job, String extraNonce2, String nonce, String more)
                throws IOException {
            return call(
                    "mining.submit",
                    "[\"me\",\""
                            + job.get(0).asString()
                            + "\",\""
                            + extraNonce2
                            + "\",\""
                            + job.get(7).asString()
                            + "\",\""
                            + nonce
                            + "\""
                            + more
                            + "]");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String reverse(String hex) {
        byte[] bytes = HEX.parseHex(hex);
        for (int i = 0; i < bytes.length / 2; i++) {
            byte swapped = bytes[i];
            bytes[i] = bytes[bytes.length - 1 - i];
            bytes[bytes.length - 1 - i] = swapped;
        }
        return HEX.formatHex(bytes);
    }

    private static int error(JsonNode answer) {
        return answer.path("error").path(0).asInt(-1);
    }

    @Test
    @Timeout(120)
    void shouldLetAMinerFindBlocks(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        try (RunningNode node = RunningNode.start(folder, "-stratum=" + port);
                var miner = new Miner(port)) {
            assertThat(
                            error(
                                    miner.call(
                                            "mining.submit",
                                            "[\"a\",\"1\",\"00000000\",\"00000000\",\"00000000\"]")))
                    .isEqualTo(25);
            assertThat(error(miner.call("mining.authorize", "[\"nobody\",\"x\"]"))).isEqualTo(24);
            JsonNode allowed =
                    miner.call(
                                    "mining.configure",
                                    "[[\"version-rolling\",\"minimum-difficulty\"],"
                                            + "{\"version-rolling.mask\":\"ffffffff\"}]")
                            .path("result");
            assertThat(allowed.path("version-rolling.mask").asString()).isEqualTo("1fffe000");
            assertThat(allowed.path("minimum-difficulty").asBoolean(true)).isFalse();
            miner.login(ADDRESS + ".worker1");
            JsonNode job = miner.job();
            assertThat(miner.difficulty).isBetween(4e-10, 5e-10);
            assertThat(job.get(8).asBoolean()).isTrue();

            long version = Long.parseLong(job.get(5).asString(), 16);
            String low = miner.solve(job, "00000007", version, false);
            assertThat(error(miner.submit(job, "00000007", low, ""))).isEqualTo(23);
            assertThat(error(miner.submit(job, "00000007", low, ",\"00000001\""))).isEqualTo(20);
            String nonce = miner.solve(job, "00000007", version, true);
            String late = miner.solve(job, "00000008", version, true);
            assertThat(miner.submit(job, "00000007", nonce, "").path("result").asBoolean())
                    .isTrue();
            assertThat(error(miner.submit(job, "00000008", late, ""))).isEqualTo(21);
            assertThat(node.height()).isEqualTo(1);
            assertThat(node.call("getchaintips").size()).as("none beside it").isEqualTo(1);
            JsonNode tip = node.call("getblock", node.call("getbestblockhash").asString(), 2);
            assertThat(
                            tip.path("tx")
                                    .get(0)
                                    .path("vout")
                                    .get(0)
                                    .path("scriptPubKey")
                                    .path("address")
                                    .asString())
                    .isEqualTo(ADDRESS);

            JsonNode next = miner.job();
            assertThat(next.get(8).asBoolean()).as("clean").isTrue();
            assertThat(error(miner.submit(job, "00000007", nonce, ""))).isEqualTo(21);
            long plain = Long.parseLong(next.get(5).asString(), 16) & ~0x1fff_e000L;
            long rolled = plain | 0x0040_2000;
            String other = miner.solve(next, "00000001", rolled, true);
            assertThat(
                            miner.submit(next, "00000001", other, ",\"00402000\"")
                                    .path("result")
                                    .asBoolean())
                    .isTrue();
            assertThat(node.height()).isEqualTo(2);
        }
    }

    @Test
    @Timeout(120)
    void shouldFollowTheSpeedOfAMiner(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        // Where a block is some 2³² hashes, a share of some thousand is far below.
        try (RunningNode node =
                        RunningNode.startOn(
                                Network.TESTNET4,
                                folder,
                                "-connect=0",
                                "-stratum=" + port,
                                "-stratumaddress=tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                                "-stratumdifficulty=0.000001");
                var miner = new Miner(port)) {
            miner.login("cpu");
            JsonNode job = miner.job();
            double first = miner.difficulty;
            assertThat(first).isEqualTo(1e-6);
            String kept = miner.mineUntilRetargeted(job);
            assertThat(miner.difficulty / first).isBetween(2.0, 32.0);

            JsonNode next = miner.job();
            assertThat(next.get(0)).isNotEqualTo(job.get(0));
            assertThat(next.get(8).asBoolean()).as("clean").isFalse();
            // What was found for the older job counts for what it was asked for.
            assertThat(miner.submit(job, "00000000", kept, "").path("result").asBoolean()).isTrue();
            assertThat(node.height()).isZero();
        }
    }

    @Test
    @Timeout(120)
    void shouldTellOfTipsAtOnceAndOfNothingElse(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        try (RunningNode node =
                        RunningNode.start(
                                folder, "-stratum=" + port, "-stratumaddress=" + ADDRESS);
                var miner = new Miner(port)) {
            miner.login("anything");
            JsonNode first = miner.job();
            assertThat(miner.hearsNothingFor(1_500)).isTrue();
            node.call("generatetoaddress", 1, ADDRESS);
            JsonNode second = miner.job();
            assertThat(second.get(8).asBoolean()).isTrue();
            assertThat(second.get(1)).isNotEqualTo(first.get(1));
        }
    }

    @Test
    @Timeout(120)
    void shouldAnswerBadLinesWithErrorsOrHangUp(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        try (RunningNode node =
                RunningNode.start(folder, "-stratum=" + port, "-stratumaddress=" + ADDRESS)) {
            for (String bad :
                    new String[] {
                        "nonsense",
                        "[]",
                        "{}",
                        "{\"id\":{},\"method\":\"mining.subscribe\"}",
                        "[".repeat(3_000)
                    }) {
                try (var miner = new Miner(port)) {
                    miner.raw(bad);
                    assertThat(error(miner.read())).as(bad).isEqualTo(20);
                    assertThat(miner.in.readLine()).isNull();
                }
            }
            try (var miner = new Miner(port)) {
                miner.raw("x".repeat(5_000));
                assertThat(hangsUp(miner)).isTrue();
            }
            try (var miner = new Miner(port)) {
                for (int i = 0; i < 9; i++) {
                    assertThat(error(miner.call("mining.nothing", "[]"))).isEqualTo(20);
                }
                miner.call("mining.submit", "[1,{},[],\"zz\",null]");
                assertThat(hangsUp(miner)).isTrue();
            }
            assertThat(node.height()).isZero();
        }
    }

    private static boolean hangsUp(Miner miner) {
        try {
            return miner.in.readLine() == null;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
