package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.app.node.NodeRunner;
import weft.app.node.NodeSettings;
import weft.server.http.Credentials;
import weft.server.http.HttpReply;
import weft.server.http.HttpService;
import weft.server.rpc.JsonRpc;
import weft.server.rpc.NodeApi;
import weft.server.rpc.RpcMethods;
import weft.server.rpc.RpcTable;

/// The RPC server of a node: it answers from the first moment, at first only that it is warming up.
final class RpcService implements AutoCloseable {
    private static final int SECRET_BYTES = 32;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final Optional<HttpService> http;
    private final RpcTable table;
    private final Path cookie;
    private final NodeSettings settings;
    private final NodeApi.Settings told;
    private final FileLog log;

    private RpcService(
            Optional<HttpService> http,
            RpcTable table,
            Path cookie,
            NodeSettings settings,
            NodeApi.Settings told,
            FileLog log) {
        this.http = http;
        this.table = table;
        this.cookie = cookie;
        this.settings = settings;
        this.told = told;
        this.log = log;
    }

    /// Opens the server; every call is answered with "warming up" until [#serve].
    static RpcService start(Args args, NodeSettings settings, long startedSeconds, FileLog log)
            throws IOException {
        Path folder = settings.storage().folder();
        Path cookie = folder.resolve(args.text("rpccookiefile").orElse(".cookie"));
        var table = new RpcTable();
        var told =
                new NodeApi.Settings(
                        versionNumber(),
                        new HashSet<>(args.list("deprecatedrpc")),
                        folder.resolve(args.text("debuglogfile").orElse("debug.log")).toString(),
                        startedSeconds);
        if (!args.flag("server", true)) {
            return new RpcService(Optional.empty(), table, cookie, settings, told, log);
        }
        var rpc = new JsonRpc(table, JsonRpc.Access.OPEN, log);
        var options =
                new HttpService.Options(
                        binds(args, settings),
                        credentials(args, cookie),
                        args.list("rpcallowip").stream()
                                .map(text -> NodeArgs.subnet(text, "rpcallowip"))
                                .toList(),
                        (int) args.number("rpcthreads", HttpService.Options.WORKERS),
                        (int) args.number("rpcworkqueue", HttpService.Options.QUEUE),
                        IDLE);
        HttpService http =
                HttpService.start(
                        options,
                        (body, user, path) -> {
                            JsonRpc.Reply reply = rpc.answer(body, user, path);
                            return new HttpReply(reply.status(), reply.body());
                        },
                        log);
        return new RpcService(Optional.of(http), table, cookie, settings, told, log);
    }

    /// As Bitcoin Core counts: 0.1.0 is 100.
    private static int versionNumber() {
        int number = 0;
        for (String part : BuildVersion.current().split("\\.", -1)) {
            number = number * 100 + Integer.parseInt(part);
        }
        return number;
    }

    private static List<InetSocketAddress> binds(Args args, NodeSettings settings)
            throws IOException {
        int port = Math.toIntExact(args.number("rpcport", settings.params().identity().rpcPort()));
        if (args.list("rpcallowip").isEmpty() || args.list("rpcbind").isEmpty()) {
            return List.of(
                    new InetSocketAddress(
                            InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
                    new InetSocketAddress(InetAddress.getByAddress(loopback6()), port));
        }
        var binds = new ArrayList<InetSocketAddress>();
        for (String text : args.list("rpcbind")) {
            int colon = text.lastIndexOf(':');
            boolean hasPort =
                    colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
            String host = hasPort ? text.substring(0, colon) : text;
            int each = hasPort ? Integer.parseInt(text.substring(colon + 1)) : port;
            binds.add(new InetSocketAddress(InetAddress.getByName(host), each));
        }
        return binds;
    }

    private static byte[] loopback6() {
        byte[] address = new byte[16];
        address[15] = 1;
        return address;
    }

    private static Credentials credentials(Args args, Path cookie) throws IOException {
        try {
            String password = args.text("rpcpassword").orElse("");
            if (!password.isEmpty()) {
                return Credentials.of(
                        args.text("rpcuser").orElse("") + ":" + password, args.list("rpcauth"));
            }
            byte[] secret = new byte[SECRET_BYTES];
            new SecureRandom().nextBytes(secret);
            String text = "__cookie__:" + HexFormat.of().formatHex(secret);
            writePrivately(cookie, text);
            return Credentials.of(text, args.list("rpcauth"));
        } catch (IllegalArgumentException e) {
            throw new ArgsFault(String.valueOf(e.getMessage()));
        }
    }

    /// Whole or not at all, and never readable by others, not even for a moment.
    private static void writePrivately(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(fresh);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    fresh,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(fresh, text);
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// From now on calls are answered.
    void serve(NodeRunner runner, MockableTime time) {
        var node = new NodeService(runner, settings.params(), time, told, log);
        RpcMethods.register(table, node);
        table.warmUpFinished();
    }

    @Override
    public void close() throws IOException {
        http.ifPresent(HttpService::close);
        Files.deleteIfExists(cookie);
    }
}
