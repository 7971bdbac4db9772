package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;
import weft.sim.World;
import weft.wire.transport.Frame;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// `-privatebroadcast` between processes, with a proxy in between that takes every onion address to one node.
@Timeout(240)
class PrivateBroadcastNodesTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int ONIONS = 40;

    /// Tor as far as its SOCKS5 port goes: all services of its world are one node of this machine.
    private static final class FakeTor implements AutoCloseable {
        final List<ByteArrayOutputStream> said = new CopyOnWriteArrayList<>();
        final List<String> hosts = new CopyOnWriteArrayList<>();
        private final ServerSocket server;
        private final int target;

        FakeTor(int target) throws IOException {
            this.target = target;
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    Thread.ofVirtual().start(() -> serve(client));
                } catch (IOException _) {
                    // The end, which the condition sees.
                }
            }
        }

        private void serve(Socket client) {
            try (client;
                    var far = new Socket(InetAddress.getLoopbackAddress(), target)) {
                var in = new DataInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream();
                in.readByte();
                in.readNBytes(in.readUnsignedByte());
                out.write(new byte[] {5, 2});
                in.readByte();
                in.readNBytes(in.readUnsignedByte());
                in.readNBytes(in.readUnsignedByte());
                out.write(new byte[] {1, 0});
                in.readNBytes(4);
                byte[] host = in.readNBytes(in.readUnsignedByte());
                in.readUnsignedShort();
                hosts.add(new String(host, StandardCharsets.US_ASCII));
                out.write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
                var copy = new ByteArrayOutputStream();
                said.add(copy);
                Thread.ofVirtual().start(() -> pump(far, client, new ByteArrayOutputStream()));
                pump(client, far, copy);
            } catch (IOException _) {
                // Whoever hung up does not wait for anything.
            }
        }

        private static void pump(Socket from, Socket to, ByteArrayOutputStream copy) {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[1 << 16];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    copy.write(buffer, 0, count);
                    to.getOutputStream().write(buffer, 0, count);
                }
            } catch (IOException _) {
                // The other direction is closed with it.
            }
        }

        /// What our side said on each connection.
        List<List<Frame>> conversations() {
            var all = new ArrayList<List<Frame>>();
            for (ByteArrayOutputStream each : said) {
                byte[] bytes = each.toByteArray();
                var frames = new ArrayList<Frame>();
                try (Transport transport = Transport.v1(0, Magic.REGTEST)) {
                    transport.push(bytes, 0, bytes.length);
                    for (var next = transport.next(); next.isPresent(); next = transport.next()) {
                        if (next.get() instanceof TransportEvent.Received(Frame frame)) {
                            frames.add(frame);
                        }
                    }
                }
                all.add(frames);
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static boolean isSecret(List<Frame> conversation) {
        return !conversation.isEmpty()
                && new String(
                                conversation.getFirst().payload().toByteArray(),
                                StandardCharsets.ISO_8859_1)
                        .contains("/pynode:0.0.1/");
    }

    private static boolean knows(RunningNode node, String txid) {
        return node.call("getrawmempool").toString().contains(txid);
    }

    private static JsonNode waiting(RunningNode node) {
        return node.call("getprivatebroadcastinfo").get("transactions");
    }

    private static void tellOnions(RunningNode node) {
        for (int i = 0; i < ONIONS; i++) {
            String onion = World.onion(i).addressText();
            node.call("addpeeraddress", onion, 18_444, false);
        }
    }

    @Test
    @DisplayName(
            "private broadcast between processes: handed over through Tor, and back from the network")
    void shouldGoOutThroughTorAndComeBack(@TempDir Path folder) throws Exception {
        int door = FreePorts.one();
        try (FakeTor tor = new FakeTor(door);
                RunningNode far =
                        RunningNode.start(
                                folder.resolve("far"),
                                "-connect=0",
                                "-bind=127.0.0.1:" + door + "=onion");
                RunningNode payer =
                        RunningNode.start(
                                folder.resolve("payer"),
                                "-privatebroadcast=1",
                                "-proxy=127.0.0.1:" + tor.port(),
                                "-v2transport=0",
                                "-debug=privatebroadcast")) {
            String coinbase = OpenCoins.mine(payer);
            tellOnions(payer);
            RunningNode.await(SOON, () -> far.height() == 101);
            String tx = OpenCoins.spend(coinbase);
            String txid = payer.call("sendrawtransaction", tx).asString();
            RunningNode.await(SOON, () -> knows(far, txid));
            RunningNode.await(SOON, () -> knows(payer, txid));
            assertThat(waiting(payer)).isEmpty();
            assertThat(Files.readString(payer.networkFolder().resolve("debug.log")))
                    .contains("Requesting 3 new connections due to txid=" + txid)
                    .contains("P2P handshake completed, sending INV for txid=" + txid)
                    .contains("Received our privately broadcast transaction (txid=" + txid);

            List<List<Frame>> all = tor.conversations();
            List<List<Frame>> secret =
                    all.stream().filter(PrivateBroadcastNodesTest::isSecret).toList();
            assertThat(secret).isNotEmpty();
            for (List<Frame> each : secret) {
                List<String> talk = List.of("version", "verack", "inv", "tx", "ping");
                assertThat(talk.subList(0, each.size()))
                        .isEqualTo(each.stream().map(Frame::command).toList());
            }
            assertThat(all.stream().filter(each -> !isSecret(each)))
                    .isNotEmpty()
                    .allMatch(each -> each.stream().noneMatch(one -> one.command().equals("tx")));
            assertThat(tor.hosts).allMatch(each -> each.endsWith(".onion"));
        }
    }

    @Test
    void shouldListAndAbort(@TempDir Path folder) throws Exception {
        try (RunningNode payer =
                        RunningNode.start(
                                folder.resolve("payer"),
                                "-privatebroadcast=1",
                                "-onion=127.0.0.1:1");
                RunningNode other = RunningNode.start(folder.resolve("other"), "-connect=0")) {
            String coinbase = OpenCoins.mine(payer);
            String tx = OpenCoins.spend(coinbase);
            String txid = payer.call("sendrawtransaction", tx).asString();
            assertThat(payer.call("sendrawtransaction", tx).asString()).isEqualTo(txid);
            assertThat(payer.call("getrawmempool")).isEmpty();
            assertThat(waiting(payer)).hasSize(1);
            JsonNode one = waiting(payer).get(0);
            assertThat(one.get("txid").asString()).isEqualTo(txid);
            assertThat(one.get("hex").asString()).isEqualTo(tx);
            assertThat(one.get("peers")).isEmpty();
            assertThat(one.get("time_added").asLong()).isGreaterThan(1_700_000_000);
            assertThatThrownBy(() -> payer.call("abortprivatebroadcast", "0".repeat(64)))
                    .isInstanceOf(RpcClient.RpcException.class)
                    .hasMessageContaining("Transaction not in private broadcast queue");
            JsonNode gone = payer.call("abortprivatebroadcast", one.get("wtxid").asString());
            assertThat(gone.get("removed_transactions").get(0).get("txid").asString())
                    .isEqualTo(txid);
            assertThat(waiting(payer)).isEmpty();
            // What the mempool would not take is not handed out either.
            String twice = tx.replace("01015100000000", "01015200000000");
            assertThatThrownBy(() -> payer.call("sendrawtransaction", twice))
                    .isInstanceOf(RpcClient.RpcException.class)
                    .hasMessageContaining("mandatory-script-verify-flag-failed");
            assertThat(waiting(payer)).isEmpty();
            assertThatThrownBy(() -> other.call("getprivatebroadcastinfo"))
                    .isInstanceOf(RpcClient.RpcException.class)
                    .hasMessageContaining("Private broadcast is not enabled");
        }
    }
}
