package weft.wire.transport;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.wire.Feature;
import weft.wire.Message;

/// Commands inside of encrypted packets: one byte for the frequent ones, else a zero byte and 12 characters.
/// See BIP-0324, and BIP-0434 for `feature`.
final class V2Commands {
    /// By short id. The last four are assigned to messages that nobody implements.
    private static final List<String> BY_ID =
            List.of(
                    "",
                    "addr",
                    "block",
                    "blocktxn",
                    "cmpctblock",
                    "feefilter",
                    "filteradd",
                    "filterclear",
                    "filterload",
                    "getblocks",
                    "getblocktxn",
                    "getdata",
                    "getheaders",
                    "headers",
                    "inv",
                    "mempool",
                    "merkleblock",
                    "notfound",
                    "ping",
                    "pong",
                    "sendcmpct",
                    "tx",
                    "getcfilters",
                    "cfilter",
                    "getcfheaders",
                    "cfheaders",
                    "getcfcheckpt",
                    "cfcheckpt",
                    "addrv2",
                    "",
                    "",
                    "",
                    "");

    private static final int FEATURE_ID = 37;

    private static final Map<String, Integer> IDS = ids();

    private V2Commands() {}

    private static Map<String, Integer> ids() {
        var ids = new HashMap<String, Integer>();
        for (int id = 1; id < BY_ID.size(); id++) {
            if (!BY_ID.get(id).isEmpty()) {
                ids.put(BY_ID.get(id), id);
            }
        }
        ids.put(Feature.COMMAND, FEATURE_ID);
        return ids;
    }

    /// Bytes that a command takes in a packet.
    static int commandBytes(String command) {
        return IDS.containsKey(command) ? 1 : 1 + Message.COMMAND_BYTES;
    }

    /// Writes a command into bytes that are zero there.
    static void put(String command, byte[] into, int at) {
        @Nullable Integer id = IDS.get(command);
        if (id == null) {
            byte[] name = command.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(name, 0, into, at + 1, name.length);
        } else {
            into[at] = id.byteValue();
        }
    }

    /// The message in the contents of a packet; empty if there is no command that could be one.
    static Optional<Frame> frame(Bytes contents, int wireBytes) {
        if (contents.isEmpty()) {
            return Optional.empty();
        }
        int id = contents.at(0);
        if (id == FEATURE_ID) {
            return Optional.of(new Frame(Feature.COMMAND, contents.from(1), wireBytes));
        }
        if (id != 0) {
            return id < BY_ID.size()
                    ? Optional.of(new Frame(BY_ID.get(id), contents.from(1), wireBytes))
                    : Optional.empty();
        }
        if (contents.length() < 1 + Message.COMMAND_BYTES) {
            return Optional.empty();
        }
        return command(contents.slice(1, Message.COMMAND_BYTES))
                .map(
                        command ->
                                new Frame(
                                        command,
                                        contents.from(1 + Message.COMMAND_BYTES),
                                        wireBytes));
    }

    private static Optional<String> command(Bytes padded) {
        int length = 0;
        while (length < padded.length() && padded.at(length) != 0) {
            if (padded.at(length) < ' ' || padded.at(length) > 0x7f) {
                return Optional.empty();
            }
            length++;
        }
        for (int i = length; i < padded.length(); i++) {
            if (padded.at(i) != 0) {
                return Optional.empty();
            }
        }
        return Optional.of(padded.slice(0, length).toLatin1());
    }
}
