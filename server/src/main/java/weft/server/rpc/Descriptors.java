package weft.server.rpc;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.TaggedHash;
import weft.wallet.sign.OutputType;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;

/// Output descriptors as far as a node without a wallet needs them: their checksum, what describes a given
/// script, and the scripts of simple ones with plain public keys.
final class Descriptors {
    private static final String INPUT_CHARSET =
            "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
                    + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
    private static final String CHECKSUM_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final long[] GENERATOR = {
        0xf5dee51989L, 0xa9fdca3312L, 0x1bab10e32dL, 0x3706b1677aL, 0x644d626ffdL
    };
    private static final int CHECKSUM_LENGTH = 8;
    private static final int BARE_KEYS_MAX = 3;
    private static final HexFormat HEX = HexFormat.of();

    private Descriptors() {}

    private static long step(long c, int value) {
        long top = c >>> 35;
        long next = ((c & 0x7ffffffffL) << 5) ^ value;
        for (int i = 0; i < GENERATOR.length; i++) {
            if ((top >>> i & 1) == 1) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }

    /// The eight characters after `#`; empty if a character cannot be in a descriptor.
    static String checksum(String descriptor) {
        long c = 1;
        int group = 0;
        int count = 0;
        for (int i = 0; i < descriptor.length(); i++) {
            int position = INPUT_CHARSET.indexOf(descriptor.charAt(i));
            if (position < 0) {
                return "";
            }
            c = step(c, position & 31);
            group = group * 3 + (position >> 5);
            if (++count == 3) {
                c = step(c, group);
                group = 0;
                count = 0;
            }
        }
        if (count > 0) {
            c = step(c, group);
        }
        for (int i = 0; i < CHECKSUM_LENGTH; i++) {
            c = step(c, 0);
        }
        c ^= 1;
        var text = new StringBuilder();
        for (int i = 0; i < CHECKSUM_LENGTH; i++) {
            text.append(CHECKSUM_CHARSET.charAt((int) (c >>> (5 * (7 - i))) & 31));
        }
        return text.toString();
    }

    static String withChecksum(String descriptor) {
        return descriptor + "#" + checksum(descriptor);
    }

    /// The descriptor that says most of a script when no keys are known, with checksum.
    static String describe(Bytes script, AddressPrefixes prefixes) {
        OutputType type = OutputType.of(script);
        String found = null;
        if (type == OutputType.PUBKEY) {
            Bytes key = OutputType.publicKey(script);
            found = isValid(key) ? "pk(" + key.toHex() + ")" : null;
        } else if (type == OutputType.MULTISIG) {
            found = describeMultisig(script);
        } else if (type == OutputType.WITNESS_V1_TAPROOT) {
            Bytes key = script.from(2);
            found =
                    Secp256k1.get().isValidXOnly(key.toByteArray())
                            ? "rawtr(" + key.toHex() + ")"
                            : null;
        }
        if (found == null) {
            found =
                    Address.of(script)
                            .map(address -> "addr(" + address.encode(prefixes) + ")")
                            .orElse("raw(" + script.toHex() + ")");
        }
        return withChecksum(found);
    }

    private static boolean isValid(Bytes key) {
        return Secp256k1.get().isValidPublicKey(key.toByteArray());
    }

    private static @Nullable String describeMultisig(Bytes script) {
        List<Bytes> keys = OutputType.multisigKeys(script);
        if (keys.size() > BARE_KEYS_MAX || !keys.stream().allMatch(Descriptors::isValid)) {
            return null;
        }
        return keys.stream()
                .map(Bytes::toHex)
                .collect(
                        Collectors.joining(
                                ",", "multi(" + OutputType.small(script.at(0)) + ",", ")"));
    }

    /// A descriptor without its checksum, which is checked if it is there.
    ///
    /// @throws RpcException if the checksum is wrong, or missing where it must be there
    static String checked(String descriptor, boolean mustHaveChecksum) {
        int hash = descriptor.indexOf('#');
        if (hash < 0) {
            if (mustHaveChecksum) {
                throw RpcException.notFound("Missing checksum");
            }
            return descriptor;
        }
        String body = descriptor.substring(0, hash);
        String given = descriptor.substring(hash + 1);
        if (given.indexOf('#') >= 0) {
            throw RpcException.notFound("Multiple '#' symbols");
        }
        if (given.length() != CHECKSUM_LENGTH) {
            throw RpcException.notFound(
                    "Expected 8 character checksum, not " + given.length() + " characters");
        }
        String computed = checksum(body);
        if (computed.isEmpty()) {
            throw RpcException.notFound("Invalid characters in payload");
        }
        if (!computed.equals(given)) {
            throw RpcException.notFound(
                    "Provided checksum '"
                            + given
                            + "' does not match computed checksum '"
                            + computed
                            + "'");
        }
        return body;
    }

    /// The script that pays to a descriptor.
    ///
    /// @return empty if the text is no descriptor of a kind known here
    /// @throws RpcException if it is one, but with something wrong in it
    static Optional<Bytes> script(String descriptor, AddressPrefixes prefixes) {
        String body = checked(descriptor, false);
        int open = body.indexOf('(');
        if (open < 0 || !body.endsWith(")")) {
            return Optional.empty();
        }
        String inside = body.substring(open + 1, body.length() - 1);
        return switch (body.substring(0, open)) {
            case "raw" -> Optional.of(raw(inside));
            case "addr" -> Optional.of(address(inside, prefixes));
            case "pk" -> Optional.of(payToKey(key(inside)));
            case "pkh" -> Optional.of(keyHash(key(inside)).scriptPubKey());
            case "wpkh" -> Optional.of(witnessKeyHash(inside));
            case "combo" -> Optional.of(combo(key(inside)));
            case "sh" -> script(inside, prefixes).map(Descriptors::scriptHash);
            case "tr" -> Optional.of(taproot(inside));
            case "rawtr" ->
                    Optional.of(new Address.WitnessProgram(1, xOnly(inside)).scriptPubKey());
            default -> Optional.empty();
        };
    }

    private static Bytes raw(String hex) {
        if (!RpcCall.isHex(hex)) {
            throw RpcException.notFound("Raw script is not hex");
        }
        return Bytes.parse(hex);
    }

    private static Bytes address(String text, AddressPrefixes prefixes) {
        try {
            return Address.parse(text, prefixes).scriptPubKey();
        } catch (AddressFault e) {
            throw RpcException.notFound("Address is not valid");
        }
    }

    private static Bytes key(String text) {
        int origin = text.indexOf(']');
        String hex = text.startsWith("[") && origin > 0 ? text.substring(origin + 1) : text;
        if (hex.endsWith("*") || hex.endsWith("*'") || hex.endsWith("*h")) {
            throw RpcException.parameter(
                    "Ranged descriptor not accepted. Maybe pass through deriveaddresses first?");
        }
        if (!RpcCall.isHex(hex) || !isValid(Bytes.parse(hex))) {
            throw RpcException.notFound("key '" + hex + "' is not valid");
        }
        return Bytes.parse(hex);
    }

    private static Bytes xOnly(String text) {
        if (RpcCall.isHex(text) && text.length() == 2 * Secp256k1.X_ONLY_BYTES) {
            byte[] key = HEX.parseHex(text);
            if (Secp256k1.get().isValidXOnly(key)) {
                return Bytes.wrap(key);
            }
        }
        Bytes full = key(text);
        if (full.length() != Secp256k1.COMPRESSED_BYTES) {
            throw RpcException.notFound("Uncompressed keys are not allowed");
        }
        return full.from(1);
    }

    private static Bytes payToKey(Bytes key) {
        return new ScriptBuilder().push(key).op(Opcode.OP_CHECKSIG).build();
    }

    private static Address keyHash(Bytes key) {
        return new Address.P2pkh(Bytes.wrap(Hash160.hash(key.toByteArray())));
    }

    private static Bytes scriptHash(Bytes script) {
        return new Address.P2sh(Bytes.wrap(Hash160.hash(script.toByteArray()))).scriptPubKey();
    }

    private static Bytes witnessKeyHash(String inside) {
        Bytes key = key(inside);
        if (key.length() != Secp256k1.COMPRESSED_BYTES) {
            throw RpcException.notFound("wpkh(): Uncompressed keys are not allowed");
        }
        return new Address.WitnessProgram(0, Bytes.wrap(Hash160.hash(key.toByteArray())))
                .scriptPubKey();
    }

    private static Bytes combo(Bytes key) {
        // Of all that a combo stands for, the miner takes the one for witnesses if the key allows
        // it.
        return key.length() == Secp256k1.COMPRESSED_BYTES
                ? witnessKeyHash(key.toHex())
                : keyHash(key).scriptPubKey();
    }

    private static Bytes taproot(String inside) {
        byte[] internal = xOnly(inside).toByteArray();
        byte[] tweak = TaggedHash.of("TapTweak").hash(internal);
        byte[] output =
                Secp256k1.get()
                        .xOnlyTweakAdd(internal, tweak)
                        .orElseThrow(
                                () -> RpcException.notFound("key '" + inside + "' is not valid"));
        Bytes whole = Bytes.wrap(output);
        Bytes key = whole.length() == Secp256k1.X_ONLY_BYTES ? whole : whole.from(1);
        return new Address.WitnessProgram(1, key).scriptPubKey();
    }
}
