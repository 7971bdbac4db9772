package weft.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Vectors;
import weft.wallet.descriptor.Descriptor;
import weft.wallet.descriptor.DescriptorFault;
import weft.wallet.psbt.Psbt;
import weft.wallet.psbt.PsbtAnalysis;
import weft.wallet.psbt.PsbtSigner;
import weft.wallet.sign.SigningProvider;

/// Whatever comes in is read, or refused in the one way that is said; nothing else happens.
class HostileInputTest {
    private static final AddressPrefixes MAIN = ChainParams.of(Network.MAIN).addressPrefixes();

    private static Optional<Psbt> read(byte[] bytes) {
        try {
            return Optional.of(Psbt.parse(Base64.getEncoder().encodeToString(bytes)));
        } catch (MalformedBytes _) {
            return Optional.empty();
        }
    }

    private static byte[] changed(SplittableRandom random, byte[] original) {
        byte[] bytes = original.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(10) == 0
                ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length))
                : bytes;
    }

    @Test
    void shouldSurviveBrokenPsbts() {
        var originals = new ArrayList<byte[]>();
        for (JsonNode each : Vectors.json("keys/psbt_bips.json").path("bip371")) {
            originals.add(Base64.getDecoder().decode(each.path("base64").asString()));
        }
        for (JsonNode each : Vectors.json("wallet/rpc_psbt.json").path("valid")) {
            originals.add(Base64.getDecoder().decode(each.asString()));
        }
        var counts = new int[2];
        Property.holds(
                20,
                random -> {
                    for (int i = 0; i < 100; i++) {
                        byte[] original = originals.get(random.nextInt(originals.size()));
                        byte[] bytes = changed(random, original);
                        Optional<Psbt> psbt = read(bytes);
                        counts[psbt.isPresent() ? 1 : 0]++;
                        if (psbt.isPresent()) {
                            String text = psbt.get().toBase64();
                            assertThat(Psbt.parse(text).toBase64()).isEqualTo(text);
                            PsbtAnalysis.of(Psbt.parse(text));
                            new PsbtSigner(Psbt.parse(text)).extract();
                        }
                    }
                });
        assertThat(counts[0]).isGreaterThan(100);
        assertThat(counts[1]).isGreaterThan(100);
    }

    @Test
    void shouldSurviveBrokenDescriptors() {
        var originals = new ArrayList<String>();
        for (var bip : Vectors.json("keys/descriptors_bips.json").properties()) {
            bip.getValue()
                    .path("valid")
                    .forEach(each -> originals.add(each.path("descriptor").asString()));
        }
        originals.add(
                "wsh(or_d(pk(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5),"
                        + "and_v(v:thresh(1,pkh(02f9308a019258c31049344f85f89d5229b531c845836f99b08601"
                        + "f113bce036f9)),older(144))))");
        String letters = "(){},:/*'h[]#0123456789abcdefwshtrpkmulti_";
        var counts = new int[2];
        Property.holds(
                20,
                random -> {
                    for (int i = 0; i < 200; i++) {
                        var text =
                                new StringBuilder(originals.get(random.nextInt(originals.size())));
                        int at = random.nextInt(text.length());
                        char letter = letters.charAt(random.nextInt(letters.length()));
                        switch (random.nextInt(3)) {
                            case 0 -> text.setCharAt(at, letter);
                            case 1 -> text.insert(at, letter);
                            default -> text.deleteCharAt(at);
                        }
                        counts[isDescriptor(text.toString()) ? 1 : 0]++;
                    }
                });
        assertThat(counts[0]).isGreaterThan(1_000);
        assertThat(counts[1]).isGreaterThan(10);
    }

    private static boolean isDescriptor(String text) {
        var secrets = new SigningProvider();
        try {
            Descriptor descriptor = Descriptor.parse(text, MAIN, secrets, false);
            String written = descriptor.text();
            assertThat(Descriptor.parse(written, MAIN, new SigningProvider(), true).text())
                    .isEqualTo(written);
            descriptor.expand(7, secrets, new SigningProvider());
            return true;
        } catch (DescriptorFault _) {
            return false;
        }
    }

    @Test
    void shouldDescribeEveryScript() {
        List<Bytes> scripts = new ArrayList<>();
        for (String line : Vectors.lines("keys/miniscript/scripts_from_rust_tap.tsv.gz")) {
            String hex = line.substring(line.indexOf('\t') + 1);
            if (!hex.equals("ERR")) {
                scripts.add(Bytes.parse(hex));
            }
        }
        Property.holds(
                10,
                random -> {
                    for (int i = 0; i < 100; i++) {
                        Bytes original = scripts.get(random.nextInt(scripts.size()));
                        Bytes script = Bytes.wrap(changed(random, original.toByteArray()));
                        var known = new SigningProvider();
                        known.addScript(script);
                        Bytes wrapped =
                                new weft.primitives.address.Address.WitnessProgram(
                                                0,
                                                Bytes.wrap(
                                                        weft.crypto.Sha256.hash(
                                                                script.toByteArray())))
                                        .scriptPubKey();
                        String text = Descriptor.infer(wrapped, known, MAIN).text();
                        assertThat(Descriptor.parse(text, MAIN, known, true).text())
                                .isEqualTo(text);
                    }
                });
    }
}
