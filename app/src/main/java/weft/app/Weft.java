package weft.app;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import weft.app.bench.BenchCommand;
import weft.app.compare.CompareCommand;
import weft.app.mine.MineCommand;
import weft.app.sims.SimCommand;
import weft.app.tools.ListenCommand;
import weft.app.tools.MsgCommand;
import weft.app.tools.ReplayCommand;
import weft.app.tools.SeedsCommand;
import weft.app.tools.SessionIdCommand;
import weft.app.tools.VerifyBlockCommand;
import weft.app.vectors.VectorsCommand;
import weft.app.village.LabCommand;
import weft.app.village.ScenarioCommand;
import weft.app.village.VillageCommand;

/// `weft`: one door to everything. `node` and `cli` hand their arguments on to `weftd` and `weft-cli`, which
/// take Bitcoin Core's single-dash options.
@Command(
        name = "weft",
        description = "A Bitcoin node for the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = Weft.Version.class,
        subcommands = {
            Weft.NodeCommand.class,
            Weft.CliCommand.class,
            VillageCommand.class,
            LabCommand.class,
            MineCommand.class,
            ScenarioCommand.class,
            SimCommand.class,
            ListenCommand.class,
            MsgCommand.class,
            ReplayCommand.class,
            SeedsCommand.class,
            SessionIdCommand.class,
            VectorsCommand.class,
            VerifyBlockCommand.class,
            CompareCommand.class,
            BenchCommand.class,
            AutoComplete.GenerateCompletion.class,
            CommandLine.HelpCommand.class
        })
public final class Weft {
    private static final String HAND_ON_HELP = "Options are Bitcoin Core's: see -help.";

    private Weft() {}

    /// Runs a sub-command and ends with its exit code: 0 fine, 1 failed or used wrongly.
    public static void main(String[] args) {
        // These two have argument rules of their own, so picocli must not see their options.
        if (args.length > 0 && args[0].equals("node")) {
            Weftd.main(rest(args));
            return;
        }
        if (args.length > 0 && args[0].equals("cli")) {
            WeftCli.main(rest(args));
            return;
        }
        System.exit(commandLine().execute(args.length == 0 ? new String[] {"--help"} : args));
    }

    private static String[] rest(String[] args) {
        return java.util.Arrays.copyOfRange(args, 1, args.length);
    }

    static CommandLine commandLine() {
        var commands = new CommandLine(new Weft());
        commands.getSubcommands()
                .forEach(
                        (name, command) -> {
                            if (name.equals("generate-completion")) {
                                command.getCommandSpec().usageMessage().hidden(true);
                            }
                        });
        commands.setParameterExceptionHandler(
                (fault, args) -> refuse(String.valueOf(fault.getMessage())));
        commands.setExecutionExceptionHandler(
                (fault, command, parsed) -> refuse(String.valueOf(fault.getMessage())));
        return commands;
    }

    private static int refuse(String why) {
        System.err.println("Error: " + why.lines().findFirst().orElse("wrong usage"));
        return 1;
    }

    /// Prints the version.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"weft " + BuildVersion.current()};
        }
    }

    /// Stands for `weftd` in help and completion.
    @Command(name = "node", description = "Run a node: weftd.", footer = HAND_ON_HELP)
    static final class NodeCommand implements Runnable {
        @Override
        public void run() {
            Weftd.main(new String[0]);
        }
    }

    /// Stands for `weft-cli` in help and completion.
    @Command(name = "cli", description = "Ask a node over RPC: weft-cli.", footer = HAND_ON_HELP)
    static final class CliCommand implements Runnable {
        @Override
        public void run() {
            WeftCli.main(new String[0]);
        }
    }
}
