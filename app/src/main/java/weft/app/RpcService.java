package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.log.FileLog;
import weft.app.node.LightRunner;
import weft.app.node.MockableTime;
import weft.app.node.NodeRunner;
import weft.app.node.NodeSettings;
import weft.server.LightApi;
import weft.server.NodeApi;
import weft.server.PeersApi;
import weft.server.http.HttpReply;
import weft.server.http.HttpService;
import weft.server.rpc.JsonRpc;
import weft.server.rpc.LightMethods;
import weft.server.rpc.Rest;
import weft.server.rpc.RpcMethods;
import weft.server.rpc.RpcTable;

/// The RPC server of a node: it answers from the first moment, at first only that it is warming up.
final class RpcService implements AutoCloseable {
    private final Optional<HttpService> http;
    private final RpcTable table;
    private final Path cookie;
    private final NodeSettings settings;
    private final PeersApi.Settings told;
    private final FileLog log;

    private RpcService(
            Optional<HttpService> http,
            RpcTable table,
            Path cookie,
            NodeSettings settings,
            PeersApi.Settings told,
            FileLog log) {
        this.http = http;
        this.table = table;
        this.cookie = cookie;
        this.settings = settings;
        this.told = told;
        this.log = log;
    }

    /// Opens the server; every call is answered with "warming up" until [#serve].
    static RpcService start(
            Args args, NodeSettings settings, NodeRole role, long startedSeconds, FileLog log)
            throws IOException {
        Path folder = settings.storage().folder();
        Path cookie = folder.resolve(args.text("rpccookiefile").orElse(".cookie"));
        var table = new RpcTable();
        var reach = new ReachArgs(args);
        var told =
                new PeersApi.Settings(
                        versionNumber(),
                        new HashSet<>(args.list("deprecatedrpc")),
                        new PeersApi.Folder(
                                folder.toString(),
                                folder.resolve(args.text("debuglogfile").orElse("debug.log"))
                                        .toString()),
                        startedSeconds,
                        role.text(),
                        new PeersApi.Proxying(reach.texts(), reach.separates()),
                        PrivacyArgs.isOn(args));
        PrivacyArgs.warn(args, log);
        if (!args.flag("server", true)) {
            return new RpcService(Optional.empty(), table, cookie, settings, told, log);
        }
        log.info("Starting HTTP server");
        var rpc = new JsonRpc(table, RpcArgs.access(args), log);
        HttpService.Options options =
                RpcArgs.http(args, settings.params().identity().rpcPort(), cookie, log);
        if (args.flag("rest", false)) {
            options = options.withRest(new Rest(table)::answer);
        }
        HttpService http;
        try {
            http =
                    HttpService.start(
                            options,
                            (body, user, path) -> {
                                JsonRpc.Reply reply = rpc.answer(body, user, path);
                                return new HttpReply(reply.status(), reply.body());
                            },
                            log);
        } catch (IOException e) {
            log.error(String.valueOf(e.getMessage()));
            Files.deleteIfExists(cookie);
            throw new ArgsFault(RpcArgs.CANNOT_START);
        }
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

    /// From now on calls are answered.
    ///
    /// @return the node as the servers see it
    NodeApi serve(NodeRunner runner, MockableTime time) {
        var node = new NodeService(runner, settings.params(), time, told, log);
        RpcMethods.register(table, node);
        table.warmUpFinished();
        return node;
    }

    /// From now on calls are answered, by a light node.
    ///
    /// @return the node as the servers see it
    LightApi serve(LightRunner runner, MockableTime time) {
        var node = new LightService(runner, settings.params(), time, told, log);
        LightMethods.register(table, node);
        table.warmUpFinished();
        return node;
    }

    @Override
    public void close() throws IOException {
        http.ifPresent(HttpService::close);
        Files.deleteIfExists(cookie);
    }
}
