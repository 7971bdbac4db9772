package weft.wire.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;

/// Commands inside of encrypted packets: one byte for the frequent ones, else a zero byte and 12 characters.
/// See BIP-0324.
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

    private static final Map<String, Integer> IDS = ids();

    private V2Commands() {}

    private static Map<String, Integer> ids() {
        var ids = new HashMap<String, Integer>();
        for (int id = 1; id < BY_ID.size(); id++) {
            if (!BY_ID.get(id).isEmpty()) {
                ids.put(BY_ID.get(id), id);
            }
        }
        return ids;
    }

    /// Command and payload as contents of a packet.
    static byte[] contents(String command, Bytes payload) {
        var out = new ByteWriter(1 + Message.COMMAND_BYTES + payload.length());
        @Nullable Integer id = IDS.get(command);
        if (id == null) {
            byte[] name = command.getBytes(StandardCharsets.US_ASCII);
            out.u8(0).bytes(Arrays.copyOf(name, Message.COMMAND_BYTES));
        } else {
            out.u8(id);
        }
        return out.bytes(payload).toByteArray();
    }

    /// The message in the contents of a packet; empty if there is no command that could be one.
    static Optional<Frame> frame(Bytes contents, int wireBytes) {
        if (contents.isEmpty()) {
            return Optional.empty();
        }
        int id = contents.at(0);
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
