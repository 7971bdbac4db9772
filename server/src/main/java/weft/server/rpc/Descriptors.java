package weft.server.rpc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.descriptor.DescriptorChecksum;
import weft.wallet.descriptor.DescriptorFault;
import weft.wallet.sign.SigningProvider;

/// Descriptors as callers give them, with the errors that they get.
final class Descriptors {
    private static final Range RANGE_DEFAULT = new Range(0, 1_000);
    private static final long RANGE_MAX = 1_000_000;

    private Descriptors() {}

    /// First and last number of what `*` stands for.
    record Range(int first, int last) {
        /// One number.
        static final Range ONE = new Range(0, 0);

        /// Reads an end, or a pair.
        static Range read(JsonNode value) {
            long first = 0;
            long last;
            if (value.isNumber()) {
                last = RpcCall.whole(value);
            } else if (value.isArray()
                    && value.size() == 2
                    && value.get(0).isNumber()
                    && value.get(1).isNumber()) {
                first = RpcCall.whole(value.get(0));
                last = RpcCall.whole(value.get(1));
                if (first > last) {
                    throw RpcException.parameter(
                            "Range specified as [begin,end] must not have begin after end");
                }
            } else {
                throw RpcException.parameter("Range must be specified as end or as [begin,end]");
            }
            if (first < 0) {
                throw RpcException.parameter("Range should be greater or equal than 0");
            }
            if (last >> 31 != 0) {
                throw RpcException.parameter("End of range is too high");
            }
            if (last >= first + RANGE_MAX) {
                throw RpcException.parameter("Range is too large");
            }
            return new Range((int) first, (int) last);
        }
    }

    /// The eight characters after `#`; empty if a character cannot be in a descriptor.
    static String checksum(String descriptor) {
        return DescriptorChecksum.of(descriptor);
    }

    /// A descriptor without its checksum, which is checked if it is there.
    ///
    /// @throws RpcException if the checksum is wrong, or missing where it must be there
    static String checked(String descriptor, boolean mustHaveChecksum) {
        try {
            return DescriptorChecksum.strip(descriptor, mustHaveChecksum);
        } catch (DescriptorFault fault) {
            throw RpcException.notFound(fault.text());
        }
    }

    /// Reads a descriptor.
    ///
    /// @param secrets gets the private keys in it
    /// @throws RpcException if it is none
    static Descriptor parse(
            String text, AddressPrefixes prefixes, SigningProvider secrets, boolean checksum) {
        try {
            return Descriptor.parse(text, prefixes, secrets, checksum);
        } catch (DescriptorFault fault) {
            throw RpcException.notFound(fault.text());
        }
    }

    /// The descriptor that says most of a script when no keys are known, with checksum.
    static String describe(Bytes script, AddressPrefixes prefixes) {
        return Descriptor.infer(script, new SigningProvider(), prefixes).text();
    }

    /// The one script that pays to a descriptor: of all that a combo stands for, the one for witnesses if the
    /// key allows it.
    ///
    /// @return empty if the text is no descriptor
    /// @throws RpcException if it is one that has no such script
    static Optional<Bytes> script(String text, AddressPrefixes prefixes) {
        var secrets = new SigningProvider();
        try {
            return Optional.of(one(Descriptor.parse(text, prefixes, secrets, false), secrets));
        } catch (DescriptorFault _) {
            return Optional.empty();
        }
    }

    /// As [#script], with the reason where there is none.
    static Bytes scriptOrFail(String text, AddressPrefixes prefixes) {
        var secrets = new SigningProvider();
        return one(parse(text, prefixes, secrets, false), secrets);
    }

    private static Bytes one(Descriptor descriptor, SigningProvider secrets) {
        if (descriptor.isRange()) {
            throw RpcException.parameter(
                    "Ranged descriptor not accepted. Maybe pass through deriveaddresses first?");
        }
        List<Bytes> scripts =
                descriptor
                        .expand(0, secrets, new SigningProvider())
                        .orElseThrow(
                                () ->
                                        RpcException.notFound(
                                                "Cannot derive script without private keys"));
        return scripts.get(Math.min(scripts.size() / 2, 2));
    }

    /// The scripts of a scan object: a descriptor, or an object of one and a range.
    ///
    /// @param known gets the keys and scripts
    /// @param withPrivate whether `known` gets the private keys too that belong to the scripts
    /// @throws RpcException if it has another form
    static List<Bytes> scripts(
            JsonNode object, AddressPrefixes prefixes, SigningProvider known, boolean withPrivate) {
        String text;
        Range range = RANGE_DEFAULT;
        if (object.isString()) {
            text = object.stringValue();
        } else if (object.isObject()) {
            if (JsonFields.isMissing(object, "desc")) {
                throw RpcException.parameter("Descriptor needs to be provided in scan object");
            }
            text = JsonFields.text(object.path("desc"));
            if (!JsonFields.isMissing(object, "range")) {
                range = Range.read(object.path("range"));
            }
        } else {
            throw RpcException.parameter("Scan object needs to be either a string or an object");
        }
        Descriptor descriptor = parse(text, prefixes, known, false);
        Range span = descriptor.isRange() ? range : Range.ONE;
        var scripts = new ArrayList<Bytes>();
        for (long i = span.first; i <= span.last; i++) {
            int position = (int) i;
            scripts.addAll(
                    descriptor
                            .expand(position, known, known)
                            .orElseThrow(
                                    () ->
                                            RpcException.notFound(
                                                    "Cannot derive script without private keys: '"
                                                            + text
                                                            + "'")));
            if (withPrivate) {
                descriptor.expandPrivate(position, known, known);
            }
        }
        return scripts;
    }
}
