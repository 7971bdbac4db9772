package weft.server.rpc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// All methods, and the state of the server that they share: is it warm yet, what is being done. Safe for use
/// by any thread.
public final class RpcTable {
    private static final Comparator<RpcCommand> BY_CATEGORY =
            Comparator.comparing(command -> command.category() + command.name());

    private final Map<String, RpcCommand> commands = new TreeMap<>();
    private final Map<String, String> refused = new TreeMap<>();
    private final Map<Long, Active> active = new LinkedHashMap<>();
    private final AtomicLong nextCall = new AtomicLong();
    private volatile @Nullable String warmUp = "RPC server started";

    /// A call that is being answered.
    ///
    /// @param startNanos of the monotonic clock
    public record Active(String method, long startNanos) {}

    /// A table without methods, in warm-up.
    public RpcTable() {}

    /// Adds methods; to be done before the first call.
    public RpcTable add(List<RpcCommand> more) {
        more.forEach(command -> commands.put(command.name(), command));
        return this;
    }

    /// Names methods that others of these programs have and this one cannot have; to be done before the first
    /// call.
    ///
    /// @param reasons by name, what the caller is told
    public RpcTable refuse(Map<String, String> reasons) {
        refused.putAll(reasons);
        return this;
    }

    /// Says what the program is doing before it can answer; every call fails with it.
    public void warmUp(String status) {
        warmUp = status;
    }

    /// From now on calls are answered.
    public void warmUpFinished() {
        warmUp = null;
    }

    /// Whether calls are not answered yet.
    public boolean isInWarmUp() {
        return warmUp != null;
    }

    /// Calls that are being answered, oldest first.
    public List<Active> active() {
        synchronized (active) {
            return List.copyOf(active.values());
        }
    }

    /// All methods by name.
    public List<RpcCommand> commands() {
        return List.copyOf(commands.values());
    }

    /// Answers a call.
    ///
    /// @param params array or object
    /// @throws RpcException with the error that the caller gets
    JsonNode execute(String method, JsonNode params, String user, String path) {
        String status = warmUp;
        if (status != null) {
            throw new RpcException(RpcError.IN_WARMUP, status);
        }
        RpcCommand command = commands.get(method);
        if (command == null) {
            String reason = refused.getOrDefault(method, "Method not found");
            throw new RpcException(RpcError.METHOD_NOT_FOUND, reason);
        }
        Long id = nextCall.getAndIncrement();
        synchronized (active) {
            active.put(id, new Active(method, System.nanoTime()));
        }
        try {
            var arguments = new ArrayList<JsonNode>();
            if (params.isObject()) {
                arguments.addAll(NamedArguments.toPositions(params, command.params()));
            } else {
                params.forEach(arguments::add);
            }
            return command.run(new RpcCall(method, arguments, user, path));
        } finally {
            synchronized (active) {
                active.remove(id);
            }
        }
    }

    /// What the program is doing before it can answer; null once it can.
    @Nullable String warmUpStatus() {
        return warmUp;
    }

    /// The list of all methods, or the help of one.
    ///
    /// @param name empty for all
    public String help(String name) {
        if (!name.isEmpty()) {
            RpcCommand command = commands.get(name);
            if (command == null) {
                return refused.getOrDefault(name, "help: unknown command: " + name);
            }
            return command.help();
        }
        var out = new StringBuilder();
        String category = "";
        for (RpcCommand command : commands.values().stream().sorted(BY_CATEGORY).toList()) {
            if (command.category().equals("hidden")) {
                continue;
            }
            if (!command.category().equals(category)) {
                if (!category.isEmpty()) {
                    out.append('\n');
                }
                category = command.category();
                out.append("== ")
                        .append(Character.toUpperCase(category.charAt(0)))
                        .append(category.substring(1))
                        .append(" ==\n");
            }
            out.append(command.usage()).append('\n');
        }
        return out.toString().stripTrailing();
    }
}
