package weft.wallet.descriptor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.PrivateKey;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;

/// Reads key expressions. Secrets go to a provider.
final class KeyParser {
    private static final int FINGERPRINT_HEX = 8;
    private static final Bytes EVEN = Bytes.parse("02");

    private final AddressPrefixes prefixes;
    private final SigningProvider secrets;

    /// The mark of hardened steps in the expression that is being read.
    private char mark = 'h';

    KeyParser(AddressPrefixes prefixes, SigningProvider secrets) {
        this.prefixes = prefixes;
        this.secrets = secrets;
    }

    /// Whether a text is hexadecimal: pairs of digits, one pair at least.
    static boolean isHex(String text) {
        return !text.isEmpty()
                && text.length() % 2 == 0
                && text.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0);
    }

    /// Reads an expression.
    ///
    /// @throws DescriptorFault if it is none that may stand there
    KeyExpression parse(String text, ScriptContext context) {
        mark = 'h';
        String[] parts = text.split("]", -1);
        if (parts.length > 2) {
            throw new DescriptorFault("Multiple ']' characters found for a single pubkey");
        }
        if (parts.length == 1) {
            return inner(parts[0], context);
        }
        if (!parts[0].startsWith("[")) {
            char found = parts[0].isEmpty() ? ']' : parts[0].charAt(0);
            throw new DescriptorFault(
                    "Key origin start '[ character expected but not found, got '"
                            + found
                            + "' instead");
        }
        String[] steps = parts[0].substring(1).split("/", -1);
        if (steps[0].length() != FINGERPRINT_HEX) {
            throw new DescriptorFault(
                    "Fingerprint is not 4 bytes ("
                            + steps[0].length()
                            + " characters instead of 8 characters)");
        }
        if (!isHex(steps[0])) {
            throw new DescriptorFault("Fingerprint '" + steps[0] + "' is not hex");
        }
        List<Integer> path = path(steps, steps.length);
        KeyExpression inner = inner(parts[1], context);
        return new KeyExpression.WithOrigin(
                new KeyOrigin(Bytes.parse(steps[0]), path), inner, mark);
    }

    private List<Integer> path(String[] split, int end) {
        var path = new ArrayList<Integer>();
        for (int i = 1; i < end; i++) {
            String each = split[i];
            boolean isHardened = each.endsWith("'") || each.endsWith("h");
            if (isHardened) {
                mark = each.charAt(each.length() - 1);
                each = each.substring(0, each.length() - 1);
            }
            long value = uint32(each).orElse(-1L);
            if (value < 0) {
                throw new DescriptorFault("Key path value '" + each + "' is not a valid uint32");
            }
            if (value > Integer.MAX_VALUE) {
                throw new DescriptorFault("Key path value " + value + " is out of range");
            }
            path.add((int) value | (isHardened ? KeyOrigin.HARDENED : 0));
        }
        return path;
    }

    /// A number of 32 bits without sign, as Bitcoin Core reads it.
    static Optional<Long> uint32(String text) {
        String digits = text.startsWith("+") ? text.substring(1) : text;
        boolean isNumber =
                !digits.isEmpty()
                        && digits.length() <= 18
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = isNumber ? Long.parseLong(digits) : -1;
        return value >= 0 && value <= 0xffff_ffffL ? Optional.of(value) : Optional.empty();
    }

    private KeyExpression inner(String text, ScriptContext context) {
        String[] split = text.split("/", -1);
        String head = split[0];
        if (head.isEmpty()) {
            throw new DescriptorFault("No key provided");
        }
        if (split.length == 1) {
            if (isHex(head)) {
                return publicKey(head, context);
            }
            Optional<PrivateKey> key = PrivateKey.parse(head, prefixes);
            if (key.isPresent()) {
                allow(context, key.get().isCompressed());
                secrets.addPrivateKeyOnly(key.get());
                return new KeyExpression.Constant(
                        key.get().publicKey(), context == ScriptContext.P2TR);
            }
        }
        return extended(head, split);
    }

    private static void allow(ScriptContext context, boolean isCompressed) {
        if (!isCompressed && !context.allowsUncompressed()) {
            throw new DescriptorFault("Uncompressed keys are not allowed");
        }
    }

    private static KeyExpression publicKey(String hex, ScriptContext context) {
        Bytes key = Bytes.parse(hex);
        int first = key.at(0);
        if (key.length() == Secp256k1.UNCOMPRESSED_BYTES && (first == 6 || first == 7)) {
            throw new DescriptorFault("Hybrid public keys are not allowed");
        }
        if (Secp256k1.get().isValidPublicKey(key.toByteArray())) {
            allow(context, key.length() == Secp256k1.COMPRESSED_BYTES);
            return new KeyExpression.Constant(key, false);
        }
        if (key.length() == Secp256k1.X_ONLY_BYTES
                && context == ScriptContext.P2TR
                && Secp256k1.get().isValidXOnly(key.toByteArray())) {
            return new KeyExpression.Constant(EVEN.plus(key), true);
        }
        throw new DescriptorFault("Pubkey '" + hex + "' is invalid");
    }

    private KeyExpression extended(String head, String[] split) {
        ExtendedKey key =
                ExtendedKey.parse(head, prefixes)
                        .orElseThrow(() -> new DescriptorFault("key '" + head + "' is not valid"));
        String tail = split[split.length - 1];
        KeyExpression.Last last =
                switch (tail) {
                    case "*" -> KeyExpression.Last.ANY;
                    case "*'", "*h" -> KeyExpression.Last.ANY_HARDENED;
                    default -> KeyExpression.Last.NOTHING;
                };
        if (last == KeyExpression.Last.ANY_HARDENED) {
            mark = tail.charAt(1);
        }
        int end = last == KeyExpression.Last.NOTHING ? split.length : split.length - 1;
        List<Integer> path = path(Arrays.copyOf(split, end), end);
        key.privateKey().ifPresent(secrets::addPrivateKeyOnly);
        return new KeyExpression.Extended(key.neutered(), path, last, mark, prefixes);
    }
}
