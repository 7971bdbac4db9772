package weft.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.cli.CliConnection;
import weft.app.cli.CliFault;
import weft.app.cli.CliOptions;
import weft.app.cli.Conversions;
import weft.app.cli.Summaries;
import weft.server.json.Json;

/// `weft-cli`: asks a node over RPC, with the options, the output and the exit codes of `bitcoin-cli`.
///
/// Exit codes: 0 for a result, the absolute value of the node's error code for an error, 1 for everything
/// else.
public final class WeftCli {
    private static final String USAGE =
            "Usage:  weft-cli [options] <command> [params]  Send command to weft\n"
                    + "or:     weft-cli [options] -named <command> [name=value]...  "
                    + "Send command to weft (with named"
                    + " arguments)\n"
                    + "or:     weft-cli [options] help                List commands\n"
                    + "or:     weft-cli [options] help <command>      Get help for a command\n";
    private static final int WALLET_NOT_SPECIFIED = -19;
    private static final int PASSPHRASE_PREFIX = 16;

    private @Nullable BufferedReader input;

    private WeftCli() {}

    /// Asks, prints, and ends with the exit code.
    public static void main(String[] arguments) {
        int code = new WeftCli().run(arguments);
        System.out.flush();
        System.err.flush();
        System.exit(code);
    }

    private int run(String[] arguments) {
        Args args;
        Path dataFolder;
        try {
            args = Args.parse(arguments, CliOptions::isKnown);
            if (arguments.length == 0 || isHelp(args)) {
                return printHelp(args, arguments.length == 0);
            }
            dataFolder = args.readConfig(args.dataFolder(), CliOptions::isKnown);
            args.network();
        } catch (ArgsFault e) {
            String text = String.valueOf(e.getMessage());
            System.err.println(text.startsWith("Error ") ? text : "Error: " + text);
            return 1;
        }
        try {
            return print(ask(args, dataFolder));
        } catch (CliFault | ArgsFault | IOException e) {
            System.err.println("error: " + e.getMessage());
            return 1;
        }
    }

    private static boolean isHelp(Args args) {
        return args.isSet("version") || args.isSet("help") || args.isSet("h") || args.isSet("?");
    }

    private static int printHelp(Args args, boolean isTooFew) {
        System.out.println("weft RPC client version v" + BuildVersion.current());
        if (!args.isSet("version")) {
            System.out.println("\n" + USAGE + "\n" + CliOptions.help());
        }
        if (isTooFew) {
            System.err.println("Error: too few parameters");
        }
        return isTooFew ? 1 : 0;
    }

    private BufferedReader input() {
        if (input == null) {
            input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        }
        return input;
    }

    private String line(String option) throws IOException {
        String line = input().readLine();
        if (line == null) {
            throw new CliFault("-" + option + " specified but failed to read from standard input");
        }
        return line;
    }

    /// The node's reply, with a result or an error.
    private JsonNode ask(Args args, Path dataFolder) throws IOException {
        Optional<String> password = Optional.empty();
        if (args.flag("stdinrpcpass", false)) {
            password = Optional.of(line("stdinrpcpass"));
        }
        var words = new ArrayList<>(args.words());
        if (args.flag("stdinwalletpassphrase", false)) {
            if (words.isEmpty() || !isPassphrase(words.getFirst())) {
                throw new CliFault(
                        "-stdinwalletpassphrase is only applicable for walletpassphrase(change)");
            }
            words.add(1, line("stdinwalletpassphrase"));
        }
        if (args.flag("stdin", false)) {
            input().lines().forEach(words::add);
        }
        var node = new CliConnection(args, dataFolder, password);
        if (args.flag("getinfo", false)) {
            return new Summaries(node).getInfo();
        }
        if (args.flag("netinfo", false)) {
            return new Summaries(node).netInfo();
        }
        if (args.flag("addrinfo", false)) {
            return new Summaries(node).addrInfo();
        }
        return args.flag("generate", false) ? generate(node, words) : command(args, node, words);
    }

    private static boolean isPassphrase(String word) {
        return word.length() >= PASSPHRASE_PREFIX
                && word.substring(0, PASSPHRASE_PREFIX).equals("walletpassphrase");
    }

    private static JsonNode command(Args args, CliConnection node, List<String> words) {
        if (words.isEmpty()) {
            throw new CliFault("too few parameters (need at least command)");
        }
        String method = words.getFirst();
        List<String> rest = words.subList(1, words.size());
        var conversions = new Conversions();
        JsonNode params =
                args.flag("named", false)
                        ? conversions.named(method, rest)
                        : conversions.positional(method, rest);
        return node.call(method, params);
    }

    private static JsonNode generate(CliConnection node, List<String> words) {
        if (words.size() > 2) {
            throw new CliFault("too many arguments (maximum 2 for nblocks and maxtries)");
        }
        JsonNode fresh = node.call("getnewaddress", Json.array());
        if (fresh.path("error").isObject()) {
            return fresh;
        }
        var all = new ArrayList<>(List.of(words.isEmpty() ? "1" : words.getFirst()));
        all.add(fresh.path("result").asString(""));
        if (words.size() == 2) {
            all.add(words.get(1));
        }
        JsonNode reply =
                node.call(
                        "generatetoaddress",
                        new Conversions().positional("generatetoaddress", all));
        if (reply.path("error").isObject()) {
            return reply;
        }
        ArrayNode blocks = (ArrayNode) reply.path("result");
        var result = Json.object();
        result.put("address", all.get(1)).set("blocks", blocks);
        var whole = Json.object();
        whole.set("result", result);
        return whole;
    }

    private static int print(JsonNode reply) {
        JsonNode error = reply.path("error");
        if (!error.isObject()) {
            JsonNode result = reply.path("result");
            if (!result.isNull() && !result.isMissingNode()) {
                System.out.println(
                        result.isString() ? result.stringValue() : Json.write(result, 2));
            }
            return 0;
        }
        int code = error.path("code").asInt(1);
        String text =
                "error code: " + code + "\nerror message:\n" + error.path("message").asString("");
        if (code == WALLET_NOT_SPECIFIED) {
            text += "\nTry adding \"-rpcwallet=<filename>\" option to weft-cli command line.";
        }
        System.err.println(text);
        // What the system keeps of a larger code are its lowest eight bits.
        return Math.abs(code);
    }
}
