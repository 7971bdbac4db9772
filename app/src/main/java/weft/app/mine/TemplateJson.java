package weft.app.mine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import weft.mining.WorkTemplate;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.primitives.codec.MalformedBytes;

/// The answer to `getblocktemplate`, of our node or another. See BIP-0022, BIP-0009 and BIP-0145.
///
/// @param template what is mined
/// @param longPollId names this template; another call with it waits for a better one; empty if the node does
///     not wait
/// @param challenge of a signet
record TemplateJson(WorkTemplate template, String longPollId, Optional<Bytes> challenge) {
    /// Rules that begin with this mark must be known by who mines.
    private static final String MANDATORY = "!";

    private static final List<String> KNOWN = List.of("segwit", "signet");

    /// Reads an answer.
    ///
    /// @throws IllegalArgumentException if it is not what BIP-0022 says, or asks for rules that are unknown
    ///     here
    static TemplateJson read(JsonNode json) {
        checkRules(json);
        var transactions = new ArrayList<Transaction>();
        for (JsonNode each : array(json, "transactions")) {
            transactions.add(transaction(text(each, "data")));
        }
        var place =
                new WorkTemplate.Place(
                        (int) number(json, "height"),
                        (int) number(json, "version"),
                        BlockHash.parse(text(json, "previousblockhash")),
                        Long.parseLong(text(json, "bits"), 16),
                        Digest256.parse(text(json, "target")),
                        number(json, "curtime"),
                        number(json, "mintime"));
        return new TemplateJson(
                new WorkTemplate(
                        place,
                        number(json, "coinbasevalue"),
                        hex(json, "default_witness_commitment"),
                        transactions),
                json.path("longpollid").asString(""),
                hex(json, "signet_challenge"));
    }

    private static void checkRules(JsonNode json) {
        var unknown = new TreeSet<String>();
        for (JsonNode rule : array(json, "rules")) {
            String name = rule.asString("");
            if (name.startsWith(MANDATORY) && !KNOWN.contains(name.substring(1))) {
                unknown.add(name.substring(1));
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "the node asks for rules that are unknown here: " + String.join(", ", unknown));
        }
    }

    private static JsonNode array(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isArray()) {
            throw missing(name);
        }
        return value;
    }

    private static String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isString()) {
            throw missing(name);
        }
        return value.stringValue();
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber()) {
            throw missing(name);
        }
        return value.asLong();
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("the node's template has no usable " + name);
    }

    private static Optional<Bytes> hex(JsonNode json, String name) {
        return json.path(name).isMissingNode()
                ? Optional.empty()
                : Optional.of(Bytes.parse(text(json, name)));
    }

    private static Transaction transaction(String hex) {
        try {
            return Transaction.parse(hex);
        } catch (MalformedBytes e) {
            throw new IllegalArgumentException("a transaction cannot be read", e);
        }
    }
}
