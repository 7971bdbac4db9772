package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.p2p.peers.BanEntry;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.testkit.Property;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Subnet;

class BanFileTest {
    @TempDir Path folder;

    private final List<String> lines = new ArrayList<>();

    private final Log log =
            new Log() {
                @Override
                public boolean isOn(LogCategory category, Level level) {
                    return true;
                }

                @Override
                public void write(LogCategory category, Level level, String message) {
                    lines.add(level + " " + message);
                }
            };

    private Path file() {
        return folder.resolve("banlist.json");
    }

    private static Subnet anyRange(SplittableRandom random) {
        if (random.nextBoolean()) {
            return Subnet.of(NetAddress.ofIp(Property.bytes(random, 4), 0), random.nextInt(33));
        }
        byte[] address = Property.bytes(random, 16);
        if (random.nextInt(4) == 0) {
            address[0] = (byte) 0xfc;
            return Subnet.of(new NetAddress(NetworkId.CJDNS, Bytes.wrap(address), 0));
        }
        address[0] = 0x2a;
        return Subnet.of(NetAddress.ofIp(address, 0), random.nextInt(129));
    }

    private static BanEntry anyBan(SplittableRandom random) {
        BanEntry.Reason[] reasons = BanEntry.Reason.values();
        long created = random.nextLong(1L << 33);
        boolean isEndless = random.nextInt(8) == 0;
        return new BanEntry(
                anyRange(random),
                created,
                isEndless ? BanEntry.WITHOUT_END : created + random.nextLong(1L << 33),
                reasons[random.nextInt(reasons.length)]);
    }

    @Test
    @DisplayName("S-103 S-104 bans are on disk with times and reasons, and the next start has them")
    void shouldKeepBans() {
        Property.holds(
                100,
                random -> {
                    var bans = new ArrayList<BanEntry>();
                    for (int i = random.nextInt(20); i > 0; i--) {
                        bans.add(anyBan(random));
                    }
                    new BanFile(folder).write(bans, log);
                    assertThat(new BanFile(folder).read(log)).isEqualTo(bans);
                    assertThat(lines).isEmpty();
                });
    }

    @Test
    void shouldReadBitcoinCoresFile() throws IOException {
        Files.writeString(
                file(),
                """
                {"banned_nets": [
                  {"version": 1, "ban_created": 10, "banned_until": 20, "address": "1.2.3.0/24"},
                  {"version": 1, "ban_created": 11, "banned_until": 21, "address": "2a01::/32"}
                ]}
                """);
        assertThat(new BanFile(folder).read(log))
                .containsExactly(
                        new BanEntry(Subnet.parse("1.2.3.0/24"), 10, 20),
                        new BanEntry(Subnet.parse("2a01::/32"), 11, 21));
        // An operator's ban is written as Bitcoin Core writes it, with nothing of ours.
        new BanFile(folder).write(new BanFile(folder).read(log), log);
        assertThat(file()).content().doesNotContain("weft_reason");
    }

    @Test
    void shouldBeginAnewWithoutAFile() {
        assertThat(new BanFile(folder).read(log)).isEmpty();
        assertThat(lines).containsExactly("INFO Recreating the banlist database");
        assertThat(file()).hasContent("{\"banned_nets\":[]}");
    }

    @Test
    @DisplayName(
            "a banlist.json that was cut or overwritten is as good as none, said and made anew")
    void shouldBeginAnewWhereTheFileIsDamaged() {
        Property.holds(
                100,
                random -> {
                    try {
                        new BanFile(folder).write(List.of(anyBan(random), anyBan(random)), log);
                        byte[] whole = Files.readAllBytes(file());
                        byte[] damaged =
                                random.nextBoolean()
                                        ? Arrays.copyOf(whole, random.nextInt(whole.length))
                                        : new String(whole, StandardCharsets.UTF_8)
                                                .replaceFirst("\"address\":\"", "$0x")
                                                .getBytes(StandardCharsets.UTF_8);
                        Files.write(file(), damaged);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    lines.clear();
                    assertThat(new BanFile(folder).read(log)).isEmpty();
                    if (lines.isEmpty()) {
                        // An empty file is a document without bans.
                        assertThat(file()).isEmptyFile();
                    } else {
                        assertThat(lines.getFirst()).startsWith("WARNING Recreating the banlist");
                        assertThat(file()).hasContent("{\"banned_nets\":[]}");
                    }
                });
    }

    @Test
    void shouldSayThatItCannotWrite() throws IOException {
        Files.createDirectory(folder.resolve("banlist.json.new"));
        new BanFile(folder).write(List.of(), log);
        assertThat(lines).singleElement().asString().startsWith("ERROR Cannot write ");
        assertThat(file()).doesNotExist();
    }
}
