package weft.server.stratum;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.mining.CoinbasePlan;
import weft.mining.WorkTemplate;
import weft.mining.stratum.ShareVerdict;
import weft.mining.stratum.StratumSession;
import weft.primitives.Bytes;
import weft.server.json.Json;

/// The lines of the protocol: what is said to miners, and how shares are read.
final class StratumLines {
    private static final int WORD_BYTES = 4;
    private static final int WORD_DIGITS = 8;
    private static final int SHARE_PARTS = 5;
    private static final int JOB_CHARS_MAX = 16;

    private StratumLines() {}

    static String result(JsonNode id, JsonNode result) {
        ObjectNode line = Json.object();
        line.set("id", id);
        line.set("result", result);
        line.set("error", Json.nothing());
        return Json.write(line);
    }

    static String error(JsonNode id, int code, String text) {
        ObjectNode line = Json.object();
        line.set("id", id);
        line.set("result", Json.nothing());
        line.putArray("error").add(code).add(text).add(Json.nothing());
        return Json.write(line);
    }

    static String error(JsonNode id, ShareVerdict.Fault fault) {
        return error(id, fault.code(), fault.text());
    }

    private static String notification(String method, ArrayNode params) {
        ObjectNode line = Json.object();
        line.set("id", Json.nothing());
        line.put("method", method);
        line.set("params", params);
        return Json.write(line);
    }

    static String difficulty(double difficulty) {
        return notification("mining.set_difficulty", Json.array().add(difficulty));
    }

    /// A job. The parent's hash goes with the bytes of each word turned round, as miners have always wanted.
    static String notify(StratumSession.Notice notice) {
        WorkTemplate.Place place = notice.job().template().place();
        CoinbasePlan coinbase = notice.job().coinbase();
        ArrayNode params = Json.array();
        params.add(notice.id());
        params.add(turnWords(place.parent().toByteArray()));
        params.add(coinbase.head().toHex()).add(coinbase.tail().toHex());
        ArrayNode branch = params.addArray();
        notice.job()
                .branch()
                .forEach(step -> branch.add(HexFormat.of().formatHex(step.toByteArray())));
        params.add(word(place.version())).add(word(place.bits())).add(word(place.time()));
        params.add(notice.clean());
        return notification("mining.notify", params);
    }

    private static String turnWords(byte[] bytes) {
        var turned = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            turned[i] = bytes[i - i % WORD_BYTES + (WORD_BYTES - 1 - i % WORD_BYTES)];
        }
        return HexFormat.of().formatHex(turned);
    }

    static String word(long value) {
        return String.format(Locale.ROOT, "%08x", value & 0xffff_ffffL);
    }

    /// The answer to `mining.subscribe`: subscriptions, our part of the extra nonce, the length of theirs.
    static JsonNode subscription(Bytes extraNonce1) {
        String name = extraNonce1.toHex();
        ArrayNode answer = Json.array();
        ArrayNode list = answer.addArray();
        for (String each : List.of("mining.set_difficulty", "mining.notify")) {
            list.addArray().add(each).add(name);
        }
        answer.add(name);
        answer.add(StratumSession.EXTRA_NONCE2_BYTES);
        return answer;
    }

    /// A 32-bit word in eight hexadecimal digits, as all numbers of the protocol are.
    ///
    /// @throws IllegalArgumentException if it is none
    static long readWord(JsonNode node) {
        String text = node.asString("");
        if (text.length() != WORD_DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("eight hexadecimal digits wanted");
        }
        return Long.parseLong(text, 16);
    }

    /// The share of `mining.submit`: user, job, extra nonce, time, nonce, and maybe bits of the version.
    ///
    /// @throws IllegalArgumentException if it cannot be read
    static StratumSession.Share share(JsonNode params) {
        if (!params.isArray() || params.size() < SHARE_PARTS) {
            throw new IllegalArgumentException("mining.submit has five parameters or six");
        }
        String job = params.get(1).asString("");
        String extra = params.get(2).asString("");
        if (job.length() > JOB_CHARS_MAX
                || extra.length() != 2 * StratumSession.EXTRA_NONCE2_BYTES) {
            throw new IllegalArgumentException("no such job, or extra nonce of another length");
        }
        JsonNode bits = params.path(SHARE_PARTS);
        return new StratumSession.Share(
                job,
                Bytes.parse(extra),
                readWord(params.get(3)),
                readWord(params.get(4)),
                bits.isMissingNode() || bits.isNull() ? 0 : (int) readWord(bits));
    }
}
