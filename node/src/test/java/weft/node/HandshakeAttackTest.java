package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.Headers;
import weft.wire.Message;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionMessage;

/// Every message before `version`, before `verack`, and after both.
class HandshakeAttackTest implements SeenRed {
    /// All that we say before the other's `verack`.
    private static final Set<String> FIRST_WORDS =
            Set.of("version", "wtxidrelay", "sendaddrv2", "verack");

    private final Scene scene = new Scene();
    private final Target target = scene.target;

    /// What would have an effect if it were heard.
    private final Block block = target.block(List.of());

    private final Transaction payment = Target.spend(scene.coin(1), Target.COIN - 10_000);

    private List<Message> every() {
        var hash = new Digest256(7, 7, 7, 7);
        var all = new ArrayList<>(new EveryMessage(hash, 1, 1_000, block.header()).all());
        all.removeIf(each -> each instanceof BlockMessage);
        all.add(BlockMessage.of(block));
        all.add(TxMessage.of(payment));
        all.add(new Headers(List.of(block.header())));
        return all;
    }

    private static List<String> words(FakePeer peer) {
        return peer.heard.stream().map(Message::command).toList();
    }

    private VersionMessage hello() {
        return target.hello(target.now().unixSeconds());
    }

    private void assertNothingCame(BlockHash tip) {
        assertThat(target.tip()).isEqualTo(tip);
        assertThat(target.node.chain().mempool().size()).isZero();
        assertThat(target.node.chain().chain().headers().find(block.hash())).isNull();
    }

    @Test
    @DisplayName("B15 F13 every message before version: ignored, unanswered, and no offence")
    @Sabotage(type = "weft.p2p.Handshake", method = "onMessage", flips = 2)
    void shouldHearNothingBeforeVersion() {
        BlockHash tip = target.tip();
        for (Message message : every()) {
            if (!(message instanceof VersionMessage)) {
                FakePeer peer = target.stranger();
                peer.sends(message, message);
                assertThat(peer.heard).as("%s", message).isEmpty();
                assertThat(peer.fate()).isEqualTo(Fate.KEPT);
                peer.sends(hello());
                assertThat(words(peer)).contains("version", "verack");
                peer.sends(new Verack());
                assertThat(peer.isServed()).as("after %s", message).isTrue();
                peer.leaves();
            }
        }
        assertNothingCame(tip);
        scene.holds();
    }

    @Test
    @DisplayName("B15 F13 every message between version and verack")
    @Sabotage(type = "weft.p2p.Peer", method = "isReady", returns = "true")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", flips = 1)
    void shouldHearLittleBeforeVerack() {
        BlockHash tip = target.tip();
        for (Message message : every()) {
            if (!(message instanceof Verack)) {
                FakePeer peer = target.stranger();
                peer.sends(hello());
                assertThat(words(peer)).hasSize(FIRST_WORDS.size()).isSubsetOf(FIRST_WORDS);
                peer.sends(message, message);
                assertThat(words(peer)).as("%s", message).hasSize(FIRST_WORDS.size());
                assertThat(peer.fate()).isEqualTo(Fate.KEPT);
                peer.sends(new Verack());
                assertThat(peer.isServed()).as("after %s", message).isTrue();
                peer.leaves();
            }
        }
        assertNothingCame(tip);
        scene.holds();
    }

    @Test
    @DisplayName("B15 after verack: what belongs before it, version again, and verack 100 times")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVerack", flips = 1)
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", flips = 1)
    @Sabotage(type = "weft.p2p.Handshake", method = "onWtxidRelay", returns = "void")
    @Sabotage(type = "weft.p2p.Handshake", method = "onSendAddrV2", returns = "void")
    void shouldShakeHandsOnce() {
        for (Message message : every()) {
            FakePeer peer = target.peer();
            peer.heard.clear();
            peer.sends(message);
            Fate fate =
                    SentinelAttackTest.OUT_OF_PLACE.contains(message.command())
                            ? Fate.DISCONNECTED
                            : Fate.KEPT;
            assertThat(peer.fate()).as("%s", message).isEqualTo(fate);
            assertThat(words(peer)).doesNotContainAnyElementsOf(FIRST_WORDS);
            peer.leaves();
        }
        FakePeer peer = target.peer();
        peer.heard.clear();
        for (int i = 0; i < 100; i++) {
            peer.sends(new Verack());
            if (i % 10 == 0) {
                peer.sends(hello());
            }
        }
        assertThat(peer.heard).as("it says once what it says after verack").isEmpty();
        assertThat(peer.isServed()).isTrue();
        scene.holds();
    }
}
