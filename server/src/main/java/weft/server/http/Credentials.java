package weft.server.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.crypto.HmacSha256;

/// Who may log in: one user with a password (from the options or the cookie file), and any number of users
/// whose passwords are kept as salted hashes (`-rpcauth`).
public final class Credentials {
    private static final String SCHEME = "Basic ";

    private final String userAndPassword;
    private final List<Salted> salted;

    private record Salted(String user, String salt, String hash) {
        boolean matches(String password) {
            byte[] found =
                    HmacSha256.hash(
                            salt.getBytes(StandardCharsets.UTF_8),
                            password.getBytes(StandardCharsets.UTF_8));
            return same(HexFormat.of().formatHex(found), hash);
        }
    }

    private Credentials(String userAndPassword, List<Salted> salted) {
        this.userAndPassword = userAndPassword;
        this.salted = List.copyOf(salted);
    }

    /// Who may log in.
    ///
    /// @param userAndPassword with a colon between
    /// @param salted each `user:salt$hash`, as Bitcoin Core's `rpcauth.py` makes them
    /// @throws IllegalArgumentException if one of them has another form
    public static Credentials of(String userAndPassword, List<String> salted) {
        var read = new ArrayList<Salted>();
        for (String each : salted) {
            String[] userAndRest = each.split(":", -1);
            String[] saltAndHash = userAndRest[userAndRest.length - 1].split("\\$", -1);
            if (userAndRest.length != 2 || saltAndHash.length != 2) {
                throw new IllegalArgumentException("Invalid -rpcauth argument.");
            }
            read.add(new Salted(userAndRest[0], saltAndHash[0], saltAndHash[1]));
        }
        return new Credentials(userAndPassword, read);
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /// The user that an `Authorization` header logs in; empty if it does not.
    Optional<String> user(@Nullable String header) {
        if (header == null || !header.startsWith(SCHEME)) {
            return Optional.empty();
        }
        String given;
        try {
            byte[] decoded = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
            given = new String(decoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        int colon = given.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String user = given.substring(0, colon);
        String password = given.substring(colon + 1);
        boolean known = same(given, userAndPassword);
        for (Salted each : salted) {
            known |= same(each.user, user) && each.matches(password);
        }
        return known ? Optional.of(user) : Optional.empty();
    }
}
