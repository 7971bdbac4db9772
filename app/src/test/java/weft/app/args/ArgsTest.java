package weft.app.args;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.consensus.Network;

class ArgsTest {
    private static Args args(String... words) {
        return Args.parse(words);
    }

    @Test
    void shouldTakeTheLastOfTheCommandLine() {
        assertThat(args("-port=1", "-port=2").number("port", 0)).isEqualTo(2);
    }

    @Test
    void shouldNegate() {
        assertThat(args("-nolisten").flag("listen", true)).isFalse();
        assertThat(args("-nolisten=0").flag("listen", false)).isTrue();
        assertThat(args("-listen").flag("listen", false)).isTrue();
        assertThat(args("-listen=0").flag("listen", true)).isFalse();
        assertThat(args("--listen=0").flag("listen", true)).isFalse();
        assertThat(args("-addnode=a", "-noaddnode", "-addnode=b").list("addnode"))
                .containsExactly("b");
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() {
        assertThatThrownBy(() -> args("-nosuchthing=1"))
                .isInstanceOf(ArgsFault.class)
                .hasMessage(
                        "Error parsing command line arguments: Invalid parameter -nosuchthing=1");
    }

    @Test
    void shouldPreferTheCommandLineThenTheSectionThenTheTop(@TempDir Path folder)
            throws IOException {
        Files.writeString(
                folder.resolve("bitcoin.conf"),
                """
                # a comment
                regtest=1
                port=1
                port=2
                maxconnections=3
                rpcport=3
                unheardof=1
                [regtest]
                port=4
                port=5
                [main]
                port=6
                """);
        Args args = args("-datadir=" + folder);
        args.readConfig(args.dataFolder(), OptionTable::isKnown);
        assertThat(args.network()).isEqualTo(Network.REGTEST);
        assertThat(args.number("port", 0)).isEqualTo(4);
        assertThat(args.number("maxconnections", 0)).isEqualTo(3);
        assertThat(args.number("rpcport", 18_443)).as("main's own").isEqualTo(18_443);
        assertThat(args.unsuitable()).containsExactly("rpcport");
        assertThat(args.ignoredConfig()).containsExactly("unheardof");
        Args louder = args("-datadir=" + folder, "-port=7");
        louder.readConfig(louder.dataFolder(), OptionTable::isKnown);
        assertThat(louder.number("port", 0)).isEqualTo(7);
    }

    @Test
    void shouldGiveTheTopOfAFileToTheMainNetwork(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("bitcoin.conf"), "port=1\nconnect=here\n");
        Args main = args("-datadir=" + folder);
        main.readConfig(folder, OptionTable::isKnown);
        assertThat(main.unsuitable()).isEmpty();
        assertThat(main.number("port", 0)).isEqualTo(1);
        assertThat(main.list("connect")).containsExactly("here");
        Args other = args("-datadir=" + folder, "-signet", "-port=2");
        other.readConfig(folder, OptionTable::isKnown);
        assertThat(other.unsuitable()).containsExactly("connect");
        assertThat(other.list("connect")).isEmpty();
    }

    @Test
    void shouldGoWhereTheFileSaysTheDataAre(@TempDir Path folder) throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(folder.resolve("bitcoin.conf"), "regtest=1\ndatadir=" + other + "\n");
        Args args = args("-datadir=" + folder);
        assertThat(args.readConfig(folder, OptionTable::isKnown)).isEqualTo(folder);
        Args plain = args();
        assertThat(plain.readConfig(folder, OptionTable::isKnown)).isEqualTo(other);
        plain.refuseUnread(folder, other);

        Files.writeString(other.resolve("bitcoin.conf"), "port=1\n");
        assertThatThrownBy(() -> plain.refuseUnread(folder, other))
                .hasMessageStartingWith(
                        "Data directory \""
                                + other
                                + "\" contains a \"bitcoin.conf\" file which is"
                                + " ignored, because a different configuration file \"")
                .hasMessageContaining(" from data directory \"" + folder + "\" is being used");
        Args named = args("-datadir=" + other, "-conf=" + folder.resolve("bitcoin.conf"));
        named.readConfig(other, OptionTable::isKnown);
        assertThatThrownBy(() -> named.refuseUnread(other, other))
                .hasMessageContaining("from command line argument \"-conf=");
        Args allowed = args("-allowignoredconf");
        allowed.readConfig(folder, OptionTable::isKnown);
        allowed.refuseUnread(folder, other);
        assertThat(allowed.describe()).anyMatch(each -> each.startsWith("Warning: Data directory"));

        Files.writeString(folder.resolve("bitcoin.conf"), "datadir=" + folder + "/none\n");
        assertThatThrownBy(() -> args().readConfig(folder, OptionTable::isKnown))
                .hasMessageStartingWith(
                        "Error reading configuration file: specified data directory");
    }

    @Test
    void shouldRefuseASharpInAPasswordAndNowhereElse(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("bitcoin.conf");
        Args args = args("-datadir=" + folder);
        Files.writeString(file, "#rpcpassword=x\nport=1 # rpcpassword\n # rpcpassword\n");
        args.readConfig(folder, OptionTable::isKnown);
        assertThat(args.number("port", 0)).isEqualTo(1);
        for (String bad : List.of("rpcpassword=a#b", "main.rpcpassword=a#b")) {
            Files.writeString(file, "port=1\n" + bad + "\n");
            assertThatThrownBy(() -> args.readConfig(folder, OptionTable::isKnown))
                    .hasMessageContaining("line 2, using # in rpcpassword");
        }
    }

    @Test
    void shouldWarnOfSectionsOfNoNetworkAndOfALastingReindex(@TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("bitcoin.conf");
        Files.writeString(file, "testnot.port=1\n[regtest]\nreindex=1\n[testnet]\n[testnet]\n");
        Args args = args("-datadir=" + folder);
        args.readConfig(folder, OptionTable::isKnown);
        assertThat(args.warnings())
                .containsExactly(
                        "Warning: "
                                + file
                                + ":1 Section [testnot] is not recognized.\n"
                                + file
                                + ":4 Section [testnet] is not recognized.");
        assertThat(args.describe()).anyMatch(each -> each.startsWith("Warning: reindex=1 is set"));
    }

    @Test
    void shouldSayWhichLineOfAFileIsWrong(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("bitcoin.conf"), "regtest=1\nnolisten\n");
        Args args = args("-datadir=" + folder);
        assertThatThrownBy(() -> args.readConfig(folder, OptionTable::isKnown))
                .hasMessage(
                        "Error reading configuration file: parse error on line 2: nolisten,"
                                + " if you intended to"
                                + " specify a negated option, use nolisten=1 instead");
    }

    @Test
    void shouldRefuseTwoNetworks() {
        assertThatThrownBy(() -> args("-regtest", "-signet").network())
                .isInstanceOf(ArgsFault.class);
        assertThatThrownBy(() -> args("-chain=nowhere").network())
                .hasMessage("Unknown chain nowhere.");
    }

    @Test
    void shouldNameAFolderThatIsNotThere() {
        assertThatThrownBy(() -> args("-datadir=/no/such/folder").dataFolder())
                .hasMessage("Specified data directory \"/no/such/folder\" does not exist.");
    }

    @Test
    void shouldReadNumbersAsFarAsTheyAreNumbers() {
        assertThat(args("-port=12abc").number("port", 7)).isEqualTo(12);
        assertThat(args("-port=abc").number("port", 7)).isZero();
        assertThat(args("-port").number("port", 7)).isZero();
        assertThat(args("-port= +5").number("port", 7)).isEqualTo(5);
        assertThat(args("-port=+-5").number("port", 7)).isZero();
        assertThat(args("-port=-5").number("port", 7)).isEqualTo(-5);
        assertThat(args("-port=99999999999999999999").number("port", 7)).isEqualTo(Long.MAX_VALUE);
        assertThat(args("-port=-99999999999999999999").number("port", 7)).isEqualTo(Long.MIN_VALUE);
        assertThat(args().number("port", 7)).isEqualTo(7);
        assertThat(args("-listen=x").flag("listen", true)).isFalse();
        assertThat(args("-listen=").flag("listen", false)).isTrue();
    }

    @Test
    void shouldWarnOfDoubleNegation() {
        assertThat(args("-noconnect=0").describe())
                .contains("Warning: parsed potentially confusing double-negative -connect=0");
        assertThat(args("-noconnect=1").describe())
                .containsExactly("Command-line arg: connect=false");
    }

    @Test
    void shouldTellWhatItWasGivenButNoSecrets() {
        assertThat(
                        args(
                                        "-rpcuser=alice",
                                        "-rpcpassword=",
                                        "-rpcauth=a:b$c",
                                        "-torpassword=x",
                                        "-addnode=\"here\"")
                                .describe())
                .containsExactly(
                        "Command-line arg: rpcuser=****",
                        "Command-line arg: rpcpassword=****",
                        "Command-line arg: rpcauth=****",
                        "Command-line arg: torpassword=****",
                        "Command-line arg: addnode=\"\\\"here\\\"\"");
    }

    @Test
    void shouldNameWhatHasNoEffect() {
        assertThat(
                        args(
                                        "-swapbdbenddian=x",
                                        "-printpriority=y",
                                        "-upnp=0",
                                        "-nozmqpubrawtx",
                                        "-disablewallet",
                                        "-port=1")
                                .withoutEffect())
                .containsExactly("printpriority", "swapbdbenddian");
        assertThat(OptionTable.isWithoutEffect("listen")).isFalse();
    }

    @Test
    void shouldTakeSettingsBetweenTheCommandLineAndTheFile(@TempDir Path folder)
            throws IOException {
        Files.writeString(
                folder.resolve("bitcoin.conf"), "regtest=1\nport=1\nrpcport=2\nbantime=3\n");
        Path file = folder.resolve("settings.json");
        Files.writeString(
                file,
                "{\"port\": 5, \"rpcport\": \"6\", \"listen\": false, \"addnode\": [\"a\", \"b\"],"
                        + " \"dns\": null, \"strange\": 1}");
        Args args = args("-datadir=" + folder, "-port=9");
        args.readConfig(folder, OptionTable::isKnown);
        assertThat(args.useSettings(SettingsFile.read(file), OptionTable::isKnown))
                .containsExactly("strange");
        assertThat(args.number("port", 0)).isEqualTo(9);
        assertThat(args.number("rpcport", 0)).isEqualTo(6);
        assertThat(args.number("bantime", 0)).isEqualTo(3);
        assertThat(args.isNegated("listen")).isTrue();
        assertThat(args.isSet("dns")).isFalse();
        assertThat(args.list("addnode")).containsExactly("a", "b");
    }

    @Test
    void shouldIncludeFilesOnce(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("bitcoin.conf"),
                "regtest=1\n[regtest]\nuacomment=main\nincludeconf=a.conf\n[main]\nincludeconf=none\n");
        Files.writeString(folder.resolve("a.conf"), "uacomment=a\nincludeconf=b.conf\n");
        Args args = args("-datadir=" + folder);
        args.readConfig(folder, OptionTable::isKnown);
        assertThat(args.list("uacomment")).containsExactly("main", "a");
        assertThat(args.warnings())
                .containsExactly(
                        "warning: -includeconf cannot be used from included files;"
                                + " ignoring -includeconf=b.conf");
        Args without = args("-datadir=" + folder, "-noincludeconf");
        without.readConfig(folder, OptionTable::isKnown);
        assertThat(without.list("uacomment")).containsExactly("main");
        assertThatThrownBy(() -> args("-includeconf=a.conf"))
                .hasMessage(
                        "Error parsing command line arguments: -includeconf cannot be used from"
                                + " commandline; -includeconf=\"a.conf\"");
        assertThatThrownBy(() -> args("-noincludeconf=0"))
                .hasMessageEndingWith("-includeconf=true");
    }

    @Test
    void shouldNotNameTheFileInTheFile(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("bitcoin.conf"), "[main]\nconf=other.conf\n");
        Args args = args("-datadir=" + folder);
        assertThatThrownBy(() -> args.readConfig(args.dataFolder(), OptionTable::isKnown))
                .hasMessageContaining("conf cannot be set in the configuration file");
    }
}
