package weft.net;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import weft.crypto.HmacSha256;
import weft.wire.NetAddress;

/// What we say to Tor's control port, and make of what it says: prove that we may, ask where the proxy is,
/// make an onion service. No socket and no file is touched here: each call returns what to do next.
final class TorDialogue {
    /// Bytes of the authentication cookie and of each nonce.
    static final int SECRET_BYTES = 32;

    private static final int SOCKS_PORT = 9050;
    private static final String SERVER_KEY =
            "Tor safe cookie authentication server-to-controller hash";
    private static final String CLIENT_KEY =
            "Tor safe cookie authentication controller-to-server hash";
    private static final String LISTENERS = "net/listeners/socks=";

    /// What to do next.
    sealed interface Step {
        /// Send a line.
        record Send(String line) implements Step {}

        /// Read the cookie and go on with [#cookie].
        record ReadCookie(String path) implements Step {}

        /// Onion addresses can be reached through this proxy.
        record UseProxy(NetAddress proxy) implements Step {}

        /// Others can reach us at an onion address.
        ///
        /// @param key to be kept, so that the address stays; as Tor writes it
        record Advertise(NetAddress service, String key) implements Step {}

        /// Tell the operator who looks for it.
        record Note(String text) implements Step {}

        /// It came to nothing; the operator should know.
        record Fail(String why) implements Step {}
    }

    /// What we want.
    ///
    /// @param password to log in with; empty for none
    /// @param asksForProxy whether Tor shall say where its proxy is
    /// @param key of our onion service, of an earlier run; empty for a new one
    /// @param port that others dial
    /// @param target where those come out on this machine
    record Wishes(String password, boolean asksForProxy, String key, int port, NetAddress target) {}

    private enum Stage {
        METHODS,
        CHALLENGE,
        LOGIN,
        PROXY,
        SERVICE,
        DONE
    }

    private final Wishes wishes;
    private final byte[] nonce;
    private byte[] cookie = new byte[0];
    private Stage stage = Stage.METHODS;

    /// @param nonce 32 bytes that nobody can guess
    TorDialogue(Wishes wishes, byte[] nonce) {
        this.wishes = wishes;
        this.nonce = nonce.clone();
    }

    /// The first line.
    List<Step> begin() {
        return List.of(new Step.Send("PROTOCOLINFO 1"));
    }

    /// Goes on after an answer.
    List<Step> received(TorReply reply) {
        return switch (stage) {
            case METHODS -> onMethods(reply);
            case CHALLENGE -> onChallenge(reply);
            case LOGIN -> onLogin(reply);
            case PROXY -> onProxy(reply);
            case SERVICE -> onService(reply);
            case DONE -> List.of();
        };
    }

    private List<Step> fail(String why) {
        stage = Stage.DONE;
        return List.of(new Step.Fail(why));
    }

    private List<Step> onMethods(TorReply reply) {
        if (!reply.isOk()) {
            return fail("Requesting protocol info failed");
        }
        Set<String> methods = Set.of();
        String file = "";
        for (String line : reply.lines()) {
            if (TorReply.typeOf(line).equals("AUTH")) {
                Map<String, String> pairs = TorReply.pairsOf(line);
                methods = Set.of(pairs.getOrDefault("METHODS", "").split(",", -1));
                file = pairs.getOrDefault("COOKIEFILE", "");
            }
        }
        if (!wishes.password.isEmpty()) {
            if (!methods.contains("HASHEDPASSWORD")) {
                return fail(
                        "Password provided with -torpassword, but HASHEDPASSWORD authentication is"
                                + " not available");
            }
            String quoted = wishes.password.replace("\\", "\\\\").replace("\"", "\\\"");
            return login("Using HASHEDPASSWORD authentication", " \"" + quoted + "\"");
        }
        if (methods.contains("NULL")) {
            return login("Using NULL authentication", "");
        }
        if (methods.contains("SAFECOOKIE")) {
            return List.of(
                    new Step.Note(
                            "Using SAFECOOKIE authentication, reading cookie authentication from "
                                    + file),
                    new Step.ReadCookie(file));
        }
        return fail(
                methods.contains("HASHEDPASSWORD")
                        ? "The only supported authentication mechanism left is password, but no"
                                + " password provided with -torpassword"
                        : "No supported authentication method");
    }

    private List<Step> login(String note, String secret) {
        stage = Stage.LOGIN;
        return List.of(new Step.Note(note), new Step.Send("AUTHENTICATE" + secret));
    }

    /// Goes on after [Step.ReadCookie].
    ///
    /// @param path of the cookie, for messages
    /// @param content of the file; empty if it could not be read
    List<Step> cookie(String path, Optional<byte[]> content) {
        if (content.isEmpty()) {
            return fail(
                    "Authentication cookie " + path + " could not be opened (check permissions)");
        }
        if (content.get().length != SECRET_BYTES) {
            return fail(
                    "Authentication cookie "
                            + path
                            + " is not exactly 32 bytes, as is required by the spec");
        }
        cookie = content.get().clone();
        stage = Stage.CHALLENGE;
        return List.of(
                new Step.Send("AUTHCHALLENGE SAFECOOKIE " + HexFormat.of().formatHex(nonce)));
    }

    private List<Step> onChallenge(TorReply reply) {
        if (!reply.isOk()) {
            return fail("SAFECOOKIE authentication challenge failed");
        }
        String line = reply.lines().getFirst();
        if (!TorReply.typeOf(line).equals("AUTHCHALLENGE")) {
            return fail("Invalid reply to AUTHCHALLENGE");
        }
        Map<String, String> pairs = TorReply.pairsOf(line);
        byte[] serverNonce = unhex(pairs.getOrDefault("SERVERNONCE", ""));
        byte[] serverHash = unhex(pairs.getOrDefault("SERVERHASH", ""));
        if (serverNonce.length != SECRET_BYTES) {
            return fail("ServerNonce is not 32 bytes, as required by spec");
        }
        if (!MessageDigest.isEqual(serverHash, proof(SERVER_KEY, serverNonce))) {
            return fail("ServerHash does not match the one expected");
        }
        String ours = HexFormat.of().formatHex(proof(CLIENT_KEY, serverNonce));
        return login("SAFECOOKIE authentication challenge successful", " " + ours);
    }

    private static byte[] unhex(String hex) {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private byte[] proof(String key, byte[] serverNonce) {
        return HmacSha256.hash(key.getBytes(StandardCharsets.US_ASCII), cookie, nonce, serverNonce);
    }

    private List<Step> onLogin(TorReply reply) {
        if (!reply.isOk()) {
            return fail("Authentication failed");
        }
        var note = new Step.Note("Authentication successful");
        if (wishes.asksForProxy) {
            stage = Stage.PROXY;
            return List.of(note, new Step.Send("GETINFO net/listeners/socks"));
        }
        return List.of(note, service());
    }

    private Step service() {
        stage = Stage.SERVICE;
        String key = wishes.key.isEmpty() ? "NEW:ED25519-V3" : wishes.key;
        return new Step.Send("ADD_ONION " + key + " Port=" + wishes.port + "," + wishes.target);
    }

    private List<Step> onProxy(TorReply reply) {
        NetAddress proxy = NetAddress.parse("127.0.0.1", SOCKS_PORT);
        for (String line : reply.isOk() ? reply.lines() : List.<String>of()) {
            if (line.startsWith(LISTENERS)) {
                proxy = listener(line.substring(LISTENERS.length())).orElse(proxy);
            }
        }
        return List.of(new Step.UseProxy(proxy), service());
    }

    /// The last of some listeners, or the first of this machine.
    private static Optional<NetAddress> listener(String list) {
        Optional<NetAddress> found = Optional.empty();
        for (String each : list.split(" ", -1)) {
            boolean quoted = each.length() >= 2 && "\"'".indexOf(each.charAt(0)) >= 0;
            String text = quoted ? each.substring(1, each.length() - 1) : each;
            try {
                found = Optional.of(NetAddress.parse(text, SOCKS_PORT));
                if (text.startsWith("127.0.0.1:")) {
                    return found;
                }
            } catch (IllegalArgumentException _) {
                // A UNIX domain socket, for instance: another may do.
            }
        }
        return found;
    }

    private List<Step> onService(TorReply reply) {
        if (!reply.isOk()) {
            return fail(
                    reply.code() == TorReply.UNKNOWN
                            ? "Add onion failed with unrecognized command (You probably need to"
                                    + " upgrade Tor)"
                            : "Add onion failed; error code " + reply.code());
        }
        String id = "";
        String key = wishes.key;
        for (String line : reply.lines()) {
            Map<String, String> pairs = TorReply.pairs(line);
            id = pairs.getOrDefault("ServiceID", id);
            key = pairs.getOrDefault("PrivateKey", key);
        }
        stage = Stage.DONE;
        try {
            NetAddress service = NetAddress.parse(id + ".onion", wishes.port);
            return List.of(new Step.Note("ADD_ONION successful"), new Step.Advertise(service, key));
        } catch (IllegalArgumentException e) {
            return fail("Error parsing ADD_ONION parameters");
        }
    }
}
