package weft.app.mine;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.args.ArgsFault;
import weft.app.cli.CliFault;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.PowRules;
import weft.mining.CoinbasePlan;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.PrivateKey;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.descriptor.DescriptorFault;
import weft.wallet.sign.SigningProvider;

/// `weft mine`: proof of work with the processor, for any node that answers `getblocktemplate`.
@Command(
        name = "mine",
        description = {
            "Mine with the processor, for any node that answers getblocktemplate: ours or Bitcoin Core.",
            "Exit code 0 when --blocks are mined, 1 if the node cannot be reached or refuses."
        },
        mixinStandardHelpOptions = true)
public final class MineCommand implements Callable<Integer> {
    private static final long RATE_LINE_MILLIS = 5_000;
    private static final int THREADS_MAX = 1_024;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "main, test, testnet4, signet or regtest (default: ${DEFAULT-VALUE}).")
    private String network = "regtest";

    @Option(
            names = "--rpcconnect",
            paramLabel = "HOST[:PORT]",
            description = "Where the node answers RPC (default: ${DEFAULT-VALUE}).")
    private String connect = "127.0.0.1";

    @Option(names = "--rpcport", description = "Port of the node (default: the network's).")
    private int port;

    @Option(names = "--rpcuser", description = "User; without it the cookie is used.")
    private String user = "";

    @Option(names = "--rpcpassword", description = "Password.")
    private String password = "";

    @Option(
            names = "--rpccookiefile",
            paramLabel = "FILE",
            description = "File of the cookie (default: .cookie in the network's folder).")
    private @Nullable Path cookie;

    @Option(
            names = "--datadir",
            paramLabel = "FOLDER",
            description = "Data folder of the node, for its cookie and its settings.")
    private @Nullable Path dataFolder;

    @Option(names = "--address", description = "Who gets the reward.")
    private String address = "";

    @Option(names = "--descriptor", description = "Who gets the reward, as a descriptor.")
    private String descriptor = "";

    @Option(names = "--threads", description = "Threads that hash (default: one a processor).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--blocks", paramLabel = "N", description = "Stop after so many blocks.")
    private int blocks;

    @Option(
            names = "--coinbase-text",
            paramLabel = "TEXT",
            description = "At the end of each coinbase's script, up to 75 bytes.")
    private String text = "/weft/";

    @Option(
            names = "--signet-key",
            paramLabel = "WIF|HEX",
            description = "Signs the blocks of a signet whose challenge this key solves.")
    private String signetKey = "";

    private final PrintStream out;

    /// A command that prints to standard output.
    public MineCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            ChainParams params =
                    ChainParams.of(
                            Network.parse(network)
                                    .orElseThrow(() -> new ArgsFault("no network " + network)));
            MinerOptions options = options(params);
            NodePort.Way way =
                    new NodePort.Way(
                            network,
                            connect,
                            port,
                            new NodePort.Login(user, password),
                            Optional.ofNullable(cookie),
                            Optional.ofNullable(dataFolder));
            try (var miner = new Miner(NodePort.of(way), options, this::say)) {
                return mine(miner);
            }
        } catch (CliFault | IllegalArgumentException e) {
            return refuse(Miner.firstLine(e));
        } catch (ArgsFault e) {
            return refuse(String.valueOf(e.getMessage()));
        }
    }

    private static int refuse(String why) {
        System.err.println("Error: " + why);
        return 1;
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    private MinerOptions options(ChainParams params) {
        if (threads < 1 || threads > THREADS_MAX) {
            throw new ArgsFault("--threads must be 1 to " + THREADS_MAX);
        }
        if (blocks < 0) {
            throw new ArgsFault("--blocks is not negative");
        }
        Bytes words = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
        if (words.length() > CoinbasePlan.TEXT_BYTES_MAX) {
            throw new ArgsFault(
                    "--coinbase-text has more than " + CoinbasePlan.TEXT_BYTES_MAX + " bytes");
        }
        boolean isSignet = params.network() == Network.SIGNET;
        if (isSignet == signetKey.isEmpty()) {
            throw new ArgsFault(
                    isSignet
                            ? "blocks of signet are signed: --signet-key is needed"
                            : "--signet-key is only for --network=signet");
        }
        Optional<PrivateKey> key =
                isSignet
                        ? Optional.of(SignetSeal.key(signetKey, params.addressPrefixes()))
                        : Optional.empty();
        return new MinerOptions(payTo(params), words, threads, blocks, isSignet, key);
    }

    private Bytes payTo(ChainParams params) {
        if (address.isEmpty() == descriptor.isEmpty()) {
            throw new ArgsFault("say who gets the reward: --address or --descriptor");
        }
        if (!address.isEmpty()) {
            try {
                return Address.parse(address, params.addressPrefixes()).scriptPubKey();
            } catch (AddressFault e) {
                throw new ArgsFault("--address is no address of " + network);
            }
        }
        var keys = new SigningProvider();
        try {
            Descriptor parsed = Descriptor.parse(descriptor, params.addressPrefixes(), keys, false);
            if (parsed.isRange()) {
                throw new ArgsFault("--descriptor must stand for one script, not for a range");
            }
            List<Bytes> scripts =
                    parsed.expand(0, keys, new SigningProvider())
                            .orElseThrow(
                                    () ->
                                            new ArgsFault(
                                                    "--descriptor needs private keys it lacks"));
            return scripts.getFirst();
        } catch (DescriptorFault fault) {
            throw new ArgsFault("--descriptor: " + fault.text());
        }
    }

    private int mine(Miner miner) throws InterruptedException {
        miner.start();
        say(
                "mining block "
                        + miner.template().place().height()
                        + " of "
                        + network
                        + " with "
                        + threads
                        + (threads == 1 ? " thread" : " threads"));
        long begun = System.nanoTime();
        long before = 0;
        long beforeNanos = begun;
        while (!miner.awaitEnd(RATE_LINE_MILLIS)) {
            long now = System.nanoTime();
            long hashes = miner.hashes();
            say(rateLine(miner, (hashes - before) * 1e9 / (now - beforeNanos)));
            before = hashes;
            beforeNanos = now;
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (miner.failure().isPresent()) {
            return refuse(miner.failure().get());
        }
        say(
                String.format(
                        Locale.ROOT,
                        "%d blocks in %.1f s, %.2f MH/s",
                        miner.accepted(),
                        seconds,
                        miner.hashes() / seconds / 1e6));
        return 0;
    }

    /// How fast, and how long a block takes on average at that rate.
    private static String rateLine(Miner miner, double rate) {
        double work = PowRules.work(miner.template().place().bits()).doubleValue();
        return String.format(
                Locale.ROOT,
                "%.2f MH/s, block %d, %d accepted, %s a block on average",
                rate / 1e6,
                miner.template().place().height(),
                miner.accepted(),
                rate == 0 ? "-" : span(work / rate));
    }

    private static String span(double seconds) {
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        if (seconds < 172_800) {
            return String.format(Locale.ROOT, "%.1f h", seconds / 3_600);
        }
        double days = seconds / 86_400;
        return days < 730
                ? String.format(Locale.ROOT, "%.0f days", days)
                : String.format(Locale.ROOT, "%,.0f years", days / 365);
    }
}
