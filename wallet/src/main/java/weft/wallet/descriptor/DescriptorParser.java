package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;
import weft.wallet.descriptor.DescriptorNode.OneKey;
import weft.wallet.sign.SigningProvider;
import weft.wallet.sign.TaprootTree;

/// Reads descriptors without their checksum.
final class DescriptorParser {
    private static final int KEYS_MAX = 20;
    private static final int KEYS_MAX_TAPSCRIPT = 999;
    private static final int KEYS_MAX_BARE = 3;
    private static final int ELEMENT_BYTES_MAX = 520;

    private final AddressPrefixes prefixes;
    private final KeyParser keys;

    DescriptorParser(AddressPrefixes prefixes, SigningProvider secrets) {
        this.prefixes = prefixes;
        this.keys = new KeyParser(prefixes, secrets);
    }

    /// Reads a whole descriptor.
    ///
    /// @throws DescriptorFault if it is none
    DescriptorNode parse(String text) {
        var all = new Cursor(text);
        DescriptorNode node = script(all, ScriptContext.TOP);
        expectEnd(all);
        return node;
    }

    /// What is left over gets no sentence, as with Bitcoin Core.
    private static void expectEnd(Cursor cursor) {
        if (!cursor.isEmpty()) {
            throw new DescriptorFault("");
        }
    }

    private KeyExpression key(Cursor cursor, ScriptContext context, String where) {
        try {
            return keys.parse(cursor.rest(), context);
        } catch (DescriptorFault fault) {
            throw fault.within(where);
        }
    }

    private static void only(boolean allowed, String sentence) {
        if (!allowed) {
            throw new DescriptorFault("Can only have " + sentence);
        }
    }

    private DescriptorNode script(Cursor from, ScriptContext context) {
        Cursor expression = from.expression();
        boolean isTop = context == ScriptContext.TOP;
        if (expression.enter("pk")) {
            boolean isTapscript = context == ScriptContext.P2TR;
            return new DescriptorNode.Single(
                    OneKey.PK, key(expression, context, "pk(): "), isTapscript);
        }
        if (context != ScriptContext.P2TR && expression.enter("pkh")) {
            only(context.isScript(), "pkh at top level, in sh(), wsh(), or in tr()");
            return single(OneKey.PKH, key(expression, context, "pkh(): "));
        }
        if (expression.enter("combo")) {
            only(isTop, "combo() at top level");
            return single(OneKey.COMBO, key(expression, context, "combo(): "));
        }
        for (String word : List.of("multi", "sortedmulti", "multi_a", "sortedmulti_a")) {
            if (expression.enter(word)) {
                return multi(expression, context, word.startsWith("sorted"), word.endsWith("_a"));
            }
        }
        if (expression.enter("wpkh")) {
            only(context.mayWrapWitness(), "wpkh() at top level or inside sh()");
            return single(OneKey.WPKH, key(expression, ScriptContext.P2WPKH, "wpkh(): "));
        }
        if (expression.enter("sh")) {
            only(isTop, "sh() at top level");
            return hashed(expression, ScriptContext.P2SH);
        }
        if (expression.enter("wsh")) {
            only(context.mayWrapWitness(), "wsh() at top level or inside sh()");
            return hashed(expression, ScriptContext.P2WSH);
        }
        return rarer(expression, context);
    }

    private DescriptorNode rarer(Cursor expression, ScriptContext context) {
        boolean isTop = context == ScriptContext.TOP;
        if (expression.enter("addr")) {
            only(isTop, "addr() at top level");
            return new DescriptorNode.Opaque(address(expression.rest()), Optional.of(prefixes));
        }
        if (expression.enter("tr")) {
            only(isTop, "tr at top level");
            return tree(expression);
        }
        if (expression.enter("rawtr")) {
            only(isTop, "rawtr at top level");
            Cursor key = expression.expression();
            if (!expression.isEmpty()) {
                throw new DescriptorFault("rawtr(): only one key expected.");
            }
            return single(OneKey.RAWTR, key(key, ScriptContext.P2TR, ""));
        }
        if (expression.enter("raw")) {
            only(isTop, "raw() at top level");
            String hex = expression.rest();
            if (!KeyParser.isHex(hex)) {
                throw new DescriptorFault("Raw script is not hex");
            }
            return new DescriptorNode.Opaque(Bytes.parse(hex), Optional.empty());
        }
        DescriptorNode miniscript = new MiniscriptKeys(keys, context).parse(expression.rest());
        if (miniscript != null) {
            return miniscript;
        }
        String sentence =
                switch (context) {
                    case P2SH -> "A function is needed within P2SH";
                    case P2WSH -> "A function is needed within P2WSH";
                    default -> "'" + expression.rest() + "' is not a valid descriptor function";
                };
        throw new DescriptorFault(sentence);
    }

    private static DescriptorNode single(OneKey function, KeyExpression key) {
        return new DescriptorNode.Single(function, key, false);
    }

    private DescriptorNode hashed(Cursor inside, ScriptContext context) {
        DescriptorNode script = script(inside, context);
        expectEnd(inside);
        return new DescriptorNode.Hashed(script, context == ScriptContext.P2WSH);
    }

    private Bytes address(String text) {
        try {
            return Address.parse(text, prefixes).scriptPubKey();
        } catch (AddressFault _) {
            throw new DescriptorFault("Address is not valid");
        }
    }

    private DescriptorNode multi(
            Cursor inside, ScriptContext context, boolean isSorted, boolean isTapscript) {
        if (isTapscript) {
            only(context == ScriptContext.P2TR, "multi_a/sortedmulti_a inside tr()");
        } else {
            only(context.isScript(), "multi/sortedmulti at top level, in sh(), or in wsh()");
        }
        String number = inside.expression().rest();
        long threshold =
                KeyParser.uint32(number)
                        .orElseThrow(
                                () ->
                                        new DescriptorFault(
                                                "Multi threshold '" + number + "' is not valid"));
        var list = new ArrayList<KeyExpression>();
        int size = 0;
        while (!inside.isEmpty()) {
            if (!inside.take(",")) {
                throw new DescriptorFault("Multi: expected ',', got '" + inside.first() + "'");
            }
            KeyExpression key = key(inside.expression(), context, "Multi: ");
            size += key.size() + 1;
            list.add(key);
        }
        checkMulti(threshold, list.size(), isTapscript);
        if (context == ScriptContext.TOP && list.size() > KEYS_MAX_BARE) {
            throw new DescriptorFault(
                    "Cannot have "
                            + list.size()
                            + " pubkeys in bare multisig; only at most 3 pubkeys");
        }
        if (context == ScriptContext.P2SH && size + 3 > ELEMENT_BYTES_MAX) {
            throw new DescriptorFault(
                    "P2SH script is too large, " + (size + 3) + " bytes is larger than 520 bytes");
        }
        return new DescriptorNode.Multi((int) threshold, list, isSorted, isTapscript);
    }

    private static void checkMulti(long threshold, int count, boolean isTapscript) {
        int most = isTapscript ? KEYS_MAX_TAPSCRIPT : KEYS_MAX;
        if (count == 0 || count > most) {
            throw new DescriptorFault(
                    "Cannot have "
                            + count
                            + " keys in "
                            + (isTapscript ? "multi_a" : "multisig")
                            + "; must have between 1 and "
                            + most
                            + " keys, inclusive");
        }
        if (threshold < 1) {
            throw new DescriptorFault(
                    "Multisig threshold cannot be " + threshold + ", must be at least 1");
        }
        if (threshold > count) {
            throw new DescriptorFault(
                    "Multisig threshold cannot be larger than the number of keys; threshold is "
                            + threshold
                            + " but only "
                            + count
                            + " keys specified");
        }
    }

    private DescriptorNode tree(Cursor inside) {
        KeyExpression key = key(inside.expression(), ScriptContext.P2TR, "tr(): ");
        var leaves = new ArrayList<DescriptorNode>();
        var depths = new ArrayList<Integer>();
        if (!inside.isEmpty()) {
            if (!inside.take(",")) {
                throw new DescriptorFault("tr: expected ',', got '" + inside.first() + "'");
            }
            leaves(inside, leaves, depths);
            if (!inside.isEmpty()) {
                throw new DescriptorFault("tr(): expected ')' after script expression");
            }
        }
        return new DescriptorNode.Tree(key, leaves, depths);
    }

    /// Reads leaves in braces; `branches` tells for each level whether the left side is done.
    private void leaves(Cursor inside, List<DescriptorNode> leaves, List<Integer> depths) {
        var branches = new ArrayList<Boolean>();
        do {
            while (inside.take("{")) {
                branches.add(false);
                if (branches.size() > TaprootTree.DEPTH_MAX) {
                    throw new DescriptorFault("tr() supports at most 128 nesting levels");
                }
            }
            leaves.add(script(inside.expression(), ScriptContext.P2TR));
            depths.add(branches.size());
            while (!branches.isEmpty() && branches.getLast()) {
                if (!inside.take("}")) {
                    throw new DescriptorFault("tr(): expected '}' after script expression");
                }
                branches.removeLast();
            }
            if (!branches.isEmpty()) {
                if (!inside.take(",")) {
                    throw new DescriptorFault("tr(): expected ',' after script expression");
                }
                branches.set(branches.size() - 1, true);
            }
        } while (!branches.isEmpty());
    }
}
