package weft.server.rpc;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.server.json.Json;

/// `/rest/getutxos`: which of some coins are unspent, and what they are (BIP-0064).
final class RestCoins implements Rest.Forms {
    private static final int OUTPOINTS_MAX = 15;
    private static final int OUTPOINT_BYTES = 36;
    private static final int BODY_OUTPOINTS_MAX = 50_000;
    private static final int TRIES = 5;
    private static final int COIN_DECIMALS = 8;

    /// What stands for the height of a coin in the mempool.
    private static final int POOL_HEIGHT = 0x7fff_ffff;

    private static final Pattern OUTPOINT = Pattern.compile("([0-9a-fA-F]{64})-([0-9]{1,10})");

    /// An output that is asked for.
    private record Asked(String txid, long index) {}

    private final boolean withPool;
    private final List<Asked> asked;
    private final List<JsonNode> coins = new ArrayList<>();
    private final StringBuilder bits = new StringBuilder();
    private String tip = "";
    private int height;

    private RestCoins(boolean withPool, List<Asked> asked) {
        this.withPool = withPool;
        this.asked = asked;
    }

    static RestCoins find(Rest rest, RestRequest request, byte[] body) {
        RestCoins found = parse(request, body);
        if (found.asked.size() > OUTPOINTS_MAX) {
            throw bad(
                    "Error: max outpoints exceeded (max: "
                            + OUTPOINTS_MAX
                            + ", tried: "
                            + found.asked.size()
                            + ")");
        }
        // All of it shall be of one moment.
        for (int i = 0; i < TRIES && !found.look(rest); i++) {
            found.coins.clear();
            found.bits.setLength(0);
        }
        return found;
    }

    private static RestFault bad(String what) {
        return new RestFault(RestFault.BAD_REQUEST, what);
    }

    private static RestCoins parse(RestRequest request, byte[] body) {
        List<String> parts = request.whole().isEmpty() ? List.of() : request.parts();
        if (parts.isEmpty() && body.length == 0) {
            throw bad("Error: empty request");
        }
        boolean withPool = !parts.isEmpty() && parts.getFirst().equals("checkmempool");
        var asked = new ArrayList<Asked>();
        for (String each : withPool ? parts.subList(1, parts.size()) : parts) {
            Matcher found = OUTPOINT.matcher(each);
            if (!found.matches() || Long.parseLong(found.group(2)) >>> 32 != 0) {
                throw bad("Parse error");
            }
            asked.add(new Asked(found.group(1), Long.parseLong(found.group(2))));
        }
        if (!parts.isEmpty() && asked.isEmpty()) {
            throw bad("Error: empty request");
        }
        return switch (request.format()) {
            case UNKNOWN -> throw Rest.noSuchFormat(".bin, .hex, .json");
            case JSON -> {
                if (asked.isEmpty()) {
                    throw bad("Error: empty request");
                }
                yield new RestCoins(withPool, asked);
            }
            case BIN, HEX -> {
                if (body.length == 0) {
                    yield new RestCoins(withPool, asked);
                }
                if (!asked.isEmpty()) {
                    throw bad("Combination of URI scheme inputs and raw post data is not allowed");
                }
                yield ofBody(request.format() == RestRequest.Format.HEX ? unhex(body) : body);
            }
        };
    }

    private static byte[] unhex(byte[] body) {
        try {
            return Bytes.parse(new String(body, StandardCharsets.US_ASCII).strip()).toByteArray();
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static RestCoins ofBody(byte[] body) {
        try {
            ByteReader in = ByteReader.of(body);
            boolean withPool = in.u8() != 0;
            List<Asked> asked =
                    in.list(
                            BODY_OUTPOINTS_MAX,
                            OUTPOINT_BYTES,
                            each ->
                                    new Asked(
                                            Rest.reversed(each.slice(32).toString()).toString(),
                                            each.u32()));
            return new RestCoins(withPool, asked);
        } catch (MalformedBytes e) {
            throw Rest.malformed(e);
        }
    }

    /// Whether the chain stayed where it was while we looked.
    private boolean look(Rest rest) {
        tip = rest.call("getbestblockhash").asString("");
        height = rest.call("getblockheader", tip).path("height").asInt(0);
        for (Asked each : asked) {
            JsonNode coin =
                    each.index > Integer.MAX_VALUE
                            ? Json.nothing()
                            : rest.call("gettxout", each.txid, (int) each.index, withPool);
            bits.append(coin.isNull() ? '0' : '1');
            if (!coin.isNull()) {
                coins.add(coin);
            }
        }
        return rest.call("getbestblockhash").asString("").equals(tip);
    }

    private int heightOf(JsonNode coin) {
        int confirmations = coin.path("confirmations").asInt(0);
        return confirmations == 0 ? POOL_HEIGHT : height - confirmations + 1;
    }

    @Override
    public Bytes binary() {
        var out = new ByteWriter().i32(height).bytes(Rest.reversed(tip));
        byte[] bitmap = new byte[(bits.length() + 7) / 8];
        for (int i = 0; i < bits.length(); i++) {
            bitmap[i / 8] |= (byte) ((bits.charAt(i) - '0') << (i % 8));
        }
        out.varBytes(Bytes.wrap(bitmap)).compactSize(coins.size());
        for (JsonNode each : coins) {
            BigDecimal value = each.path("value").decimalValue();
            // Once the version of the transaction, now always 0.
            out.u32(0).i32(heightOf(each));
            out.i64(value.movePointRight(COIN_DECIMALS).longValueExact());
            out.varBytes(Bytes.parse(each.path("scriptPubKey").path("hex").asString("")));
        }
        return out.toBytes();
    }

    @Override
    public JsonNode json() {
        ArrayNode list = Json.array();
        for (JsonNode each : coins) {
            var coin = Json.object().put("height", heightOf(each));
            coin.set("value", each.path("value"));
            coin.set("scriptPubKey", each.path("scriptPubKey"));
            list.add(coin);
        }
        var json = Json.object().put("chainHeight", height).put("chaintipHash", tip);
        json.put("bitmap", bits.toString());
        return json.set("utxos", list);
    }
}
