package weft.wire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.HkdfSha256;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.testkit.HeapSearch;
import weft.wire.Ping;

class KeysAreDestroyedTest {
    private static final List<String> NAMES =
            List.of("initiator_L", "initiator_P", "responder_L", "responder_P");

    /// The keys of a session, masked, from what the initiator knows.
    private static List<byte[]> maskedKeys(byte[] maskedSecret, byte[] ourKey, byte[] theirKey) {
        byte[] secret = HeapSearch.mask(maskedSecret.clone());
        byte[] shared = Secp256k1.get().ellswiftXdhBip324(ourKey, theirKey, secret, true);
        byte[] label = "bitcoin_v2_shared_secret".getBytes(StandardCharsets.US_ASCII);
        Bytes salt = Bytes.wrap(label).plus(Magic.MAIN);
        var keys = HkdfSha256.extract(salt.toByteArray(), shared);
        Arrays.fill(secret, (byte) 0);
        var masked = new ArrayList<byte[]>();
        for (String name : NAMES) {
            masked.add(HeapSearch.mask(keys.expand(name.getBytes(StandardCharsets.US_ASCII))));
        }
        masked.add(HeapSearch.mask(shared));
        masked.add(maskedSecret);
        return masked;
    }

    @Test
    @DisplayName("S-113 after the end of a session its keys are nowhere in memory")
    void shouldLeaveNoKeyInTheHeap() {
        Transport alice = Transport.v2Initiator(1, Magic.MAIN, new SeededEntropy(77, 0));
        Transport bob = Transport.detecting(2, Magic.MAIN, new SeededEntropy(78, 0));
        byte[] maskedSecret = HeapSearch.mask(new SeededEntropy(77, 0).bytes(32));
        assertThat(HeapSearch.find(List.of(maskedSecret))).containsExactly(true);
        byte[] aliceKey = Events.sent(alice).toByteArray();
        bob.push(aliceKey, 0, aliceKey.length);
        byte[] answer = Events.sent(bob).toByteArray();
        alice.push(answer, 0, answer.length);
        bob.push(Events.sent(alice));
        alice.send(Ping.of(1));
        bob.push(Events.sent(alice));
        assertThat(bob.protocol()).isEqualTo(Protocol.V2);
        List<byte[]> masked = maskedKeys(maskedSecret, aliceKey, Arrays.copyOf(answer, 64));
        assertThat(HeapSearch.find(masked).subList(0, NAMES.size())).contains(true);
        alice.close();
        bob.close();
        assertThat(HeapSearch.find(masked)).isEqualTo(Collections.nCopies(masked.size(), false));
        assertThat(alice.sessionId()).isEmpty();
        assertThat(bob.sessionId()).isEmpty();
    }
}
