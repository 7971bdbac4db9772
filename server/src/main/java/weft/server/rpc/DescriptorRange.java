package weft.server.rpc;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;

/// The scripts of a scan object: a descriptor, or an object of one and a range, with extended public keys and
/// their children.
final class DescriptorRange {
    private static final long DEFAULT_LAST = 1_000;
    private static final long RANGE_MAX = 1_000_000;
    private static final Pattern EXTENDED =
            Pattern.compile("([xt]pub[1-9A-HJ-NP-Za-km-z]+)((?:/[0-9]+)*)(/\\*)?");

    private DescriptorRange() {}

    /// First and last number of what `*` stands for.
    private record Span(long first, long last) {}

    /// The scripts that a scan object stands for.
    ///
    /// @throws RpcException if it has another form
    static List<Bytes> scripts(JsonNode object, AddressPrefixes prefixes) {
        String text;
        Span span = new Span(0, DEFAULT_LAST);
        if (object.isString()) {
            text = object.stringValue();
        } else if (object.isObject()) {
            if (!object.path("desc").isString()) {
                throw RpcException.parameter("Descriptor needs to be provided in scan object");
            }
            text = object.path("desc").stringValue();
            if (object.has("range")) {
                span = span(object.path("range"));
            }
        } else {
            throw RpcException.parameter("Scan object needs to be either a string or an object");
        }
        String body = Descriptors.checked(text, false);
        boolean isRanged = body.contains("*");
        var scripts = new ArrayList<Bytes>();
        for (long i = span.first; i <= (isRanged ? span.last : span.first); i++) {
            for (String each : forms(derived(body, i, prefixes))) {
                scripts.add(
                        Descriptors.script(each, prefixes)
                                .orElseThrow(
                                        () ->
                                                RpcException.notFound(
                                                        "'"
                                                                + body
                                                                + "' is not a valid descriptor function")));
            }
        }
        return scripts;
    }

    private static Span span(JsonNode range) {
        Span span;
        if (range.isNumber()) {
            span = new Span(0, RpcCall.whole(range));
        } else if (range.isArray() && range.size() == 2) {
            span = new Span(RpcCall.whole(range.get(0)), RpcCall.whole(range.get(1)));
        } else {
            throw RpcException.parameter("Range must be specified as end or as [begin,end]");
        }
        if (span.first > span.last) {
            throw RpcException.parameter(
                    "Range specified as [begin,end] must not have begin after end");
        }
        if (span.first < 0) {
            throw RpcException.parameter("Range should be greater or equal than 0");
        }
        if (span.last >>> 31 != 0) {
            throw RpcException.parameter("End of range is too high");
        }
        if (span.last >= span.first + RANGE_MAX) {
            throw RpcException.parameter("Range is too large");
        }
        return span;
    }

    /// The descriptor with plain keys in place of extended ones.
    private static String derived(String body, long number, AddressPrefixes prefixes) {
        Matcher matcher = EXTENDED.matcher(body);
        var text = new StringBuilder();
        while (matcher.find()) {
            String extended = matcher.group(1);
            ExtendedPublicKey key =
                    ExtendedPublicKey.parse(extended, prefixes)
                            .orElseThrow(() -> invalid(extended));
            for (String step : matcher.group(2).split("/", -1)) {
                if (!step.isEmpty()) {
                    key = child(key, step, extended);
                }
            }
            if (matcher.group(3) != null) {
                key = child(key, Long.toString(number), extended);
            }
            matcher.appendReplacement(text, key.key().toHex());
        }
        return matcher.appendTail(text).toString();
    }

    private static ExtendedPublicKey child(ExtendedPublicKey key, String step, String extended) {
        try {
            return key.child(Integer.parseInt(step)).orElseThrow(() -> invalid(extended));
        } catch (NumberFormatException e) {
            throw RpcException.notFound("Key path value " + step + " is out of range");
        }
    }

    private static RpcException invalid(String key) {
        return RpcException.notFound("key '" + key + "' is not valid");
    }

    /// All that a descriptor stands for: `combo` for several others.
    private static List<String> forms(String body) {
        if (!body.startsWith("combo(")) {
            return List.of(body);
        }
        String inside = body.substring("combo".length());
        boolean isCompressed = inside.contains("(02") || inside.contains("(03");
        return isCompressed
                ? List.of("pk" + inside, "pkh" + inside, "wpkh" + inside, "sh(wpkh" + inside + ")")
                : List.of("pk" + inside, "pkh" + inside);
    }
}
