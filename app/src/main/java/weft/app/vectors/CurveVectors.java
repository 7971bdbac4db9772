package weft.app.vectors;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import weft.crypto.EcdsaSignature;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;

/// Keys and signatures: Wycheproof, RFC 6979, recovery, BIP-0340.
final class CurveVectors {
    /// How a public key in ASN.1 begins, uncompressed.
    private static final String KEY_HEAD = "3056301006072a8648ce3d020106052b8104000a034200";

    private static final Secp256k1 CURVE = Secp256k1.get();

    private CurveVectors() {}

    private static String index(JsonNode test) {
        return "tcId " + test.path("tcId").asString("?");
    }

    /// ECDSA in strict DER with low S.
    static void wycheproofEcdsa(VectorFile file, Cases cases) {
        for (JsonNode group : file.json().required("testGroups")) {
            byte[] key = Vector.hex(group.required("publicKey"), "uncompressed");
            for (JsonNode test : group.required("tests")) {
                cases.run(index(test), () -> ecdsa(key, test));
            }
        }
    }

    private static void ecdsa(byte[] key, JsonNode test) {
        byte[] signature = Vector.hex(test, "sig");
        byte[] digest = Sha256.hash(Vector.hex(test, "msg"));
        // Consensus takes lax DER and high S; these cases ask for more.
        boolean strict =
                EcdsaSignature.parseLax(signature)
                        .filter(EcdsaSignature::isCompactLowS)
                        .map(EcdsaSignature::toDer)
                        .filter(der -> Arrays.equals(der, signature))
                        .isPresent();
        boolean valid = strict && CURVE.ecdsaVerify(signature, digest, key);
        String result = test.required("result").asString();
        Expect.same("the result", result, valid ? "valid" : "invalid");
    }

    /// Multiplication of points.
    static void wycheproofEcdh(VectorFile file, Cases cases) {
        for (JsonNode group : file.json().required("testGroups")) {
            for (JsonNode test : group.required("tests")) {
                String der = test.required("public").asString();
                String result = test.required("result").asString();
                boolean plain =
                        der.startsWith(KEY_HEAD)
                                && der.length()
                                        == KEY_HEAD.length() + 2 * Secp256k1.UNCOMPRESSED_BYTES;
                if (plain && !result.equals("acceptable")) {
                    cases.run(index(test), () -> ecdh(test, der, result.equals("valid")));
                } else {
                    cases.leaveOut("odd forms of ASN.1");
                }
            }
        }
    }

    private static void ecdh(JsonNode test, String der, boolean valid) {
        byte[] key = Vector.hex(der.substring(KEY_HEAD.length()));
        byte[] secret = bytes32(new BigInteger(test.required("private").asString(), 16));
        Expect.same("validity of the key", valid, CURVE.isValidPublicKey(key));
        if (!valid) {
            Expect.holds("there is no shared secret", CURVE.ecdh(key, secret).isEmpty());
            return;
        }
        byte[] point = CURVE.publicKeyMultiply(key, secret).orElseThrow();
        byte[] x = Arrays.copyOfRange(point, 1, 33);
        Expect.same("the shared secret", Vector.hex(test, "shared"), x);
        Expect.same("its hash", Sha256.hash(point), CURVE.ecdh(key, secret).orElseThrow());
    }

    private static byte[] bytes32(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] result = new byte[32];
        int count = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - count, result, 32 - count, count);
        return result;
    }

    /// Signatures with the nonce of RFC 6979, in DER or as two numbers.
    static void deterministic(VectorFile file, Cases cases) {
        boolean der = file.name().contains("_der_");
        int index = -1;
        for (JsonNode each : file.json()) {
            index++;
            cases.run(
                    index,
                    () -> {
                        byte[] secret = Vector.hex(each.required(0).asString());
                        String message = each.required(1).asString();
                        byte[] digest = Sha256.hash(message.getBytes(StandardCharsets.UTF_8));
                        byte[] wanted = Vector.hex(each.required(2).asString());
                        byte[] found = CURVE.ecdsaSignFirstNonce(digest, secret);
                        byte[] form = der ? found : EcdsaSignature.parseLax(found).orElseThrow();
                        Expect.same("the signature", wanted, form);
                    });
        }
    }

    /// Keys recovered from signatures, five lines each.
    static void recovery(VectorFile file, Cases cases) {
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i += 5) {
            List<String> five = lines.subList(i, Math.min(i + 5, lines.size()));
            cases.run("line " + (i + 1), () -> recover(five));
        }
    }

    private static byte[] value(List<String> lines, int at, String name) {
        String head = name + " = ";
        if (at >= lines.size() || !lines.get(at).startsWith(head)) {
            throw new IllegalArgumentException("no line of " + name);
        }
        return Vector.hex(lines.get(at).substring(head.length()));
    }

    private static void recover(List<String> five) {
        byte[] secret = value(five, 0, "privkey");
        byte[] digest = value(five, 1, "message");
        byte[] key = value(five, 2, "pubkey");
        // The library's own form: both numbers little-endian.
        byte[] raw = value(five, 3, "sig");
        byte[] signature = new byte[65];
        signature[0] = Byte.parseByte(five.getLast().substring("recid = ".length()).strip());
        for (int i = 0; i < 32; i++) {
            signature[1 + i] = raw[31 - i];
            signature[33 + i] = raw[63 - i];
        }
        byte[] compact = Arrays.copyOfRange(signature, 1, 65);
        Expect.same("the public key", key, CURVE.publicKey(secret, true));
        Optional<byte[]> recovered = CURVE.ecdsaRecover(signature, digest, true);
        Expect.same("the key recovered", key, recovered.orElseThrow());
        Expect.holds(
                "the signature verifies",
                CURVE.ecdsaVerify(EcdsaSignature.toDer(compact), digest, key));
    }

    /// Verifying and signing of BIP-0340.
    static void schnorr(VectorFile file, Cases cases) {
        for (CsvTable.Row row : file.table().rows()) {
            cases.run("index " + row.get("index"), () -> schnorr(row));
        }
    }

    private static void schnorr(CsvTable.Row row) {
        byte[] key = row.bytes("public key");
        byte[] message = row.bytes("message");
        byte[] signature = row.bytes("signature");
        boolean valid = row.get("verification result").equals("TRUE");
        Expect.same("the result", valid, CURVE.schnorrVerify(signature, message, key));
        if (row.get("secret key").isEmpty()) {
            return;
        }
        byte[] secret = row.bytes("secret key");
        Expect.same("the public key", key, CURVE.xOnlyPublicKey(secret));
        if (message.length == 32) {
            byte[] found = CURVE.schnorrSign(message, secret, row.bytes("aux_rand"));
            Expect.same("the signature made", signature, found);
        }
    }
}
