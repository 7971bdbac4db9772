package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.crypto.HmacSha256;
import weft.net.TorDialogue.Step;
import weft.testkit.Property;
import weft.wire.NetAddress;

/// Tor's control port: lines, the dialogue, and the whole over a socket.
@Timeout(60)
class TorTest {
    private static final String ID = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd";
    private static final NetAddress TARGET = NetAddress.parse("127.0.0.1:18445", 0);
    private static final byte[] NONCE = new byte[32];
    private static final byte[] COOKIE =
            "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @TempDir Path folder;

    private static TorDialogue dialogue(String password, boolean asks, String key) {
        return new TorDialogue(new TorDialogue.Wishes(password, asks, key, 18_444, TARGET), NONCE);
    }

    private static TorReply ok(String... lines) {
        return new TorReply(250, List.of(lines));
    }

    private static TorReply auth(String methods) {
        return ok("PROTOCOLINFO 1", "AUTH METHODS=" + methods, "VERSION Tor=\"0.4.8\"", "OK");
    }

    private static String sent(List<Step> steps) {
        return steps.stream()
                .filter(Step.Send.class::isInstance)
                .map(step -> ((Step.Send) step).line())
                .reduce("", String::concat);
    }

    private static String failure(List<Step> steps) {
        assertThat(steps).hasSize(1);
        return ((Step.Fail) steps.getFirst()).why();
    }

    // ---- lines

    @Test
    void shouldPutAnswersTogether() {
        var assembly = new TorReply.Assembly();
        assertThat(assembly.add("250-one")).isEmpty();
        assertThat(assembly.add("")).isEmpty();
        assertThat(assembly.add("x50 no code")).isEmpty();
        assertThat(assembly.add("250+two")).isEmpty();
        assertThat(assembly.add("250 OK")).contains(ok("one", "two", "OK"));
        assertThat(assembly.add("650 CIRC 1 EXTENDED")).as("nobody asked").isEmpty();
        assertThat(assembly.add("510 what")).contains(new TorReply(510, List.of("what")));
    }

    @Test
    void shouldReadPairs() {
        assertThat(TorReply.pairs("FOO=BAR SPAM=EGGS"))
                .isEqualTo(Map.of("FOO", "BAR", "SPAM", "EGGS"));
        assertThat(TorReply.pairs("A= B=x=y C=\"two words\" OptArg D=1"))
                .isEqualTo(Map.of("A", "", "B", "x=y", "C", "two words"));
        assertThat(TorReply.pairs("A=\"a\\\"b\\\\c\\n\\t\\r\\q\""))
                .isEqualTo(Map.of("A", "a\"b\\c\n\t\rq"));
        assertThat(TorReply.pairs("A=\"\\101\\0\\7\\377\\400\\128\""))
                .isEqualTo(Map.of("A", "A\0\7\u00ff\0400" + "\n8"));
        assertThat(TorReply.pairs("A=\"open")).isEmpty();
        assertThat(TorReply.pairs("A=\"open\\\"")).isEmpty();
        assertThat(TorReply.pairs("flag")).isEmpty();
        assertThat(TorReply.pairsOf("AUTH METHODS=NULL")).isEqualTo(Map.of("METHODS", "NULL"));
        assertThat(TorReply.pairsOf("AUTH")).isEmpty();
    }

    @Test
    void shouldReadAnything() {
        Property.holds(
                20_000,
                random -> {
                    var text = new StringBuilder();
                    for (int i = random.nextInt(40); i > 0; i--) {
                        text.append("A=\"\\ 047n".charAt(random.nextInt(9)));
                    }
                    assertThat(TorReply.pairs(text.toString())).isNotNull();
                    List<Step> steps = dialogue("", true, "").received(ok("AUTH " + text));
                    assertThat(steps).isNotEmpty();
                });
    }

    // ---- the dialogue

    @Test
    void shouldLogInWithNothingWhereThatIsEnough() {
        TorDialogue dialogue = dialogue("", true, "");
        assertThat(sent(dialogue.begin())).isEqualTo("PROTOCOLINFO 1");
        assertThat(sent(dialogue.received(auth("COOKIE,NULL")))).isEqualTo("AUTHENTICATE");
        assertThat(sent(dialogue.received(ok("OK")))).isEqualTo("GETINFO net/listeners/socks");
        List<Step> steps =
                dialogue.received(
                        ok(
                                "net/listeners/socks=\"unix:/x\" \"10.0.0.1:9150\""
                                        + " \"127.0.0.1:9151\" \"1.1.1.1:1\""));
        assertThat(steps)
                .containsExactly(
                        new Step.UseProxy(NetAddress.parse("127.0.0.1:9151", 0)),
                        new Step.Send("ADD_ONION NEW:ED25519-V3 Port=18444,127.0.0.1:18445"));
        assertThat(dialogue.received(ok("ServiceID=" + ID, "PrivateKey=ED25519-V3:abc==", "OK")))
                .contains(
                        new Step.Advertise(
                                NetAddress.parse(ID + ".onion:18444", 0), "ED25519-V3:abc=="));
        assertThat(dialogue.received(ok("what"))).isEmpty();
    }

    @Test
    void shouldLogInWithAPassword() {
        TorDialogue dialogue = dialogue("a\"b\\", false, "ED25519-V3:old");
        assertThat(sent(dialogue.received(auth("HASHEDPASSWORD,NULL"))))
                .isEqualTo("AUTHENTICATE \"a\\\"b\\\\\"");
        assertThat(sent(dialogue.received(ok("OK"))))
                .isEqualTo("ADD_ONION ED25519-V3:old Port=18444,127.0.0.1:18445");
        assertThat(dialogue.received(ok("ServiceID=" + ID)))
                .contains(
                        new Step.Advertise(
                                NetAddress.parse(ID + ".onion:18444", 0), "ED25519-V3:old"));
    }

    private static String proof(String who) {
        byte[] key = ("Tor safe cookie authentication " + who).getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of()
                .withUpperCase()
                .formatHex(HmacSha256.hash(key, COOKIE, NONCE, new byte[32]));
    }

    private static TorDialogue challenged() {
        TorDialogue dialogue = dialogue("", true, "");
        assertThat(dialogue.received(auth("COOKIE,SAFECOOKIE COOKIEFILE=\"/run/tor/c\\\"ookie\"")))
                .contains(new Step.ReadCookie("/run/tor/c\"ookie"));
        assertThat(sent(dialogue.cookie("c", Optional.of(COOKIE))))
                .isEqualTo("AUTHCHALLENGE SAFECOOKIE " + "00".repeat(32));
        return dialogue;
    }

    @Test
    void shouldProveThatItReadTheCookie() {
        String server = proof("server-to-controller hash");
        String nonce = "00".repeat(32);
        assertThat(
                        sent(
                                challenged()
                                        .received(
                                                ok(
                                                        "AUTHCHALLENGE SERVERHASH="
                                                                + server
                                                                + " SERVERNONCE="
                                                                + nonce))))
                .isEqualTo(
                        "AUTHENTICATE "
                                + proof("controller-to-server hash")
                                        .toLowerCase(java.util.Locale.ROOT));
        // Who does not know the cookie learns nothing.
        String wrong =
                server.startsWith("0") ? "1" + server.substring(1) : "0" + server.substring(1);
        assertThat(
                        failure(
                                challenged()
                                        .received(
                                                ok(
                                                        "AUTHCHALLENGE SERVERHASH="
                                                                + wrong
                                                                + " SERVERNONCE="
                                                                + nonce))))
                .isEqualTo("ServerHash does not match the one expected");
        assertThat(
                        failure(
                                challenged()
                                        .received(
                                                ok(
                                                        "AUTHCHALLENGE SERVERHASH="
                                                                + server
                                                                + " SERVERNONCE=00"))))
                .isEqualTo("ServerNonce is not 32 bytes, as required by spec");
        assertThat(failure(challenged().received(ok("OTHER"))))
                .isEqualTo("Invalid reply to AUTHCHALLENGE");
        assertThat(failure(challenged().received(new TorReply(512, List.of("no")))))
                .isEqualTo("SAFECOOKIE authentication challenge failed");
    }

    @Test
    void shouldSayWhatIsWrongWithTheCookie() {
        assertThat(failure(dialogue("", true, "").cookie("/c", Optional.empty())))
                .isEqualTo("Authentication cookie /c could not be opened (check permissions)");
        for (int length : List.of(0, 31, 33)) {
            assertThat(failure(dialogue("", true, "").cookie("/c", Optional.of(new byte[length]))))
                    .isEqualTo(
                            "Authentication cookie /c is not exactly 32 bytes, as is required by"
                                    + " the spec");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', HASHEDPASSWORD, 'The only supported authentication mechanism left is password, but no"
                + " password provided with -torpassword'",
        "'', COOKIE, No supported authentication method",
        "x, NULL, 'Password provided with -torpassword, but HASHEDPASSWORD authentication is not"
                + " available'"
    })
    void shouldSayThatItCannotLogIn(String password, String methods, String why) {
        assertThat(failure(dialogue(password, true, "").received(auth(methods)))).isEqualTo(why);
    }

    @Test
    void shouldSayWhatTorRefuses() {
        var no = new TorReply(551, List.of("no"));
        assertThat(failure(dialogue("", true, "").received(no)))
                .isEqualTo("Requesting protocol info failed");
        TorDialogue login = dialogue("", true, "");
        login.received(auth("NULL"));
        assertThat(failure(login.received(no))).isEqualTo("Authentication failed");
        for (Map.Entry<TorReply, String> each :
                Map.of(
                                no,
                                "Add onion failed; error code 551",
                                new TorReply(510, List.of("x")),
                                "Add onion failed with unrecognized command (You probably need to"
                                        + " upgrade Tor)",
                                ok("ServiceID=short"),
                                "Error parsing ADD_ONION parameters")
                        .entrySet()) {
            TorDialogue dialogue = dialogue("", true, "");
            dialogue.received(auth("NULL"));
            dialogue.received(ok("OK"));
            // An old Tor does not say where its proxy is: the usual place.
            assertThat(dialogue.received(new TorReply(510, List.of("x"))))
                    .contains(new Step.UseProxy(NetAddress.parse("127.0.0.1:9050", 0)));
            assertThat(failure(dialogue.received(each.getKey()))).isEqualTo(each.getValue());
        }
    }

    // ---- the whole

    /// A control port that takes the null login and makes one service.
    private static void serve(ServerSocket server, List<String> heard, List<Socket> open) {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                var in =
                        new BufferedReader(
                                new InputStreamReader(
                                        client.getInputStream(), StandardCharsets.US_ASCII));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    heard.add(line);
                    String answer =
                            switch (TorReply.typeOf(line)) {
                                case "PROTOCOLINFO" -> "250-AUTH METHODS=NULL\r\n250 OK\r\n";
                                case "GETINFO" ->
                                        "250-net/listeners/socks=\"127.0.0.1:1\"\r\n250 OK\r\n";
                                case "ADD_ONION" ->
                                        "250-ServiceID="
                                                + ID
                                                + "\r\n250-PrivateKey=ED25519-V3:k\r\n250 OK\r\n";
                                default -> "250 OK\r\n";
                            };
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException _) {
                // They hung up, or it is the end.
            }
        }
    }

    @Test
    void shouldKeepAnOnionServiceAndItsKey() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        List<Socket> open = new CopyOnWriteArrayList<>();
        Path key = folder.resolve("onion_v3_private_key");
        NetAddress service = NetAddress.parse(ID + ".onion:18444", 0);
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                NetScene scene = new NetScene()) {
            Thread.ofVirtual().start(() -> serve(server, heard, open));
            NetAddress control =
                    NetAddress.ofIp(server.getInetAddress().getAddress(), server.getLocalPort());
            var options =
                    new NetOptions.Tor(control, "", key, NetOptions.Tor.Reach.ALL, 18_444, TARGET);
            try (var tor =
                    new TorController(options, scene.loop, scene.dialer, bytes -> {}, scene.log)) {
                tor.start();
                NetScene.await(() -> scene.loop.ask(engine -> engine.locals().contains(service)));
                assertThat(Files.readString(key)).isEqualTo("ED25519-V3:k");
                assertThat(Files.getPosixFilePermissions(key))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
                // It comes again with the same key, when Tor does.
                open.getFirst().close();
                NetScene.await(() -> scene.logged("RemoveLocal(" + service));
                NetScene.await(
                        () -> new ArrayList<>(heard).toString().contains("ED25519-V3:k Port="));
                NetScene.await(() -> scene.loop.ask(engine -> engine.locals().contains(service)));
            }
            assertThat(scene.lines).noneMatch(line -> line.contains("ED25519-V3:k"));
        }
    }
}
