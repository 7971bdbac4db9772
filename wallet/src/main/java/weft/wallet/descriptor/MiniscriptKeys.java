package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.wallet.miniscript.Miniscript;
import weft.wallet.miniscript.MiniscriptParser;
import weft.wallet.sign.SigningProvider;

/// Reads miniscript in descriptors. Not safe for use by two threads.
final class MiniscriptKeys {
    private static final SigningProvider NO_SECRETS = new SigningProvider();

    private final KeyParser parser;
    private final ScriptContext context;
    private final List<KeyExpression> keys = new ArrayList<>();
    private @Nullable DescriptorFault fault;

    MiniscriptKeys(KeyParser parser, ScriptContext context) {
        this.parser = parser;
        this.context = context;
    }

    /// The order of keys by their first public key: two with the same are the same.
    static Comparator<Integer> order(List<KeyExpression> keys) {
        List<Bytes> first =
                keys.stream()
                        .map(
                                each -> {
                                    KeyExpression.Derived key = each.derive(0, NO_SECRETS);
                                    return key == null ? Bytes.EMPTY : key.publicKey();
                                })
                        .toList();
        return Comparator.comparing(first::get);
    }

    private @Nullable Integer key(String text) {
        boolean isWitness = context == ScriptContext.P2WSH;
        try {
            keys.add(parser.parse(text, isWitness ? ScriptContext.P2WSH : ScriptContext.P2TR));
            return keys.size() - 1;
        } catch (DescriptorFault e) {
            fault = e;
            return null;
        }
    }

    /// Reads an expression.
    ///
    /// @return null if the text is none
    /// @throws DescriptorFault if it is one that may not stand there, or is not sane
    @Nullable DescriptorNode parse(String text) {
        boolean isTapscript = context != ScriptContext.P2WSH;
        Miniscript<Integer> node =
                MiniscriptParser.parse(text, isTapscript, this::key).orElse(null);
        if (fault != null) {
            throw fault;
        }
        if (node == null) {
            return null;
        }
        if (context != ScriptContext.P2WSH && context != ScriptContext.P2TR) {
            throw new DescriptorFault("Miniscript expressions can only be used in wsh or tr.");
        }
        Comparator<Integer> order = order(keys);
        if (!node.isSane(order)) {
            throw insane(node, order);
        }
        if (!node.isSatisfiable()) {
            throw new DescriptorFault(text(node) + " is not satisfiable");
        }
        return new DescriptorNode.Mini(keys, node, isTapscript);
    }

    private String text(Miniscript<Integer> node) {
        return node.text(place -> keys.get(place).text());
    }

    private DescriptorFault insane(Miniscript<Integer> node, Comparator<Integer> order) {
        Miniscript<Integer> inside = node.firstInsane(order);
        Miniscript<Integer> worst = inside == null ? node : inside;
        String text = text(worst);
        if (!worst.isValid()) {
            return new DescriptorFault(text + " is invalid");
        }
        String why = "";
        if (!worst.isNonMalleable()) {
            why = ": malleable witnesses exist";
        } else if (worst == node && !worst.needsSignature()) {
            why = ": witnesses without signature exist";
        } else if (!worst.hasNoTimeLockMix()) {
            why = ": contains mixes of timelocks expressed in blocks and seconds";
        } else if (!worst.hasDistinctKeys(order)) {
            why = ": contains duplicate public keys";
        } else if (!worst.hasValidSatisfactions()) {
            why = ": needs witnesses that may exceed resource limits";
        }
        return new DescriptorFault(text + " is not sane" + why);
    }
}
