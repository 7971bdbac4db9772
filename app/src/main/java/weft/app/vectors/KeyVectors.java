package weft.app.vectors;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Hash160;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.Base58;
import weft.primitives.address.Bech32;
import weft.primitives.address.PrivateKey;
import weft.primitives.codec.ByteWriter;

/// Texts of keys and addresses.
final class KeyVectors {
    private static final int BYTES_MAX = 10_000;
    private static final List<AddressPrefixes> NETWORKS =
            Stream.of(Network.values())
                    .map(each -> ChainParams.of(each).addressPrefixes())
                    .toList();

    private KeyVectors() {}

    /// `base58_encode_decode.json`.
    static void base58(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(
                    index,
                    () -> {
                        byte[] bytes = Vector.hex(each.required(0).asString());
                        String text = each.required(1).asString();
                        Expect.same("the text", text, Base58.encode(bytes));
                        byte[] found = Base58.decode(text, BYTES_MAX).orElseThrow();
                        Expect.same("the bytes", bytes, found);
                    });
        }
    }

    private static AddressPrefixes prefixes(String chain) {
        return Network.parse(chain)
                .map(each -> ChainParams.of(each).addressPrefixes())
                .orElseThrow(() -> new IllegalArgumentException("no chain " + chain));
    }

    /// `key_io_valid.json`.
    static void valid(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(index, () -> valid(each));
        }
    }

    private static void valid(JsonNode each) {
        String text = each.required(0).asString();
        Bytes content = Vector.bytes(each.required(1));
        JsonNode about = each.required(2);
        AddressPrefixes network = prefixes(about.required("chain").asString());
        if (about.required("isPrivkey").asBoolean()) {
            PrivateKey key = PrivateKey.parse(text, network).orElseThrow();
            Expect.same("the secret", content, key.secret());
            boolean compressed = about.required("isCompressed").asBoolean();
            Expect.same("compression", compressed, key.isCompressed());
            Expect.same("the text", text, key.encode(network));
            Expect.holds("it is no address", !isAddress(text, network));
            return;
        }
        Address address = Address.parse(text, network);
        Expect.same("the script", content, address.scriptPubKey());
        Expect.same("the text", text, address.encode(network));
        Expect.same("the address", Optional.of(address), Address.of(content));
        Expect.holds("it is no key", PrivateKey.parse(text, network).isEmpty());
        if (about.path("tryCaseFlip").asBoolean(false)) {
            Address flipped = Address.parse(caseFlipped(text), network);
            Expect.same("the address", address, flipped);
        }
    }

    private static String caseFlipped(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return upper.equals(text) ? text.toLowerCase(Locale.ROOT) : upper;
    }

    private static boolean isAddress(String text, AddressPrefixes network) {
        try {
            return Address.parse(text, network).scriptPubKey().length() > 0;
        } catch (AddressFault _) {
            return false;
        }
    }

    /// `key_io_invalid.json`.
    static void invalid(VectorFile file, Cases cases) {
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(index, () -> refused(each.required(0).asString()));
        }
    }

    private static void refused(String text) {
        for (AddressPrefixes network : NETWORKS) {
            Expect.holds("it is no address", !isAddress(text, network));
            Expect.holds("it is no key", PrivateKey.parse(text, network).isEmpty());
        }
    }

    /// `bip173_bip350_bech32.json`. Of the older part only the texts: its addresses of later versions are
    /// no longer valid.
    static void bech32(VectorFile file, Cases cases) {
        JsonNode all = file.json();
        texts(all.path("bip173_bech32"), Bech32.Encoding.BECH32, cases);
        JsonNode newer = all.path("bip350_bech32m");
        texts(newer, Bech32.Encoding.BECH32M, cases);
        for (JsonNode each : newer.path("valid_addresses")) {
            String text = each.path("address").asString("");
            cases.run(text, () -> validAddress(each, text));
        }
        for (JsonNode each : newer.path("invalid_addresses")) {
            String text = each.path("address").asString("");
            cases.run(text, () -> refused(text));
        }
    }

    private static void validAddress(JsonNode each, String text) {
        boolean main = text.toLowerCase(Locale.ROOT).startsWith("bc");
        AddressPrefixes network = prefixes(main ? "main" : "test");
        Address address = Address.parse(text, network);
        Expect.same(
                "the script", Vector.bytes(each.required("scriptPubKey")), address.scriptPubKey());
        Expect.same("the text", text.toLowerCase(Locale.ROOT), address.encode(network));
    }

    private static void texts(JsonNode section, Bech32.Encoding encoding, Cases cases) {
        for (JsonNode each : section.path("valid")) {
            String text = text(each);
            cases.run(
                    text,
                    () -> {
                        Bech32.Decoded decoded = Bech32.decode(text).orElseThrow();
                        Expect.same("the encoding", encoding, decoded.encoding());
                        byte[] values = decoded.values().toByteArray();
                        String again = Bech32.encode(encoding, decoded.hrp(), values);
                        Expect.same("the text", text.toLowerCase(Locale.ROOT), again);
                    });
        }
        for (JsonNode each : section.path("invalid")) {
            String text = text(each);
            cases.run(text, () -> Expect.holds("it cannot be read", Bech32.decode(text).isEmpty()));
        }
    }

    private static String text(JsonNode node) {
        if (node.isString()) {
            return node.asString();
        }
        if (node.has("string")) {
            return node.get("string").asString();
        }
        return new String(Vector.hex(node, "bytes_hex"), StandardCharsets.ISO_8859_1);
    }

    /// `signmessage.json`: the message is the address.
    static void messages(VectorFile file, Cases cases) {
        AddressPrefixes main = prefixes("main");
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(
                    index,
                    () -> {
                        String text = each.required("address").asString();
                        String wif = each.required("wif").asString();
                        PrivateKey key = PrivateKey.parse(wif, main).orElseThrow();
                        byte[] hash = Hash160.hash(key.publicKey().toByteArray());
                        Address address = new Address.P2pkh(Bytes.wrap(hash));
                        Expect.same("the address", text, address.encode(main));
                        String signature = each.required("signature").asString();
                        signedBy(key, text, Base64.getDecoder().decode(signature));
                    });
        }
    }

    private static void signedBy(PrivateKey key, String message, byte[] signature) {
        var signed = new ByteWriter().varString("Bitcoin Signed Message:\n").varString(message);
        byte[] digest = Sha256.hashTwice(signed.toByteArray());
        // 27 to 30 for keys not compressed, 31 to 34 for those that are.
        int head = signature[0] - 27;
        byte[] recoverable = signature.clone();
        recoverable[0] = (byte) (head & 3);
        boolean compressed = (head & 4) != 0;
        byte[] found = Secp256k1.get().ecdsaRecover(recoverable, digest, compressed).orElseThrow();
        boolean same = Arrays.equals(found, key.publicKey().toByteArray());
        Expect.holds("the key of the address signed", same);
    }
}
