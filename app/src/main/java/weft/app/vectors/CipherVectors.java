package weft.app.vectors;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import weft.crypto.ChaCha20;
import weft.crypto.ChaCha20Poly1305;
import weft.crypto.FsChaCha20;
import weft.crypto.FsChaCha20Poly1305;
import weft.crypto.Poly1305;
import weft.primitives.Bytes;

/// `core_crypto_vectors.json`: hashes by [HashVectors], ciphers here.
final class CipherVectors {
    private static final int PACKETS_MAX = 1 << 20;

    private CipherVectors() {}

    /// All sections.
    static void all(VectorFile file, Cases cases) {
        for (var section : file.json().properties()) {
            String name = section.getKey();
            JsonNode content = section.getValue();
            if (name.equals("siphash_2_4")) {
                HashVectors.sipHash(content, cases);
            } else if (name.equals("muhash3072")) {
                HashVectors.muHash(content, cases);
            } else if (content.isArray()) {
                int index = -1;
                for (JsonNode each : content) {
                    index++;
                    cases.run(name + " #" + index, () -> run(name, each));
                }
            }
        }
    }

    private static void run(String section, JsonNode each) {
        if (HashVectors.run(section, each)) {
            return;
        }
        switch (section) {
            case "chacha20" -> chaCha20(each);
            case "fschacha20" -> forwardSecret(each);
            case "poly1305" ->
                    Expect.same(
                            "the tag",
                            Vector.hex(each, "tag"),
                            Poly1305.tag(Vector.hex(each, "key"), Vector.hex(each, "message")));
            case "chacha20_poly1305" -> sealed(each);
            case "fschacha20_poly1305" -> forwardSecretSealed(each);
            case "aes256_ecb", "aes256_cbc" -> aes(each, section.endsWith("cbc"));
            default -> throw new Mismatch("there is no " + section + " in this program");
        }
    }

    private static int nonceFirst(JsonNode node) {
        return (int) node.required("nonce_first32_next64").required(0).asLong();
    }

    private static long nonceRest(JsonNode node) {
        return node.required("nonce_first32_next64").required(1).bigIntegerValue().longValue();
    }

    private static void chaCha20(JsonNode each) {
        byte[] output = Vector.hex(each, "output");
        byte[] text = Vector.hex(each, "plaintext");
        var cipher = new ChaCha20(Vector.hex(each, "key"));
        cipher.seek(nonceFirst(each), nonceRest(each), (int) each.required("seek").asLong());
        if (text.length == 0) {
            text = cipher.keystream(output.length);
        } else {
            cipher.crypt(text, 0, text.length);
        }
        Expect.same("the output", output, text);
    }

    private static int packets(JsonNode each, String field) {
        int packets = each.required(field).asInt();
        if (packets < 0 || packets > PACKETS_MAX) {
            throw new IllegalArgumentException(field + " " + packets);
        }
        return packets;
    }

    private static void forwardSecret(JsonNode each) {
        int interval = packets(each, "rekey_interval");
        var cipher = new FsChaCha20(Vector.hex(each, "key"), interval);
        byte[] plain = Vector.hex(each, "plaintext");
        byte[] text = plain;
        for (int i = 0; i <= interval; i++) {
            text = plain.clone();
            cipher.crypt(text, 0, text.length);
        }
        Expect.same("the output", Vector.hex(each, "ciphertext_after_rotation"), text);
    }

    private static void sealed(JsonNode each) {
        var cipher = new ChaCha20Poly1305(Vector.hex(each, "key"));
        byte[] plain = Vector.hex(each, "plaintext");
        byte[] aad = Vector.hex(each, "aad");
        byte[] found = cipher.encrypt(nonceFirst(each), nonceRest(each), aad, plain);
        Expect.same("the ciphertext", Vector.hex(each, "ciphertext"), found);
        Optional<byte[]> opened = cipher.decrypt(nonceFirst(each), nonceRest(each), aad, found);
        Expect.same("the text opened", plain, opened.orElseThrow());
    }

    private static void forwardSecretSealed(JsonNode each) {
        byte[] key = Vector.hex(each, "key");
        var sender = new FsChaCha20Poly1305(key);
        var receiver = new FsChaCha20Poly1305(key);
        byte[] nothing = {};
        for (int i = packets(each, "message_index"); i > 0; i--) {
            byte[] before = sender.encrypt(nothing, nothing);
            Expect.holds("a packet opens", receiver.decrypt(nothing, before).isPresent());
        }
        byte[] aad = Vector.hex(each, "aad");
        byte[] plain = Vector.hex(each, "plaintext");
        byte[] found = sender.encrypt(aad, plain);
        Expect.same("the ciphertext", Vector.hex(each, "ciphertext"), found);
        Expect.same("the text opened", plain, receiver.decrypt(aad, found).orElseThrow());
    }

    /// With the JDK's cipher: this program has none of its own.
    private static void aes(JsonNode each, boolean chained) {
        boolean padded = each.path("pad").asBoolean(false);
        String mode = (chained ? "CBC" : "ECB") + (padded ? "/PKCS5Padding" : "/NoPadding");
        var key = new SecretKeySpec(Vector.hex(each, "key"), "AES");
        var iv = chained ? new IvParameterSpec(Vector.hex(each, "iv")) : null;
        try {
            Cipher cipher = Cipher.getInstance("AES/" + mode);
            cipher.init(Cipher.ENCRYPT_MODE, key, iv);
            byte[] found = cipher.doFinal(Vector.hex(each, "plaintext"));
            Expect.same("the ciphertext", Vector.hex(each, "ciphertext"), found);
            cipher.init(Cipher.DECRYPT_MODE, key, iv);
            Expect.same(
                    "the text",
                    Vector.bytes(each.required("plaintext")),
                    Bytes.wrap(cipher.doFinal(found)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
