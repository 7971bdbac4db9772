package weft.app.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.app.attack.WirePeer.Fate;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Mempool;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.TxMessage;

/// Announcements and requests in numbers, of what does not exist or is not for all, against a whole node.
class InventoryTcpAttackTest implements SeenRed {
    private static final int MANY = InvItem.MAX_PER_MESSAGE;

    private static List<InvItem> unknown(int type, long salt, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            items.add(InvItem.of(type, new Digest256(salt, i, 7, 7)));
        }
        return items;
    }

    private static long asked(List<Message> heard) {
        return heard.stream()
                .filter(GetData.class::isInstance)
                .mapToLong(each -> ((GetData) each).items().size())
                .sum();
    }

    /// What is announced by who dialled us is asked for two seconds later, all that is asked for at once.
    private static long askedSoon(WirePeer peer) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WirePeer.PATIENCE.toNanos();
        long asked = 0;
        while (asked == 0 && System.nanoTime() < deadline) {
            Thread.sleep(50);
            asked = asked(peer.heard());
        }
        return asked;
    }

    @Test
    @DisplayName("D03 50,000 transactions that nobody has, of each of five peers, and 50,001")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>50000")
    void shouldFollowFewAnnouncements() throws Exception {
        Seal.around(
                seal -> {
                    var attackers = new ArrayList<WirePeer>();
                    for (int i = 0; i < 5; i++) {
                        WirePeer each = seal.attacker();
                        attackers.add(each);
                        each.send(new Inv(unknown(InvType.WTX, i, MANY)));
                    }
                    Transaction tx = Ledger.spend(seal.ledger().coin(1), Ledger.COIN - 50_000);
                    seal.honest().announce(tx);
                    for (WirePeer each : attackers) {
                        assertThat(askedSoon(each)).isBetween(1L, 5_000L);
                    }
                    Seal.await("it is asked for", Seal.SERVICE, () -> seal.isInPool(tx));
                    WirePeer greedy = seal.attacker();
                    greedy.trySend(new Inv(unknown(InvType.WTX, 99, MANY + 1)));
                    assertThat(greedy.fate()).isEqualTo(Fate.DROPPED);
                });
    }

    @Test
    @DisplayName("D04 50,000 blocks that nobody has, again and again, of a peer that does not read")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "sendGetHeaders", flips = 2)
    void shouldAskForHeadersOnce() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    attacker.send(new Headers(List.of()));
                    attacker.heard();
                    for (int i = 0; i < 10; i++) {
                        attacker.send(new Inv(unknown(InvType.BLOCK, i, MANY)));
                    }
                    assertThat(attacker.heard().stream().filter(GetHeaders.class::isInstance))
                            .hasSizeLessThanOrEqualTo(1);
                });
    }

    @Test
    @DisplayName("B06 B16 every type of inventory, with every hash that could mean something else")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", returns = "true")
    void shouldAnswerEveryTypeOfInventory() throws Exception {
        Seal.around(
                seal -> {
                    Block unsent = seal.ledger().next(List.of());
                    WirePeer attacker = seal.attacker();
                    attacker.send(new Headers(List.of(unsent.header())));
                    var hashes =
                            List.of(
                                    new Digest256(0, 0, 7, 7),
                                    new Digest256(0, 0, 0, 0),
                                    new Digest256(-1, -1, -1, -1),
                                    plain(Ledger.PARAMS.genesis().hash()),
                                    plain(unsent.hash()));
                    var items = new ArrayList<InvItem>();
                    for (long flags : new long[] {0, 0x4000_0000L, 0x8000_0000L, 0xffff_fff0L}) {
                        for (long type = 0; type <= 10; type++) {
                            for (Digest256 each : hashes) {
                                items.add(InvItem.of((int) (flags | type), each));
                            }
                        }
                    }
                    attacker.send(new GetData(items));
                    attacker.send(new Inv(items));
                    attacker.send(new NotFound(items));
                    assertThat(attacker.heard()).anyMatch(NotFound.class::isInstance);
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    // The attacker announced it and was asked for it, so that nobody else is.
                    seal.honest().send(unsent);
                    seal.expect(unsent);
                });
    }

    private static Digest256 plain(BlockHash hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    @Test
    @DisplayName("C05 requests for 50,000 things that cannot be had, of all kinds, and for 50,001")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "onGetData", constant = "50000>10000")
    void shouldForgetWhatCannotBeAnswered() throws Exception {
        Seal.around(
                seal -> {
                    var mixed = new ArrayList<InvItem>();
                    int[] types = {0, 9, 0xff, InvType.FILTERED_BLOCK, InvType.WTX, InvType.TX};
                    for (int type : types) {
                        mixed.addAll(unknown(type, type, MANY / types.length));
                    }
                    WirePeer attacker = seal.attacker();
                    for (int i = 0; i < 5; i++) {
                        attacker.send(new GetData(mixed));
                    }
                    assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
                    WirePeer greedy = seal.attacker();
                    greedy.trySend(new GetData(unknown(0, 0, MANY + 1)));
                    assertThat(greedy.fate()).isEqualTo(Fate.DROPPED);
                });
    }

    @Test
    @DisplayName("B07 C12 a transaction and a block of a megabyte asked for by who does not read")
    @Sabotage(type = "weft.net.PeerConnection", method = "send", call = "wants", returns = "true")
    void shouldNotCopyAnswersForWhoDoesNotRead() throws Exception {
        Seal.around(
                seal -> {
                    Transaction tx = padded(seal.ledger().coin(1), 900_000);
                    Block block = seal.ledger().next(List.of(tx));
                    seal.honest().announce(block);
                    seal.expect(block);
                    WirePeer attacker = seal.attacker();
                    // What the last block has is served to all.
                    for (InvItem item :
                            List.of(
                                    InvItem.wtx(tx.wtxid()),
                                    InvItem.of(InvType.WITNESS_BLOCK, block.hash()))) {
                        attacker.send(new GetData(Collections.nCopies(300, item)));
                    }
                    Thread.sleep(1_000);
                });
    }

    private static Transaction padded(OutPoint coin, int bytes) {
        var out = new ByteWriter();
        out.u8(0x6a);
        out.bytes(new byte[bytes]);
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(Ledger.COIN, out.toBytes())),
                List.of(),
                0);
    }

    @Test
    @DisplayName(
            "F06 a transaction of our own is asked for before it is announced, and all at once")
    @Sabotage(type = "weft.p2p.tx.TxRelay", method = "served", flips = 3)
    void shouldNotServeWhatItHasNotAnnounced() throws Exception {
        Seal.around(
                seal -> {
                    WirePeer attacker = seal.attacker();
                    boolean tried = false;
                    // A moment to announce comes every five seconds; in between nothing may be had.
                    for (int coin = 1; coin <= 5 && !tried; coin++) {
                        Transaction tx =
                                Ledger.spend(seal.ledger().coin(coin), Ledger.COIN - 50_000);
                        var out = new ByteWriter();
                        tx.write(out);
                        seal.node().call("sendrawtransaction", out.toBytes().toHex());
                        attacker.send(GetData.of(InvItem.wtx(tx.wtxid())));
                        List<Message> heard = attacker.heard();
                        if (heard.stream().noneMatch(Inv.class::isInstance)) {
                            tried = true;
                            assertThat(heard).noneMatch(TxMessage.class::isInstance);
                            assertThat(heard).anyMatch(NotFound.class::isInstance);
                        }
                    }
                    assertThat(tried).isTrue();
                    attacker.send(new Mempool());
                    assertThat(attacker.fate()).isEqualTo(Fate.DROPPED);
                });
    }
}
