package weft.app.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// The options of `weft-cli`, with their help.
public final class CliOptions {
    private static final Map<String, String> OPTIONS = build();

    private CliOptions() {}

    private static Map<String, String> build() {
        var options = new LinkedHashMap<String, String>();
        options.put("help", "Print this help message and exit (also -h or -?)");
        options.put("h", "");
        options.put("?", "");
        options.put("version", "Print version and exit");
        options.put("conf", "Configuration file; relative paths are relative to the data folder");
        options.put("datadir", "Data folder (default: ~/.weft)");
        options.put("addrinfo", "Count the addresses that the node knows, by network");
        options.put("getinfo", "Show how the node stands");
        options.put("netinfo", "Show how the node is connected");
        options.put("generate", "Mine to a new address: -generate [blocks [tries]]");
        options.put("color", "always, auto or never (default: auto)");
        options.put("named", "Arguments are name=value");
        options.put("rpcclienttimeout", "Seconds to wait for an answer; 0 for ever (default: 900)");
        options.put("rpcconnect", "Host of the node (default: 127.0.0.1)");
        options.put(
                "rpccookiefile", "File of the cookie (default: .cookie in the network's folder)");
        options.put("rpcpassword", "Password");
        options.put("rpcport", "Port of the node");
        options.put("rpcuser", "User");
        options.put("rpcwait", "Wait until the node answers");
        options.put("rpcwaittimeout", "Seconds to wait for that; 0 for ever (default: 0)");
        options.put("rpcwallet", "Name of the wallet");
        options.put("stdin", "Read more arguments from standard input, one a line");
        options.put("stdinrpcpass", "Read the password from standard input");
        options.put("stdinwalletpassphrase", "Read the wallet's passphrase from standard input");
        options.put("chain", "Network: main, test, testnet4, signet or regtest");
        options.put("regtest", "The private network of tests");
        options.put("signet", "The network whose blocks are signed");
        options.put("signetchallenge", "");
        options.put("signetseednode", "");
        options.put("testnet", "The old public test network");
        options.put("testnet4", "The new public test network");
        return options;
    }

    /// Whether there is such an option.
    public static boolean isKnown(String name) {
        return OPTIONS.containsKey(name);
    }

    /// All options, for `-help`.
    public static String help() {
        var text = new StringBuilder("Options:\n");
        OPTIONS.forEach(
                (name, what) -> {
                    if (!what.isEmpty()) {
                        text.append("\n  -")
                                .append(name)
                                .append("\n       ")
                                .append(what)
                                .append('\n');
                    }
                });
        return text.toString();
    }
}
