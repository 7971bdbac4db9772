package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `weftd -role=spv`: a process that follows headers alone, beside full nodes.
class LightRoleTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int BLOCKS = 10_000;
    private static final int BLOCKS_AT_A_TIME = 500;
    private static final long DISK_MAX = 5_000_000;

    private static String log(RunningNode node) throws IOException {
        return Files.readString(node.networkFolder().resolve("debug.log"));
    }

    private static Path headers(RunningNode node) {
        return node.networkFolder().resolve("headers.dat");
    }

    private static String tip(RunningNode node) {
        return node.call("getbestblockhash").asString();
    }

    private static long bytes(Path folder) throws IOException {
        long sum = 0;
        try (var all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                sum += Files.size(each);
            }
        }
        return sum;
    }

    private static List<String> names(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static RunningNode light(Path folder, String... options) throws Exception {
        var all = new ArrayList<>(List.of("-role=spv"));
        all.addAll(List.of(options));
        return RunningNode.start(folder, all.toArray(String[]::new));
    }

    @Test
    @Timeout(600)
    @DisplayName("S-10 -role=spv follows 10,000 blocks in less than 5 MB, without block files")
    void shouldFollowTenThousandBlocksOnLittleDisk(@TempDir Path folder) throws Exception {
        Path home = folder.resolve("light");
        try (RunningNode full = RunningNode.start(folder.resolve("full"));
                RunningNode light = light(home, "-connect=127.0.0.1:" + full.port)) {
            for (int mined = 0; mined < BLOCKS; mined += BLOCKS_AT_A_TIME) {
                full.call("generatetoaddress", BLOCKS_AT_A_TIME, ADDRESS);
            }
            RunningNode.await(SOON, () -> light.height() == BLOCKS);
            String tip = tip(full);
            assertThat(tip(light)).isEqualTo(tip);
            assertThat(full.stop()).isZero();
            assertThat(light.stop()).isZero();
            assertThat(bytes(home)).isLessThan(DISK_MAX);
            assertThat(names(home)).contains("headers.dat").doesNotContain("blocks", "chainstate");
            assertThat(names(home)).noneMatch(name -> name.startsWith("blk"));

            // Nobody is there to ask.
            light.startAgain();
            assertThat(light.height()).isEqualTo(BLOCKS);
            assertThat(tip(light)).isEqualTo(tip);
            light.kill();
            light.startAgain();
            assertThat(light.height()).isEqualTo(BLOCKS);
            assertThat(light.call("getblockhash", BLOCKS).asString()).isEqualTo(tip);
            assertThat(light.call("getblockchaininfo").path("size_on_disk").asLong())
                    .isEqualTo(Files.size(headers(light)))
                    .isBetween(BLOCKS * 80L, BLOCKS * 88L + 16);
        }
    }

    @Test
    @Timeout(180)
    @DisplayName("S-11 -role=spv -connect=a,b,c: three full nodes by address, and no discovery")
    void shouldStartFromFixedAddresses(@TempDir Path folder) throws Exception {
        try (RunningNode a = RunningNode.start(folder.resolve("a"));
                RunningNode b = RunningNode.start(folder.resolve("b"));
                RunningNode c = RunningNode.start(folder.resolve("c"))) {
            String all = "127.0.0.1:" + a.port + ",127.0.0.1:" + b.port + ",127.0.0.1:" + c.port;
            // Discovery would be on, were it not for -connect.
            try (RunningNode light =
                    light(folder.resolve("light"), "-connect=" + all, "-fixedseeds=1")) {
                RunningNode.await(SOON, () -> light.call("getconnectioncount").asInt() == 3);
                assertThat(light.call("getaddrmaninfo").path("all_networks").path("total").asInt())
                        .isZero();
                assertThat(light.call("getnodeaddresses", 0)).isEmpty();
                for (JsonNode each : light.call("getpeerinfo")) {
                    assertThat(each.path("connection_type").asString()).isEqualTo("manual");
                }
                assertThat(log(light))
                        .contains("DNS seeding disabled")
                        .doesNotContain("Loading addresses from DNS seed", "fixed seeds");
                // None of them knows another; whichever is ahead is followed.
                for (RunningNode each : List.of(a, b, c)) {
                    each.call("generatetoaddress", light.height() + 1, ADDRESS);
                    RunningNode.await(SOON, () -> tip(light).equals(tip(each)));
                }
                assertThat(a.stop()).isZero();
                RunningNode.await(SOON, () -> light.call("getconnectioncount").asInt() == 2);
                c.call("generatetoaddress", 1, ADDRESS);
                RunningNode.await(SOON, () -> tip(light).equals(tip(c)));
            }
        }
    }

    @Test
    @Timeout(120)
    void shouldCutATornTailAndRefuseAFileOfAnotherKind(@TempDir Path folder) throws Exception {
        Path home = folder.resolve("light");
        try (RunningNode full = RunningNode.start(folder.resolve("full"));
                RunningNode light = light(home, "-connect=127.0.0.1:" + full.port)) {
            full.call("generatetoaddress", 15, ADDRESS);
            RunningNode.await(SOON, () -> size(headers(light)) > 16);
            full.call("generatetoaddress", 5, ADDRESS);
            RunningNode.await(SOON, () -> light.height() == 20);
            assertThat(light.stop()).isZero();
            byte[] whole = Files.readAllBytes(headers(light));
            Files.write(headers(light), new byte[] {9, 0, 0, 0, 1}, StandardOpenOption.APPEND);
            light.startAgain();
            assertThat(light.height()).isEqualTo(20);
            assertThat(log(light)).contains("Cut 5 bytes off headers.dat");
            assertThat(light.stop()).isZero();
            assertThat(headers(light)).hasBinaryContent(whole);

            // In a file that is shorter than a record may be, all of it may be a torn tail.
            whole[16 + 50] ^= 1;
            Files.write(headers(light), whole);
            light.startAgain();
            RunningNode.await(SOON, () -> light.height() == 20);
            assertThat(log(light))
                    .contains("Cut " + (whole.length - 16) + " bytes off headers.dat");
            assertThat(light.stop()).isZero();
            Files.writeString(headers(light), "a letter to a friend, not headers");
            refused(folder, home, "headers.dat is no file of headers");
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    private static void refused(Path scratch, Path home, String part) throws Exception {
        try (WeftProcess node =
                WeftProcess.weftd(
                        scratch,
                        "-regtest",
                        "-role=spv",
                        "-datadir=" + home,
                        "-listen=0",
                        "-server=0",
                        "-connect=0",
                        "-printtoconsole=0")) {
            WeftProcess.Ended ended = node.await(Duration.ofSeconds(30));
            assertThat(ended.err().lines()).as("one line").hasSize(1);
            assertThat(ended.err()).startsWith("Error: ").contains(part);
            assertThat(ended.exitCode()).isEqualTo(1);
        }
    }

    @Test
    @Timeout(120)
    void shouldLeaveTheFilesOfAFullNodeAndBeLeftByIt(@TempDir Path folder) throws Exception {
        Path home = folder.resolve("home");
        try (RunningNode full = RunningNode.start(home)) {
            full.call("generatetoaddress", 5, ADDRESS);
            assertThat(full.stop()).isZero();
        }
        long before = bytes(home.resolve("regtest").resolve("chainstate"));
        try (RunningNode light = light(home, "-connect=0")) {
            assertThat(light.height()).isZero();
            refused(folder, home, "Cannot obtain a lock on data directory");
            assertThat(light.stop()).isZero();
        }
        assertThat(bytes(home.resolve("regtest").resolve("chainstate"))).isEqualTo(before);
        try (RunningNode full = RunningNode.start(home)) {
            assertThat(full.height()).isEqualTo(5);
            assertThat(headers(full)).exists();
        }
    }
}
