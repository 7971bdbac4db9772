package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.PeerSnapshot;
import weft.primitives.Now;
import weft.testkit.Property;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// I2P over a bridge that is this test.
@Timeout(60)
class I2pTest {
    private static final String HOST =
            "zsxwyo6qcn3chqzwxnseusqgsnuw3maqnztkiypyfxtya4snkoka.b32.i2p";

    private final FakeSam sam;
    private NetScene scene = new NetScene();

    @TempDir Path folder;

    I2pTest() throws IOException {
        sam = new FakeSam();
    }

    private void begin(boolean accepts) {
        scene.close();
        Optional<Path> key = accepts ? Optional.of(keyFile()) : Optional.empty();
        scene = new NetScene(Proxies.NONE, Optional.of(new NetOptions.I2p(sam.address(), key)));
    }

    private Path keyFile() {
        return folder.resolve("i2p_private_key");
    }

    @AfterEach
    void close() {
        scene.close();
        sam.close();
    }

    private void dial(String node) {
        scene.loop.post(new PeerInput.Command(new PeerCommand.TryNode(node, false)));
    }

    /// The line comes a little before the attempt has ended, and until then nobody dials the same node again.
    private void dialUntil(String line) throws InterruptedException {
        NetScene.await(
                () -> {
                    dial(HOST);
                    return scene.logged(line);
                });
    }

    /// For the same reason.
    private void dialUntilConnected() throws InterruptedException {
        NetScene.await(
                () -> {
                    dial(HOST);
                    return !sam.connected.isEmpty();
                });
        FakeSam.take(sam.connected);
    }

    private List<PeerSnapshot> peers() {
        return scene.loop.ask(
                engine -> engine.peersSnapshot(new Now(System.nanoTime(), Instant.now())));
    }

    private void await(String line) throws InterruptedException {
        NetScene.await(() -> scene.logged(line));
    }

    @Test
    void shouldBeDialledUnderAnAddressThatStays() throws Exception {
        begin(true);
        Socket waiting = FakeSam.take(sam.accepting);
        byte[] key = Files.readAllBytes(keyFile());
        NetAddress ours = FakeSam.addressOf(key);
        assertThat(Files.getPosixFilePermissions(keyFile()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        await("created, my address=" + ours);
        NetScene.await(() -> scene.loop.ask(engine -> engine.locals().contains(ours.withPort(0))));

        byte[] theirs = I2pDestination.ofPrivateKey(FakeSam.key(77));
        waiting.getOutputStream()
                .write((I2pDestination.encode(theirs) + "\n").getBytes(StandardCharsets.US_ASCII));
        NetScene.await(() -> scene.peers() == 1);
        assertThat(peers().getFirst().address()).isEqualTo(I2pDestination.address(theirs));
        assertThat(peers().getFirst().type().isOutbound()).isFalse();
        // The bytes after the line are the peer's.
        try (var peer = new NetScene.Client(waiting)) {
            peer.handshake();
        }
        FakeSam.take(sam.accepting).close();
        assertThat(scene.lines).noneMatch(line -> line.contains(I2pDestination.encode(key)));

        begin(true);
        FakeSam.take(sam.accepting);
        await("created, my address=" + ours);
        assertThat(sam.count("DEST GENERATE")).isEqualTo(1);
        assertThat(sam.count("SESSION CREATE STYLE=STREAM ID=")).isEqualTo(2);
    }

    @Test
    void shouldDialFromAnAddressOfItsOwnEachTime() throws Exception {
        begin(false);
        dial(HOST);
        Socket first = FakeSam.take(sam.connected);
        dial(FakeSam.addressOf(FakeSam.key(5)).addressText());
        FakeSam.take(sam.connected);
        assertThat(sam.requests).contains("NAMING LOOKUP NAME=" + HOST);
        assertThat(sam.count("SESSION CREATE")).isEqualTo(2);
        assertThat(sam.requests)
                .filteredOn(line -> line.startsWith("SESSION CREATE"))
                .allMatch(line -> line.contains("DESTINATION=TRANSIENT SIGNATURE_TYPE=7 "));
        NetScene.await(() -> scene.peers() == 2);
        assertThat(peers()).allMatch(peer -> peer.address().network() == NetworkId.I2P);
        assertThat(Files.exists(keyFile())).isFalse();
        // A session ends with its connection.
        first.close();
        await("Destroying SAM session");
        NetScene.await(() -> scene.peers() == 1);
    }

    @Test
    void shouldDialFromOurAddressWhereWeHaveOne() throws Exception {
        begin(true);
        FakeSam.take(sam.accepting);
        dial(HOST + ":0");
        FakeSam.take(sam.connected);
        assertThat(sam.count("SESSION CREATE")).isEqualTo(1);
        NetScene.await(() -> scene.peers() == 1);
    }

    @Test
    void shouldRefusePorts() throws Exception {
        begin(false);
        dial(HOST + ":8333");
        await(
                "Error connecting to "
                        + HOST
                        + ":8333, connection refused due to arbitrary port 8333");
        assertThat(sam.requests).isEmpty();
    }

    @Test
    void shouldSayThatThereIsNoBridge() throws Exception {
        begin(false);
        sam.close();
        dial(HOST);
        await("Error connecting to " + HOST + ":0: Cannot connect to " + sam.address());
    }

    @Test
    void shouldUseASessionAgainThatReachedNobody() throws Exception {
        begin(false);
        String no = "STREAM STATUS RESULT=CANT_REACH_PEER MESSAGE=x";
        sam.answers.put("STREAM CONNECT", no);
        dial(HOST);
        await("Error connecting to " + HOST + ":0: \"" + no + "\"");
        scene.lines.clear();
        dialUntil("Error connecting to " + HOST + ":0: \"" + no + "\"");
        assertThat(sam.count("SESSION CREATE")).isEqualTo(1);
        sam.answers.remove("STREAM CONNECT");
        dialUntilConnected();
        assertThat(sam.count("SESSION CREATE")).isEqualTo(1);
    }

    @Test
    void shouldMakeASessionAnewThatTheRouterForgot() throws Exception {
        begin(false);
        sam.answers.put("STREAM CONNECT", "STREAM STATUS RESULT=INVALID_ID");
        dial(HOST);
        await("Destroying SAM session");
        sam.answers.clear();
        dialUntilConnected();
        assertThat(sam.count("SESSION CREATE")).isEqualTo(2);
    }

    @Test
    void shouldMakeASessionAnewWhoseControlSocketEnded() throws Exception {
        begin(true);
        FakeSam.take(sam.accepting);
        sam.sessions.getFirst().close();
        await("Control socket error: ");
        dial(HOST);
        FakeSam.take(sam.connected);
        assertThat(sam.count("SESSION CREATE")).isEqualTo(2);
        assertThat(sam.count("DEST GENERATE")).isEqualTo(1);
    }

    @Test
    void shouldEndASessionThatTheRouterCallsClosed() throws Exception {
        begin(true);
        FakeSam.take(sam.accepting)
                .getOutputStream()
                .write(
                        "STREAM STATUS RESULT=I2P_ERROR MESSAGE=\"Session was closed\"\n"
                                .getBytes(StandardCharsets.US_ASCII));
        await("Error accepting (will close the session)");
        FakeSam.take(sam.accepting);
        assertThat(sam.count("SESSION CREATE")).isEqualTo(2);
    }

    @Test
    void shouldGoOnAcceptingAfterNonsense() throws Exception {
        begin(true);
        FakeSam.take(sam.accepting)
                .getOutputStream()
                .write("~~ no destination ~~\n".getBytes(StandardCharsets.US_ASCII));
        await("Error accepting: Cannot decode Base64");
        FakeSam.take(sam.accepting);
        assertThat(sam.count("SESSION CREATE")).isEqualTo(1);
        assertThat(scene.peers()).isZero();
    }

    @Test
    void shouldSayWhatIsWrongWithTheBridge() throws Exception {
        sam.answers.put("HELLO", "HELLO REPLY RESULT=NOVERSION");
        begin(false);
        dialUntil(
                "Unexpected reply to \"HELLO VERSION MIN=3.1 MAX=3.1\": \"HELLO REPLY"
                        + " RESULT=NOVERSION\"");
        // In this order: at no moment is all well.
        sam.answers.put("SESSION CREATE", "SESSION STATUS RESULT=OK");
        sam.answers.remove("HELLO");
        dialUntil("Missing DESTINATION= in the reply to \"SESSION CREATE ...\"");
        sam.answers.put("SESSION CREATE", "SESSION STATUS RESULT=OK DESTINATION=AAAA");
        dialUntil("The private key is too short (3 < 387)");
        sam.answers.put("SESSION CREATE", "x".repeat(SamSession.LINE_BYTES_MAX + 1));
        dialUntil("received too many bytes without a line end");
        assertThat(scene.peers()).isZero();
    }

    @Test
    void shouldCheckTheLengthOfACertificate() throws Exception {
        byte[] key = FakeSam.key(1);
        assertThat(I2pDestination.ofPrivateKey(key)).hasSize(391);
        key[385] = 1;
        assertThatThrownBy(() -> I2pDestination.ofPrivateKey(key))
                .hasMessage(
                        "Certificate length (260) designates that the private key should be 647"
                                + " bytes, but it is only 455 bytes");
    }

    @Test
    void shouldWriteBase64AsI2pDoes() throws Exception {
        assertThat(I2pDestination.encode(new byte[] {(byte) 0xfb, (byte) 0xff, 0}))
                .isEqualTo("-~8A");
        Property.holds(
                1_000,
                random -> {
                    byte[] bytes = Property.bytes(random, random.nextInt(600));
                    try {
                        assertThat(I2pDestination.decode(I2pDestination.encode(bytes)))
                                .isEqualTo(bytes);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void shouldTakeLinesApart() throws Exception {
        SamReply reply = SamReply.parse("ask", "A STATUS RESULT=OK X= Y=1=2 RESULT=NO flag");
        assertThat(reply.result()).isEqualTo("OK");
        assertThat(reply.orFail()).isEqualTo(reply);
        assertThat(reply.get("X")).isEmpty();
        assertThat(reply.get("Y")).isEqualTo("1=2");
        assertThatThrownBy(() -> reply.get("flag"))
                .hasMessage("Missing flag= in the reply to \"ask\": \"" + reply.full() + "\"");
    }
}
