package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Sha256;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// Spies who send transactions that conflict, and children of them, to see by the answers who has what from
/// whom.
class ProbeAttackTest implements SeenRed {
    private static final long FEE = 10_000;
    private static final Bytes OPEN_HASH =
            Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(Target.OPEN.toByteArray())));

    private final Scene scene = new Scene();
    private final Target target = scene.target;
    private final Transaction bank = bank();

    /// Anyone may spend it, with a witness: so its children have a wtxid that is not their txid.
    private Transaction bank() {
        Transaction tx =
                Transaction.of(
                        2,
                        List.of(new TxIn(scene.coin(1), Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                        List.of(new TxOut(Target.COIN, OPEN_HASH)),
                        List.of(),
                        0);
        scene.accepts(target.block(List.of(tx)));
        return tx;
    }

    private static Transaction spend(OutPoint coin, long value, int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, TxIn.SEQUENCE_FINAL)),
                List.of(new TxOut(value, OPEN_HASH)),
                List.of(Witness.of(Target.OPEN)),
                number);
    }

    /// Transactions that compete for one coin.
    private Transaction parent(int number) {
        return spend(Target.out(bank), Target.COIN - FEE, number);
    }

    private static Transaction child(Transaction parent) {
        return spend(Target.out(parent), Target.COIN - 2 * FEE, 0);
    }

    private static List<InvItem> asked(FakePeer peer) {
        return heard(peer, GetData.class).stream().flatMap(each -> each.items().stream()).toList();
    }

    private static <T extends Message> List<T> heard(FakePeer peer, Class<T> type) {
        return peer.heard.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private boolean isKnown(Transaction tx) {
        return target.node.chain().mempool().contains(tx.wtxid());
    }

    @Test
    @DisplayName("F05 a conflicting parent and a marked child: no answer, then only to who sent it")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "2000000000>0")
    void shouldNotTellSoonerThatItHasAConflict() {
        Transaction ours = parent(1);
        scene.honest.sends(ours);
        assertThat(isKnown(ours)).isTrue();
        Transaction theirs = parent(2);
        Transaction marker = child(theirs);
        FakePeer first = target.peer();
        FakePeer second = target.peer();
        FakePeer third = target.peer();
        first.heard.clear();
        second.heard.clear();
        first.sends(theirs);
        second.sends(marker);
        target.pass(3);
        assertThat(isKnown(theirs) || isKnown(marker)).isFalse();
        assertThat(asked(first)).isEmpty();
        assertThat(asked(second)).as("as slow as after any announcement").isEmpty();
        // Nobody is shown what is kept.
        InvItem item = InvItem.wtx(marker.wtxid());
        third.sends(new GetData(List.of(item, InvItem.wtx(theirs.wtxid()))));
        assertThat(heard(third, NotFound.class).getFirst().items()).contains(item).hasSize(2);
        target.pass(27);
        assertThat(asked(second)).containsExactly(InvItem.of(InvType.WITNESS_TX, theirs.txid()));
        for (FakePeer each : List.of(first, third, scene.honest)) {
            assertThat(asked(each)).isEmpty();
            assertThat(each.fate()).isEqualTo(Fate.KEPT);
            assertThat(heard(each, TxMessage.class)).isEmpty();
        }
        assertThat(second.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
        scene.holdsAgain();
    }

    @Test
    @DisplayName("F05 a child of what is on its way: who sends it does not learn when that came")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "2000000000>0")
    void shouldNotTellWhetherAParentCameJustNow() {
        Transaction parent = parent(1);
        Transaction child = child(parent);
        FakePeer before = target.peer();
        before.heard.clear();
        before.sends(child);
        target.pass(3);
        scene.honest.sends(parent);
        assertThat(isKnown(parent) && isKnown(child)).isTrue();
        FakePeer after = target.peer();
        after.heard.clear();
        after.sends(spend(Target.out(child), Target.COIN - 3 * FEE, 0));
        target.pass(30);
        assertThat(asked(before)).isEqualTo(asked(after)).isEmpty();
        assertThat(before.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
        scene.holdsAgain();
    }
}
