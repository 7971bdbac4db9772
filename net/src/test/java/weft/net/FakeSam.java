package weft.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import weft.wire.NetAddress;

/// An I2P router's SAM bridge in the hands of a test: knows every name, reaches nobody, and answers as it is
/// told to.
final class FakeSam implements AutoCloseable {
    private static final int KEY_BYTES = 387 + 4 + 64;

    /// What was asked, in order; answers to a request that begins so are replaced.
    final List<String> requests = new CopyOnWriteArrayList<>();

    final Map<String, String> answers = new ConcurrentHashMap<>();

    /// Sockets on which somebody waits for a connection, and those that are connections.
    final BlockingQueue<Socket> accepting = new LinkedBlockingQueue<>();

    final BlockingQueue<Socket> connected = new LinkedBlockingQueue<>();
    final List<Socket> sessions = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final Thread listener;

    FakeSam() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener = Thread.ofVirtual().start(this::serve);
    }

    NetAddress address() {
        return NetAddress.ofIp(server.getInetAddress().getAddress(), server.getLocalPort());
    }

    /// A private key, as long as those of a router, with its destination in front.
    static byte[] key(long seed) {
        byte[] key = new byte[KEY_BYTES];
        new SplittableRandom(seed).nextBytes(key);
        key[384] = 5;
        key[385] = 0;
        key[386] = 4;
        return key;
    }

    static NetAddress addressOf(byte[] key) throws IOException {
        return I2pDestination.address(I2pDestination.ofPrivateKey(key));
    }

    long count(String prefix) {
        return requests.stream().filter(each -> each.startsWith(prefix)).count();
    }

    static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nobody came");
        }
        return next;
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> talk(client));
            } catch (IOException _) {
                // The end, which the condition sees.
            }
        }
    }

    private void talk(Socket client) {
        try {
            // One byte at a time, so that nothing of what follows is swallowed.
            var in =
                    new BufferedReader(
                            new InputStreamReader(
                                    client.getInputStream(), StandardCharsets.US_ASCII),
                            1);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                requests.add(line);
                String answer = answer(line);
                boolean ok = answer.contains("RESULT=OK");
                if (line.startsWith("SESSION CREATE") && ok) {
                    // Before anybody can act on the answer.
                    sessions.add(client);
                }
                client.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.US_ASCII));
                if (line.startsWith("STREAM ACCEPT") && ok) {
                    accepting.add(client);
                    return;
                } else if (line.startsWith("STREAM CONNECT") && ok) {
                    connected.add(client);
                    return;
                }
            }
            client.close();
        } catch (IOException _) {
            // They hung up.
        }
    }

    private String answer(String line) {
        for (Map.Entry<String, String> each : answers.entrySet()) {
            if (line.startsWith(each.getKey())) {
                return each.getValue();
            }
        }
        int number = requests.size();
        return switch (line.substring(0, line.indexOf(' ', line.indexOf(' ') + 1))) {
            case "HELLO VERSION" -> "HELLO REPLY RESULT=OK VERSION=3.1";
            case "DEST GENERATE" -> "DEST REPLY PUB=x PRIV=" + I2pDestination.encode(key(number));
            case "SESSION CREATE" ->
                    line.contains("DESTINATION=TRANSIENT")
                            ? "SESSION STATUS RESULT=OK DESTINATION="
                                    + I2pDestination.encode(key(number))
                            : "SESSION STATUS RESULT=OK DESTINATION=x";
            case "NAMING LOOKUP" -> "NAMING REPLY RESULT=OK NAME=x VALUE=destination";
            case "STREAM CONNECT", "STREAM ACCEPT" -> "STREAM STATUS RESULT=OK";
            default -> "RESULT=NONSENSE";
        };
    }

    @Override
    public void close() {
        try {
            server.close();
            // While it accepts, the socket is there for a moment more.
            listener.join();
            for (Socket each : sessions) {
                each.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
