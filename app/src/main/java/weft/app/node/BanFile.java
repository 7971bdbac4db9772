package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.p2p.peers.BanEntry;
import weft.primitives.log.Log;
import weft.wire.Subnet;

/// The operator's bans on disk: `banlist.json`, in Bitcoin Core's form.
final class BanFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int FORMAT = 1;

    /// Ours; Bitcoin Core reads over it.
    private static final String REASON = "weft_reason";

    private final Path file;

    /// @param folder of the network
    BanFile(Path folder) {
        this.file = folder.resolve("banlist.json");
    }

    /// Reads the bans. Where the file is missing or damaged there are none, which is logged, and the file is
    /// written anew.
    List<BanEntry> read(Log log) {
        if (!Files.exists(file)) {
            log.info("Recreating the banlist database");
            write(List.of(), log);
            return List.of();
        }
        var bans = new ArrayList<BanEntry>();
        try {
            for (JsonNode each : JSON.readTree(Files.readAllBytes(file)).path("banned_nets")) {
                bans.add(
                        new BanEntry(
                                range(each.path("address").asString()),
                                each.path("ban_created").asLong(),
                                each.path("banned_until").asLong(),
                                BanEntry.Reason.of(each.path(REASON).asString(""))));
            }
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            log.warning("Recreating the banlist database: " + e.getMessage());
            write(List.of(), log);
            return List.of();
        }
        return bans;
    }

    /// Ranges of IPv6 stand there with their bits, those of CJDNS are single addresses.
    private static Subnet range(String text) {
        Subnet range = Subnet.parse(text);
        return text.contains("/") ? range : Subnet.of(range.base().flipToCjdns());
    }

    /// Writes the bans, so that a crash leaves the old file or the new one.
    void write(List<BanEntry> bans, Log log) {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode nets = root.putArray("banned_nets");
        for (BanEntry ban : bans) {
            ObjectNode net =
                    nets.addObject()
                            .put("version", FORMAT)
                            .put("ban_created", ban.createdSeconds())
                            .put("banned_until", ban.untilSeconds())
                            .put("address", ban.subnet().toString());
            if (ban.reason() != BanEntry.Reason.OPERATOR) {
                net.put(REASON, ban.reason().label());
            }
        }
        Path fresh = file.resolveSibling("banlist.json.new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(root));
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.error("Cannot write " + file + ": " + e.getMessage());
        }
    }
}
