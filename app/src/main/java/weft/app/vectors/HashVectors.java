package weft.app.vectors;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import weft.crypto.HkdfSha256;
import weft.crypto.HmacSha256;
import weft.crypto.HmacSha512;
import weft.crypto.MuHash3072;
import weft.crypto.Murmur3;
import weft.crypto.Ripemd160;
import weft.crypto.Sha256;
import weft.crypto.SipHash;

/// Sections of `core_crypto_vectors.json` about hashes.
final class HashVectors {
    private static final int REPEATED_MAX = 1 << 26;

    private HashVectors() {}

    /// A case of a section; false if the section is not about hashes.
    static boolean run(String section, JsonNode each) {
        switch (section) {
            case "sha1" -> digest(each, input -> jdk("SHA-1", input));
            case "sha256" -> digest(each, Sha256::hash);
            case "sha512" -> digest(each, input -> jdk("SHA-512", input));
            case "sha3_256" -> digest(each, input -> jdk("SHA3-256", input));
            case "ripemd160" -> digest(each, Ripemd160::hash);
            case "hmac_sha256" ->
                    Expect.same(
                            "the code",
                            Vector.hex(each, "mac"),
                            HmacSha256.hash(Vector.hex(each, "key"), Vector.hex(each, "message")));
            case "hmac_sha512" ->
                    Expect.same(
                            "the code",
                            Vector.hex(each, "mac"),
                            HmacSha512.hash(Vector.hex(each, "key"), Vector.hex(each, "message")));
            case "hkdf_sha256_32" -> {
                var keys = HkdfSha256.extract(Vector.hex(each, "salt"), Vector.hex(each, "ikm"));
                byte[] found = keys.expand(Vector.hex(each, "info"));
                Expect.same("the key", Vector.hex(each, "okm"), found);
            }
            case "murmurhash3" -> {
                int seed = (int) each.required("seed").asLong();
                long found = Integer.toUnsignedLong(Murmur3.hash(seed, Vector.hex(each, "data")));
                Expect.same("the hash", each.required("hash").asLong(), found);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static byte[] jdk(String algorithm, byte[] input) {
        try {
            return MessageDigest.getInstance(algorithm).digest(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    private static void digest(JsonNode each, UnaryOperator<byte[]> hash) {
        Expect.same("the digest", Vector.hex(each, "digest"), hash.apply(input(each)));
    }

    private static byte[] input(JsonNode each) {
        if (!each.has("repeat_char")) {
            return Vector.hex(each, each.has("input_hex") ? "input_hex" : "input");
        }
        int count = each.required("count").asInt();
        if (count < 0 || count > REPEATED_MAX) {
            throw new IllegalArgumentException("count " + count);
        }
        byte[] input = new byte[count];
        Arrays.fill(input, (byte) each.get("repeat_char").asString().charAt(0));
        return input;
    }

    /// Hash by hash of `siphash_2_4`.
    static void sipHash(JsonNode section, Cases cases) {
        long k0 = Long.parseUnsignedLong(section.required("k0").asString(), 16);
        long k1 = Long.parseUnsignedLong(section.required("k1").asString(), 16);
        JsonNode hashes = section.required("hashes");
        byte[] input = new byte[hashes.size()];
        for (int i = 0; i < hashes.size(); i++) {
            input[i] = (byte) i;
            int length = i;
            cases.run(
                    "siphash_2_4 #" + i,
                    () -> {
                        long found = SipHash.hash(k0, k1, Arrays.copyOf(input, length));
                        String wanted = hashes.required(length).asString();
                        Expect.same("the hash", Long.parseUnsignedLong(wanted, 16), found);
                    });
        }
    }

    /// Cases of `muhash3072`.
    static void muHash(JsonNode section, Cases cases) {
        int index = -1;
        for (JsonNode each : section.required("combine")) {
            index++;
            cases.run("muhash3072 combine #" + index, () -> combine(each));
        }
        cases.run(
                "muhash3072 serialized",
                () -> {
                    var set = new MuHash3072().insert(element(1)).insert(element(2));
                    byte[] wanted = Vector.hex(section, "serialized_insert_1_2");
                    Expect.same("the state", wanted, set.toByteArray());
                });
        cases.run(
                "muhash3072 overflow",
                () -> {
                    JsonNode overflow = section.required("overflow");
                    var set = MuHash3072.of(Vector.hex(overflow, "serialized"));
                    Expect.same("the hash", Vector.hex(overflow, "finalize_bytes"), set.hash());
                });
    }

    private static void combine(JsonNode each) {
        var set = new MuHash3072();
        each.required("insert").forEach(number -> set.insert(element(number.asInt())));
        each.required("remove").forEach(number -> set.remove(element(number.asInt())));
        byte[] wanted = Vector.hex(each, "finalize_rpc_order");
        byte[] found = set.hash();
        for (int i = 0, j = found.length - 1; i < j; i++, j--) {
            byte first = found[i];
            found[i] = found[j];
            found[j] = first;
        }
        Expect.same("the hash", wanted, found);
    }

    private static byte[] element(int number) {
        byte[] element = new byte[32];
        element[0] = (byte) number;
        return element;
    }
}
