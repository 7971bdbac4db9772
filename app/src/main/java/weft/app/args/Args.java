package weft.app.args;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;
import weft.consensus.Network;

/// Options as Bitcoin Core takes them: from the command line, where the last one wins, then from the settings
/// file, then from the section of the network in the configuration file, then from the top of it, where the
/// first one wins.
///
/// `-x` means 1, `-nox` means 0 and forgets what a list had before, `--x` is `-x`.
public final class Args {
    private static final List<String> CONFIG_NAMES = List.of("bitcoin.conf", "weft.conf");

    /// Stands for "no" in the lists; told apart from "0" by identity of content that no user types.
    private static final String NEGATED = "\u0000no";

    /// Alone, this would not say which proxy.
    private static final String NO_ELISION = "proxy";

    private static final List<String> SECRET =
            List.of("rpcauth", "rpcpassword", "rpcuser", "torpassword");

    /// At the top of a configuration file these hold for the main network alone. *Rationale:* a file shared
    /// by networks must not make one use the other's port, or dial the other's peers.
    private static final List<String> NETWORK_ONLY =
            List.of("addnode", "bind", "connect", "port", "rpcbind", "rpcport");

    private final Map<String, List<String>> commandLine = new LinkedHashMap<>();
    private final Map<String, List<String>> settings = new LinkedHashMap<>();
    private final Map<String, List<String>> section = new LinkedHashMap<>();
    private final Map<String, List<String>> top = new LinkedHashMap<>();
    private final Map<String, String> implied = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> strange = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();
    private final List<String> words = new ArrayList<>();

    private Args() {}

    /// Reads a command line.
    ///
    /// @param known names that may be used
    /// @throws ArgsFault for any other
    public static Args parse(String[] arguments, Predicate<String> known) {
        var args = new Args();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith("-") || argument.equals("-")) {
                args.words.addAll(List.of(arguments).subList(i, arguments.length));
                break;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            name = name.startsWith("--") ? name.substring(2) : name.substring(1);
            String value = equals < 0 ? "" : argument.substring(equals + 1);
            if (equals < 0 && name.equals(NO_ELISION)) {
                throw new ArgsFault(
                        "Error parsing command line arguments: Can not set -proxy with no value."
                                + " Please specify value with -proxy=value.");
            }
            if (!args.put(args.commandLine, name, value, known)) {
                throw new ArgsFault(
                        "Error parsing command line arguments: Invalid parameter " + argument);
            }
        }
        args.refuseIncludes();
        return args;
    }

    private void refuseIncludes() {
        List<String> values = commandLine.getOrDefault("includeconf", List.of(NEGATED));
        if (!values.getFirst().equals(NEGATED)) {
            String shown = notes.isEmpty() ? shown("includeconf", values.getFirst()) : "true";
            throw new ArgsFault(
                    "Error parsing command line arguments: -includeconf cannot be used from"
                            + " commandline; -includeconf="
                            + shown);
        }
    }

    /// Reads a command line with the options of `weftd`.
    public static Args parse(String[] arguments) {
        return parse(arguments, OptionTable::isKnown);
    }

    private boolean put(
            Map<String, List<String>> into, String name, String value, Predicate<String> known) {
        if (known.test(name)) {
            into.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
            return true;
        }
        if (name.startsWith("no") && known.test(name.substring(2))) {
            List<String> values = into.computeIfAbsent(name.substring(2), any -> new ArrayList<>());
            values.clear();
            if (isTrue(value)) {
                values.add(NEGATED);
            } else {
                values.add("1");
                notes.add(
                        "Warning: parsed potentially confusing double-negative -"
                                + name.substring(2)
                                + "="
                                + value);
            }
            return true;
        }
        return false;
    }

    private static boolean isTrue(String value) {
        if (value.isEmpty()) {
            return true;
        }
        if (value.equals(NEGATED)) {
            return false;
        }
        return Numbers.leading(value) != 0;
    }

    /// The data folder: `-datadir`, or `$HOME/.weft`.
    ///
    /// @throws ArgsFault if the operator named a folder that is not there
    public Path dataFolder() {
        Optional<String> named = text("datadir");
        if (named.isEmpty()) {
            String home =
                    System.getenv().getOrDefault("HOME", System.getProperty("user.home", "."));
            return Path.of(home, ".weft");
        }
        Path folder = Path.of(named.get()).toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new ArgsFault("Specified data directory \"" + named.get() + "\" does not exist.");
        }
        return folder;
    }

    /// Reads the configuration file of a data folder, and those that it includes.
    ///
    /// @return the data folder to use: the same, unless the file names another
    /// @throws ArgsFault if a file is wrong, or one that was named is missing, or the folder
    public Path readConfig(Path dataFolder, Predicate<String> known) {
        readFiles(dataFolder, known);
        Optional<String> named = text("datadir");
        boolean isFromFile = named.isPresent() && !commandLine.containsKey("datadir");
        Path folder = isFromFile ? Path.of(named.get()).toAbsolutePath().normalize() : dataFolder;
        if (isFromFile && !Files.isDirectory(folder)) {
            throw new ArgsFault(
                    "Error reading configuration file: specified data directory \""
                            + named.get()
                            + "\" does not exist.");
        }
        return folder;
    }

    /// Refuses a configuration file in the data folder that was not read, because another was.
    ///
    /// @param first the folder whose file was read
    /// @param folder what that led to, see [#readConfig]
    /// @throws ArgsFault if there is one, and nothing says that it does not matter
    public void refuseUnread(Path first, Path folder) {
        Optional<String> unread = unread(first, folder);
        if (unread.isPresent() && !flag("allowignoredconf", false)) {
            throw new ArgsFault(unread.get());
        }
        unread.ifPresent(what -> notes.add("Warning: " + what));
    }

    /// What to tell of a configuration file in the data folder that is not the one that was read.
    private Optional<String> unread(Path first, Path folder) {
        Optional<String> named = text("conf");
        for (String name : CONFIG_NAMES) {
            Path there = folder.resolve(name);
            Path read = first.resolve(named.orElse(name));
            if (Files.isRegularFile(there) && !isSame(there, read)) {
                String source =
                        named.map(text -> "command line argument \"-conf=" + text + "\"")
                                .orElse("data directory \"" + first + "\"");
                return Optional.of(
                        String.format(
                                Locale.ROOT,
                                "Data directory \"%s\" contains a \"%s\" file which is ignored,"
                                        + " because a different configuration file \"%s\" from %s is"
                                        + " being used instead. Rename one of them, or include it with"
                                        + " includeconf=, or set allowignoredconf=1.",
                                folder,
                                name,
                                read,
                                source));
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    private void readFiles(Path dataFolder, Predicate<String> known) {
        Optional<String> named = text("conf");
        if (named.isPresent()) {
            Path file = dataFolder.resolve(named.get());
            if (!Files.isRegularFile(file)) {
                throw new ArgsFault(
                        "Error reading configuration file: specified config file \""
                                + named.get()
                                + "\" could not be opened.");
            }
            read(file, dataFolder, known);
            return;
        }
        for (String name : CONFIG_NAMES) {
            Path file = dataFolder.resolve(name);
            if (Files.isRegularFile(file)) {
                read(file, dataFolder, known);
            }
        }
    }

    private void read(Path file, Path dataFolder, Predicate<String> known) {
        List<ConfigFile.Line> own = lines(file);
        putTop(own, known);
        String chain = network().chainName();
        var lines = new ArrayList<>(own);
        for (ConfigFile.Line line : own) {
            if (includes(line, chain) && !isNegated("includeconf")) {
                Path included = dataFolder.resolve(line.value());
                if (!Files.isRegularFile(included)) {
                    throw new ArgsFault(
                            "Error reading configuration file: Failed to include configuration file"
                                    + " "
                                    + line.value());
                }
                List<ConfigFile.Line> more = lines(included);
                more.stream()
                        .filter(each -> includes(each, chain))
                        .forEach(
                                each ->
                                        warnings.add(
                                                "warning: -includeconf cannot be used from included"
                                                        + " files; ignoring -includeconf="
                                                        + each.value()));
                putTop(more, known);
                lines.addAll(more);
            }
        }
        for (ConfigFile.Line line : lines) {
            if (line.section().equals(chain) && !put(section, line.name(), line.value(), known)) {
                ignored.add(line.section() + "." + line.name());
            }
        }
    }

    private List<ConfigFile.Line> lines(Path file) {
        ConfigFile.Content content = ConfigFile.read(file);
        content.strangeSections()
                .forEach(
                        (name, line) ->
                                strange.add(
                                        file
                                                + ":"
                                                + line
                                                + " Section ["
                                                + name
                                                + "] is not recognized."));
        if (content.lines().stream().anyMatch(each -> each.name().matches("(no)?reindex"))) {
            notes.add(
                    "Warning: reindex=1 is set in the configuration file, which will significantly"
                            + " slow down startup. Consider removing or commenting out this option"
                            + " for better performance, unless there is currently a condition which"
                            + " makes rebuilding the indexes necessary");
        }
        return content.lines();
    }

    private static boolean includes(ConfigFile.Line line, String chain) {
        return line.name().equals("includeconf")
                && (line.section().isEmpty() || line.section().equals(chain));
    }

    private void putTop(List<ConfigFile.Line> lines, Predicate<String> known) {
        for (ConfigFile.Line line : lines) {
            if (line.section().isEmpty() && !put(top, line.name(), line.value(), known)) {
                ignored.add(line.name());
            }
        }
    }

    /// Lines for standard error on what was read.
    public List<String> warnings() {
        var all = new ArrayList<>(warnings);
        if (!strange.isEmpty()) {
            all.add("Warning: " + String.join("\n", strange));
        }
        return all;
    }

    /// Takes what the settings file says.
    ///
    /// @param known names that mean something
    /// @return the names that do not, in the order of the alphabet
    public List<String> useSettings(SettingsFile file, Predicate<String> known) {
        var unknown = new ArrayList<String>();
        file.values()
                .forEach(
                        (name, value) -> {
                            if (!known.test(name)) {
                                unknown.add(name);
                            } else if (!value.isNull()) {
                                settings.put(name, texts(value));
                            }
                        });
        return unknown;
    }

    private static List<String> texts(JsonNode value) {
        var texts = new ArrayList<String>();
        if (value.isArray()) {
            value.forEach(each -> texts.addAll(texts(each)));
        } else if (value.isBoolean()) {
            texts.add(value.booleanValue() ? "1" : NEGATED);
        } else {
            texts.add(value.asString());
        }
        return texts;
    }

    /// Lines for the log on what was given, secrets left out, and on what may not mean what was meant.
    public List<String> describe() {
        var lines = new ArrayList<>(notes);
        describe(lines, "Config file arg: ", top);
        describe(lines, "Config file arg: [" + network().chainName() + "] ", section);
        describe(lines, "Command-line arg: ", commandLine);
        return lines;
    }

    private static void describe(
            List<String> lines, String prefix, Map<String, List<String>> source) {
        source.forEach(
                (name, values) ->
                        values.forEach(
                                value -> lines.add(prefix + name + "=" + shown(name, value))));
    }

    private static String shown(String name, String value) {
        if (SECRET.contains(name)) {
            return "****";
        }
        return value.equals(NEGATED) ? "false" : StringNode.valueOf(value).toString();
    }

    /// Options that were asked for and do nothing, in the order of the alphabet.
    public List<String> withoutEffect() {
        var names = new TreeSet<String>();
        for (Map<String, List<String>> source : List.of(commandLine, settings, section, top)) {
            names.addAll(source.keySet());
        }
        return names.stream()
                .filter(name -> OptionTable.isWithoutEffect(name) && flagOrText(name))
                .toList();
    }

    private boolean flagOrText(String name) {
        return value(name).filter(text -> !text.equals(NEGATED) && !text.equals("0")).isPresent();
    }

    /// Names in configuration files that mean nothing to us.
    public List<String> ignoredConfig() {
        return List.copyOf(ignored);
    }

    /// What follows the options.
    public List<String> words() {
        return List.copyOf(words);
    }

    /// The network that was chosen; the main one if none was.
    ///
    /// @throws ArgsFault if more than one was
    public Network network() {
        var chosen = new ArrayList<Network>();
        addIf(chosen, "regtest", Network.REGTEST);
        addIf(chosen, "signet", Network.SIGNET);
        addIf(chosen, "testnet", Network.TESTNET3);
        addIf(chosen, "testnet4", Network.TESTNET4);
        Optional<String> named = text("chain");
        if (chosen.size() + (named.isPresent() ? 1 : 0) > 1) {
            throw new ArgsFault(
                    "Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can"
                            + " use at most one.");
        }
        if (named.isPresent()) {
            return Network.parse(named.get())
                    .orElseThrow(() -> new ArgsFault("Unknown chain " + named.get() + "."));
        }
        return chosen.isEmpty() ? Network.MAIN : chosen.getFirst();
    }

    private void addIf(List<Network> chosen, String name, Network network) {
        if (flag(name, false)) {
            chosen.add(network);
        }
    }

    private Optional<String> value(String name) {
        List<String> values = commandLine.get(name);
        if (values == null) {
            values = settings.get(name);
        }
        if (values != null) {
            return Optional.of(values.getLast());
        }
        values = section.get(name);
        if (values == null && holdsAtTheTop(name)) {
            values = top.get(name);
        }
        return Optional.ofNullable(values)
                .map(List::getFirst)
                .or(() -> Optional.ofNullable(implied.get(name)));
    }

    private boolean holdsAtTheTop(String name) {
        return !NETWORK_ONLY.contains(name) || network() == Network.MAIN;
    }

    /// Names at the top of a configuration file that hold for the main network only, where another was chosen
    /// and nothing else says what its own value is.
    public List<String> unsuitable() {
        return NETWORK_ONLY.stream()
                .filter(top::containsKey)
                .filter(name -> !holdsAtTheTop(name))
                .filter(name -> !commandLine.containsKey(name) && !section.containsKey(name))
                .toList();
    }

    /// Gives an option a value that another option stands for; whatever the user says of it goes first.
    public void imply(String name, String value) {
        implied.put(name, value);
    }

    /// Whether an option was given in any way, a "no" included.
    public boolean isSet(String name) {
        return value(name).isPresent();
    }

    /// Whether an option was switched off with `-no`.
    public boolean isNegated(String name) {
        return value(name).filter(NEGATED::equals).isPresent();
    }

    /// A switch.
    public boolean flag(String name, boolean otherwise) {
        return value(name).map(Args::isTrue).orElse(otherwise);
    }

    /// A number: as far as the text is one, like C's `atoi`; 0 where it is none, and where it is empty.
    public long number(String name, long otherwise) {
        Optional<String> value = value(name);
        if (value.isEmpty()) {
            return otherwise;
        }
        return value.get().equals(NEGATED) ? 0 : Numbers.leading(value.get());
    }

    /// A number of bytes, of 1,024² where no unit stands behind it (see [Numbers#bytes]).
    ///
    /// @throws ArgsFault if it is none
    public long bytes(String name, long otherwise) {
        Optional<String> value = value(name);
        if (value.isEmpty() || value.get().equals(NEGATED)) {
            return value.isEmpty() ? otherwise : 0;
        }
        return Numbers.bytes(value.get())
                .orElseThrow(
                        () ->
                                new ArgsFault(
                                        "Unable to parse -" + name + ": '" + value.get() + "'"));
    }

    /// A text; none after `-no`.
    public Optional<String> text(String name) {
        return value(name).filter(text -> !text.equals(NEGATED) && !text.isEmpty());
    }

    /// All values of an option that may be given more than once, those of the command line first.
    public List<String> list(String name) {
        var all = new ArrayList<String>();
        Map<String, List<String>> last = holdsAtTheTop(name) ? top : Map.of();
        for (Map<String, List<String>> source : List.of(commandLine, settings, section, last)) {
            List<String> values = source.getOrDefault(name, List.of());
            values.stream().filter(value -> !value.equals(NEGATED)).forEach(all::add);
            // A "no" also forgets what sources below say.
            if (values.contains(NEGATED)) {
                break;
            }
        }
        return all;
    }
}
