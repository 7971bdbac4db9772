package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Amount;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Message;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// Values that could mean something else to us, in every field of every message.
class SentinelAttackTest implements SeenRed {
    /// What no honest peer says once the handshake is over, or of one that does not offer it.
    static final Set<String> OUT_OF_PLACE =
            Set.of(
                    "wtxidrelay",
                    "sendaddrv2",
                    "feature",
                    "mempool",
                    "filterload",
                    "filteradd",
                    "filterclear",
                    "getcfilters",
                    "getcfheaders",
                    "getcfcheckpt");

    /// Fields of 32 bits: times, heights, versions, numbers.
    private static final int[] SMALL = {0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1};

    /// Fields of 64 bits: amounts, fees, nonces, services.
    private static final long[] LARGE = {
        0, 1, Amount.MAX_SATOSHIS, Amount.MAX_SATOSHIS + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1
    };

    private static final int OLDEST_VERSION = 31_800;

    private final Scene scene = new Scene();
    private final Target target = scene.target;
    private final Set<Message> judged = new HashSet<>();

    private Fate expected(EveryMessage odd, Message message) {
        boolean isOfUse = odd.header().parent().equals(target.tip());
        boolean isOld = odd.header().time() <= 1;
        return switch (message) {
            case BlockMessage _ -> Fate.DISCOURAGED;
            case Headers _, CmpctBlock _ -> isOfUse && isOld ? Fate.DISCOURAGED : Fate.KEPT;
            case TxMessage _ -> {
                // The sum counts too; and one that was refused is not looked at again.
                boolean isMoney = odd.large() >= 0 && odd.large() <= Amount.MAX_SATOSHIS / 2;
                boolean isCoinbase = odd.hash().equals(Digest256.ZERO) && odd.small() == -1;
                boolean isBad = !isMoney || isCoinbase;
                yield judged.add(message) && isBad ? Fate.DISCOURAGED : Fate.KEPT;
            }
            default -> OUT_OF_PLACE.contains(message.command()) ? Fate.DISCONNECTED : Fate.KEPT;
        };
    }

    private void sendAll(EveryMessage odd) {
        for (Message message : odd.all()) {
            for (boolean dialsUs : new boolean[] {true, false}) {
                FakePeer peer = dialsUs ? target.peer() : target.dialled();
                peer.sends(message);
                assertThat(peer.fate()).as("%s", message).isEqualTo(expected(odd, message));
                assertThat(peer.fate() != Fate.KEPT || peer.isServed()).isTrue();
                peer.leaves();
            }
        }
    }

    @Test
    @DisplayName("B16 hashes, times, heights and amounts that mean something else, everywhere")
    @Sabotage(type = "weft.consensus.TxCheck", method = "checkAmounts", returns = "null")
    @Sabotage(type = "weft.consensus.HeaderCheck", method = "checkInContext", returns = "null")
    void shouldTakeNoValueForAnotherThing() {
        BlockHash tip = target.tip();
        int headers = target.node.chain().chain().headers().size();
        for (long fill : new long[] {0, -1}) {
            var hash = new Digest256(fill, fill, fill, fill);
            var nothing = new BlockHash(fill, fill, fill, fill);
            for (int i = 0; i < LARGE.length; i++) {
                int small = SMALL[i % SMALL.length];
                for (BlockHash parent : List.of(tip, nothing)) {
                    BlockHeader header = target.headerOn(parent, hash, small & 0xffff_ffffL, small);
                    sendAll(new EveryMessage(hash, small, LARGE[i], header));
                }
            }
        }
        assertThat(target.tip()).isEqualTo(tip);
        assertThat(target.node.chain().chain().headers().size()).isEqualTo(headers);
        assertThat(target.node.chain().mempool().size()).isZero();
        target.pass(5);
        scene.accepts(target.block(List.of(Target.spend(scene.coin(1), Target.COIN))));
        scene.holdsAgain();
    }

    @Test
    @DisplayName("B16 a version message of such values, heights above all")
    @Sabotage(type = "weft.p2p.Handshake", method = "isAcceptable", constant = "31800>-1")
    void shouldTalkToWhoSaysSuchThingsOfItself() {
        BlockHash tip = target.tip();
        var header = target.node.chain().tip().header();
        for (int small : SMALL) {
            for (long large : LARGE) {
                VersionMessage said =
                        new EveryMessage(Digest256.ZERO, small, large, header).version();
                FakePeer peer = target.stranger();
                peer.sends(said);
                boolean isOld = said.version() < OLDEST_VERSION;
                assertThat(peer.fate()).isEqualTo(isOld ? Fate.DISCONNECTED : Fate.KEPT);
                peer.sends(new WtxidRelay(), new Verack());
                assertThat(isOld || peer.isServed()).as("%s", said).isTrue();
                peer.leaves();
            }
        }
        assertThat(target.tip()).isEqualTo(tip);
        scene.holds();
    }
}
