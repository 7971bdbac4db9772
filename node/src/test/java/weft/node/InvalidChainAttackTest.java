package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.Headers;
import weft.wire.Message;
import weft.wire.PrefilledTransaction;

/// Peers that come with what is known to be invalid, or with times that are not ours.
class InvalidChainAttackTest implements SeenRed {
    private static final long TWO_HOURS = 7_200;

    private final Scene scene = new Scene();
    private final Target target = scene.target;

    /// A block on the tip that claims more than it may.
    private Block greedy() {
        return target.block(
                target.node.chain().tip().header(),
                target.coinbase(target.height() + 1, 0, 1),
                List.of());
    }

    private static CmpctBlock compact(Block block) {
        var ids = new ArrayList<Long>();
        for (int i = 1; i < block.transactions().size(); i++) {
            ids.add((long) i);
        }
        var coinbase = new PrefilledTransaction(0, block.transactions().getFirst());
        return new CmpctBlock(block.header(), 1, ids, List.of(coinbase));
    }

    private static boolean heard(FakePeer peer, Class<? extends Message> type) {
        return peer.heard.stream().anyMatch(type::isInstance);
    }

    @Test
    @DisplayName("E18 E11 headers of a block that is known to be invalid, and of one on it")
    @Sabotage(
            type = "weft.p2p.sync.Verdicts",
            method = "punish",
            call = "isOutbound",
            returns = "true")
    @Sabotage(
            type = "weft.p2p.sync.Verdicts",
            method = "punish",
            call = "isOutbound",
            returns = "false")
    @Sabotage(
            type = "weft.chain.HeaderTree",
            method = "accept",
            call = "isFailed",
            returns = "false")
    void shouldIgnoreInvalidChainsOfWhoDialledUs() {
        BlockHash tip = target.tip();
        Block bad = greedy();
        FakePeer first = target.peer();
        first.sends(bad);
        assertThat(first.fate()).isEqualTo(Fate.DISCOURAGED);
        Block child =
                target.block(bad.header(), target.coinbase(target.height() + 2, 0, 0), List.of());
        for (Headers each :
                List.of(
                        new Headers(List.of(bad.header())),
                        new Headers(List.of(bad.header(), child.header())))) {
            FakePeer inbound = target.peer();
            inbound.sends(each);
            assertThat(inbound.fate()).isEqualTo(Fate.KEPT);
            assertThat(inbound.isAskedFor(bad) || inbound.isAskedFor(child)).isFalse();
            assertThat(inbound.isServed()).isTrue();
            FakePeer outbound = target.dialled();
            outbound.sends(each);
            assertThat(outbound.fate()).isEqualTo(Fate.DISCOURAGED);
        }
        // Fast peers may hand on what they did not look at.
        FakePeer fast = target.dialled();
        fast.sends(compact(bad));
        assertThat(fast.fate()).isEqualTo(Fate.KEPT);
        // Nobody honest has a header on one that it does not have.
        FakePeer odd = target.peer();
        odd.sends(new Headers(List.of(child.header())));
        assertThat(odd.fate()).isEqualTo(Fate.DISCOURAGED);
        assertThat(target.tip()).isEqualTo(tip);
        scene.holds();
        scene.holdsAgain();
    }

    @Test
    @DisplayName("D10 E11 one invalid block again and again, whole, compact, and in parts")
    @Sabotage(type = "weft.p2p.sync.Verdicts", method = "punish", returns = "void")
    @Sabotage(type = "weft.p2p.sync.Verdicts", method = "punish", flips = 1)
    void shouldNotLearnTwiceThatABlockIsInvalid() {
        BlockHash tip = target.tip();
        Block senseless = target.block(List.of(Target.spend(scene.coin(1), -1L), spendOfMuch()));
        Block wrong =
                target.block(
                        target.node.chain().tip().header(),
                        target.coinbase(target.height() + 1, 0, 1),
                        List.of(spendOfMuch()));
        for (Block bad : List.of(senseless, wrong)) {
            for (int i = 0; i < 10; i++) {
                FakePeer parts = target.peer();
                parts.sends(compact(bad));
                parts.sends(
                        new BlockTxn(
                                bad.hash(),
                                bad.transactions().subList(1, bad.transactions().size())));
                assertThat(parts.fate()).isEqualTo(Fate.KEPT);
                if (bad.equals(wrong) && i > 0) {
                    assertThat(heard(parts, GetBlockTxn.class)).as("it is known").isFalse();
                }
                FakePeer whole = target.peer();
                whole.sends(bad);
                assertThat(whole.fate())
                        .isEqualTo(bad.equals(senseless) ? Fate.DISCOURAGED : Fate.KEPT);
            }
        }
        // What fails by itself is judged each time: nothing is said of its header for ever.
        for (Block bad : List.of(senseless, wrong)) {
            FakePeer outbound = target.dialled();
            outbound.sends(new Headers(List.of(bad.header())));
            assertThat(outbound.fate())
                    .isEqualTo(bad.equals(senseless) ? Fate.KEPT : Fate.DISCOURAGED);
        }
        assertThat(target.tip()).isEqualTo(tip);
        scene.holds();
        scene.holdsAgain();
    }

    private Transaction spendOfMuch() {
        return Target.spend(scene.coin(2), Target.COIN);
    }

    @Test
    @DisplayName("E01 blocks of two hours from now, amid peers with wrong clocks")
    @Sabotage(
            type = "weft.consensus.HeaderCheck",
            method = "checkInContext",
            constant = "7200>7201")
    @Sabotage(
            type = "weft.consensus.HeaderCheck",
            method = "checkInContext",
            constant = "7200>7199")
    void shouldTakeTheTimeFromItsOwnClock() {
        BlockHash tip = target.tip();
        long now = target.now().unixSeconds();
        long[] clocks = {Long.MIN_VALUE, Long.MAX_VALUE, 0, now + TWO_HOURS, now - TWO_HOURS};
        for (int i = 0; i < 100; i++) {
            target.peerWithClock(clocks[i % clocks.length]);
        }
        Block late = target.blockAt(now + TWO_HOURS + 1);
        FakePeer early = target.peer();
        early.sends(new Headers(List.of(late.header())));
        early.sends(late);
        assertThat(early.fate()).as("its clock may be right").isEqualTo(Fate.KEPT);
        assertThat(target.tip()).isEqualTo(tip);
        assertThat(scene.honest.isServed()).isTrue();
        target.pass(1);
        scene.honest.sends(late);
        assertThat(target.tip()).as("its time has come").isEqualTo(late.hash());
        target.pass(2);
        scene.holds();
        scene.holdsAgain();
    }

    @Test
    @DisplayName(
            "E19 E11 honest blocks while our own clock is three hours behind, and when it is set")
    @Sabotage(
            type = "weft.p2p.sync.Verdicts",
            method = "punish",
            call = "kind",
            returns = "weft.chain.api.BlockFailure$Kind.INVALID_HEADER")
    @Sabotage(
            type = "weft.consensus.HeaderCheck",
            method = "checkInContext",
            constant = "7200>720000")
    void shouldBlameNobodyForItsOwnClock() {
        BlockHash tip = target.tip();
        Block block = target.block(List.of(spendOfMuch()));
        FakePeer[] peers = {target.peer(), target.dialled(), target.peer(), target.dialled()};
        target.skewSeconds = -3 * 3_600;
        target.pass(60);
        peers[0].sends(new Headers(List.of(block.header())));
        peers[1].sends(new Headers(List.of(block.header())));
        peers[2].sends(block);
        peers[3].sends(compact(block));
        target.pass(600);
        for (FakePeer each : peers) {
            assertThat(each.fate()).isEqualTo(Fate.KEPT);
            assertThat(each.isServed()).isTrue();
        }
        assertThat(target.tip()).isEqualTo(tip);

        target.skewSeconds = 0;
        target.pass(1);
        peers[1].sends(new Headers(List.of(block.header())));
        assertThat(peers[1].isAskedFor(block)).as("it is not known as invalid").isTrue();
        peers[1].sends(block);
        assertThat(target.tip()).isEqualTo(block.hash());
        scene.holds();
        scene.holdsAgain();
    }
}
