package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.primitives.log.Log;
import weft.server.http.Credentials;
import weft.server.http.HttpService;
import weft.server.rpc.JsonRpc;

/// From options to settings of the RPC server: who may come in, from where, and what each may call.
final class RpcArgs {
    /// What the operator reads when the server cannot start; the log says why.
    static final String CANNOT_START = "Unable to start HTTP server. See debug log for details.";

    private static final int SECRET_BYTES = 32;
    private static final long IDLE_SECONDS = 30;
    private static final Pattern LIST = Pattern.compile("[, ]");

    private RpcArgs() {}

    /// Everything the HTTP server needs to know. Writes the cookie file where no password is set.
    ///
    /// @param usualPort of the network
    /// @throws ArgsFault if an option makes no sense
    static HttpService.Options http(Args args, int usualPort, Path cookie, Log log)
            throws IOException {
        return new HttpService.Options(
                binds(args, usualPort, log),
                credentials(args, cookie, log),
                args.list("rpcallowip").stream()
                        .map(text -> NodeArgs.subnet(text, "rpcallowip"))
                        .toList(),
                Math.clamp(args.number("rpcthreads", HttpService.Options.WORKERS), 1, 1_000),
                Math.clamp(args.number("rpcworkqueue", HttpService.Options.QUEUE), 1, 10_000),
                Duration.ofSeconds(
                        Math.clamp(args.number("rpcservertimeout", IDLE_SECONDS), 1, 1 << 30)),
                java.util.Optional.empty());
    }

    /// What each user may call (`-rpcwhitelist`, `-rpcwhitelistdefault`): of two lists for one user, what is
    /// on both.
    static JsonRpc.Access access(Args args) {
        Map<String, Set<String>> allowed = new TreeMap<>();
        for (String text : args.list("rpcwhitelist")) {
            int colon = text.indexOf(':');
            String user = colon < 0 ? text : text.substring(0, colon);
            if (colon < 0) {
                allowed.computeIfAbsent(user, any -> new TreeSet<>());
                continue;
            }
            var methods = new TreeSet<>(List.of(LIST.split(text.substring(colon + 1), -1)));
            Set<String> before = allowed.putIfAbsent(user, methods);
            if (before != null) {
                before.retainAll(methods);
            }
        }
        boolean nothingByDefault =
                args.flag("rpcwhitelistdefault", !args.list("rpcwhitelist").isEmpty());
        return new JsonRpc.Access(allowed, !nothingByDefault);
    }

    private static List<InetSocketAddress> binds(Args args, int usualPort, Log log)
            throws IOException {
        int port = port(args, usualPort);
        boolean hasAllowed = !args.list("rpcallowip").isEmpty();
        boolean hasBinds = !args.list("rpcbind").isEmpty();
        if (!hasAllowed || !hasBinds) {
            if (hasAllowed) {
                log.warning(
                        "Option -rpcallowip was specified without -rpcbind; this doesn't usually"
                                + " make sense");
            }
            if (hasBinds) {
                log.warning(
                        "Option -rpcbind was ignored because -rpcallowip was not specified,"
                                + " refusing to allow everyone to connect");
            }
            return List.of(
                    new InetSocketAddress(
                            InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
                    new InetSocketAddress(InetAddress.getByAddress(loopback6()), port));
        }
        var binds = new ArrayList<InetSocketAddress>();
        for (String text : args.list("rpcbind")) {
            binds.add(bind(text, port, log));
        }
        for (InetSocketAddress each : binds) {
            if (each.getAddress().isAnyLocalAddress()) {
                log.warning(
                        "The RPC server is not safe to expose to untrusted networks"
                                + " such as the public internet");
            }
        }
        return binds;
    }

    private static int port(Args args, int usualPort) {
        long port = args.number("rpcport", usualPort);
        if (port < 1 || port > 0xffff) {
            throw new ArgsFault(
                    "Invalid port specified in -rpcport: '"
                            + args.text("rpcport").orElse("0")
                            + "'");
        }
        return (int) port;
    }

    private static InetSocketAddress bind(String text, int usualPort, Log log) {
        int colon = text.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
        String host = hasPort ? text.substring(0, colon) : text;
        try {
            int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : usualPort;
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException | IllegalArgumentException e) {
            log.error("Invalid -rpcbind address '" + text + "': " + e.getMessage());
            throw new ArgsFault(CANNOT_START);
        }
    }

    private static byte[] loopback6() {
        byte[] address = new byte[16];
        address[15] = 1;
        return address;
    }

    private static Credentials credentials(Args args, Path cookie, Log log) {
        try {
            String password = args.text("rpcpassword").orElse("");
            String single;
            if (password.isEmpty()) {
                log.info("Using random cookie authentication.");
                single = writeCookie(args, cookie, log);
            } else {
                log.warning(
                        "Config options rpcuser and rpcpassword will soon be deprecated;"
                                + " -rpcauth and the cookie do the same more safely");
                single = args.text("rpcuser").orElse("") + ":" + password;
            }
            List<String> salted =
                    args.list("rpcauth").stream().filter(each -> !each.isEmpty()).toList();
            if (!salted.isEmpty()) {
                log.info("Using rpcauth authentication.");
            }
            return Credentials.of(single, salted);
        } catch (IllegalArgumentException | IOException e) {
            log.error(String.valueOf(e.getMessage()));
            throw new ArgsFault(CANNOT_START);
        }
    }

    private static String writeCookie(Args args, Path cookie, Log log) throws IOException {
        Set<PosixFilePermission> readers = permissions(args.text("rpccookieperms").orElse("owner"));
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        String text = "__cookie__:" + HexFormat.of().formatHex(secret);
        writePrivately(cookie, text, readers);
        log.info("Generated RPC authentication cookie " + cookie);
        return text;
    }

    private static Set<PosixFilePermission> permissions(String who) {
        return PosixFilePermissions.fromString(
                switch (who) {
                    case "owner" -> "rw-------";
                    case "group" -> "rw-r-----";
                    case "all" -> "rw-r--r--";
                    default ->
                            throw new IllegalArgumentException(
                                    "Invalid -rpccookieperms="
                                            + who
                                            + "; must be one of 'owner', 'group', or 'all'.");
                });
    }

    /// Whole or not at all, and never readable by others than it should be, not even for a moment.
    private static void writePrivately(Path file, String text, Set<PosixFilePermission> readers)
            throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        if (Files.isDirectory(fresh)) {
            throw new IOException("Unable to open cookie authentication file " + fresh);
        }
        Files.deleteIfExists(fresh);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(permissions("owner")));
        }
        Files.writeString(fresh, text);
        if (posix) {
            Files.setPosixFilePermissions(fresh, readers);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
