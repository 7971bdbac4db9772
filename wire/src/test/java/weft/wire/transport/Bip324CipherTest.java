package weft.wire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.testkit.Vectors;

class Bip324CipherTest {
    private static final byte[] NOTHING = {};

    private static List<Map<String, String>> vectors() {
        List<String> lines = Vectors.lines("p2p/bip324_packet_encoding.csv");
        String[] names = lines.getFirst().split(",", -1);
        return lines.subList(1, lines.size()).stream()
                .map(
                        line -> {
                            String[] cells = line.split(",", -1);
                            Map<String, String> row = new HashMap<>();
                            for (int i = 0; i < names.length; i++) {
                                row.put(names[i], cells[i]);
                            }
                            return row;
                        })
                .toList();
    }

    private static byte[] hex(Map<String, String> row, String name) {
        return Bytes.parse(Objects.requireNonNull(row.get(name))).toByteArray();
    }

    @Test
    @DisplayName("S-110 packets, session ids and terminators are those of BIP324's vectors")
    void shouldEncryptAsBip324Says() {
        assertThat(vectors()).hasSize(7);
        for (Map<String, String> row : vectors()) {
            boolean initiating = "1".equals(row.get("in_initiating"));
            Bip324Cipher cipher =
                    Bip324Cipher.agree(
                            Magic.MAIN,
                            hex(row, "in_priv_ours"),
                            hex(row, "in_ellswift_ours"),
                            hex(row, "in_ellswift_theirs"),
                            initiating);
            assertThat(cipher.sessionId().toHex()).isEqualTo(row.get("out_session_id"));
            assertThat(Bytes.wrap(cipher.sendTerminator()).toHex())
                    .isEqualTo(row.get("mid_send_garbage_terminator"));
            assertThat(Bytes.wrap(cipher.receiveTerminator()).toHex())
                    .isEqualTo(row.get("mid_recv_garbage_terminator"));
            for (int i = Integer.parseInt(row.get("in_idx")); i > 0; i--) {
                cipher.encrypt(NOTHING, NOTHING, false);
            }
            Bytes once = Bytes.parse(Objects.requireNonNull(row.get("in_contents")));
            int times = Integer.parseInt(row.get("in_multiply"));
            byte[] contents = new byte[once.length() * times];
            for (int i = 0; i < times; i++) {
                once.copyTo(contents, i * once.length());
            }
            String packet =
                    Bytes.wrap(
                                    cipher.encrypt(
                                            contents,
                                            hex(row, "in_aad"),
                                            "1".equals(row.get("in_ignore"))))
                            .toHex();
            String whole = Objects.requireNonNull(row.get("out_ciphertext"));
            if (!whole.isEmpty()) {
                assertThat(packet).isEqualTo(whole);
            }
            assertThat(packet).endsWith(Objects.requireNonNull(row.get("out_ciphertext_endswith")));
        }
    }

    @Test
    @DisplayName("S-113 a new key after 224 packets: without the change, packets cannot be read")
    void shouldChangeKeysAfter224Packets() {
        byte[] secretA = Bytes.parse("01".repeat(32)).toByteArray();
        byte[] secretB = Bytes.parse("02".repeat(32)).toByteArray();
        byte[] keyA = Secp256k1.get().ellswiftCreate(secretA, new byte[32]);
        byte[] keyB = Secp256k1.get().ellswiftCreate(secretB, new byte[32]);
        Bip324Cipher a = Bip324Cipher.agree(Magic.MAIN, secretA, keyA, keyB, true);
        Bip324Cipher b = Bip324Cipher.agree(Magic.MAIN, secretB, keyB, keyA, false);
        for (int i = 0; i < 3 * Bip324Cipher.REKEY_PACKETS; i++) {
            byte[] packet = a.encrypt(new byte[] {(byte) i}, NOTHING, false);
            assertThat(b.decryptLength(java.util.Arrays.copyOf(packet, 3))).isOne();
            var opened = b.open(packet, packet.length, NOTHING);
            assertThat(opened.orElseThrow().contents().at(0)).isEqualTo(i & 0xff);
        }
    }

    @Test
    @DisplayName("S-113 the ciphers of a closed session cannot be used any more")
    void shouldRefuseToWorkAfterClose() {
        byte[] secret = Bytes.parse("01".repeat(32)).toByteArray();
        byte[] key = Secp256k1.get().ellswiftCreate(secret, new byte[32]);
        Bip324Cipher cipher = Bip324Cipher.agree(Magic.MAIN, secret, key, key, true);
        cipher.close();
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> cipher.encrypt(NOTHING, NOTHING, false))
                .isInstanceOf(Throwable.class);
    }
}
