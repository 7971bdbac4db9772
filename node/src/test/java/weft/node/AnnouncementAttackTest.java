package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.p2p.PeerPermissions;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Transaction;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.NotFound;

/// Announcements of what does not exist, in numbers.
class AnnouncementAttackTest implements SeenRed {
    private static final int PEERS = 8;

    private final Scene scene = new Scene();

    private static Digest256 hash(long a, long b) {
        return new Digest256(a, b, 7, 7);
    }

    private static Inv unknown(int type, long salt, int count) {
        var items = new ArrayList<InvItem>();
        for (int i = 0; i < count; i++) {
            items.add(InvItem.of(type, hash(salt, i)));
        }
        return new Inv(items);
    }

    private static long asked(FakePeer peer) {
        return peer.heard.stream()
                .filter(GetData.class::isInstance)
                .mapToLong(each -> ((GetData) each).items().size())
                .sum();
    }

    @Test
    @DisplayName("D03 50,000 transactions that nobody has, of each of many peers, and 50,001")
    @Sabotage(type = "weft.p2p.tx.TxDownload", method = "track", constant = "5000>50000")
    @Sabotage(type = "weft.p2p.Connections", method = "misbehaving", returns = "void")
    void shouldFollowFewAnnouncementsOfEachPeer() {
        var attackers = new ArrayList<FakePeer>();
        for (int i = 0; i < PEERS; i++) {
            attackers.add(scene.target.peer());
            attackers.getLast().sends(unknown(InvType.WTX, i, InvItem.MAX_PER_MESSAGE));
            attackers.getLast().sends(unknown(InvType.WTX, -1 - i, InvItem.MAX_PER_MESSAGE));
        }
        scene.target.pass(5);
        for (FakePeer each : attackers) {
            assertThat(asked(each)).isLessThanOrEqualTo(5_000);
            assertThat(each.fate()).isEqualTo(Fate.KEPT);
        }
        // The honest transaction comes through all the same.
        Transaction tx = Target.spend(scene.coin(1), Target.COIN - 10_000);
        scene.honest.heard.clear();
        scene.honest.sends(new Inv(List.of(InvItem.wtx(tx.wtxid()))));
        scene.target.pass(3);
        assertThat(asked(scene.honest)).isEqualTo(1);
        FakePeer greedy = scene.target.peer();
        greedy.sends(unknown(InvType.WTX, 99, InvItem.MAX_PER_MESSAGE + 1));
        assertThat(greedy.fate()).isEqualTo(Fate.DISCOURAGED);
        scene.holds();
    }

    @Test
    @DisplayName("D04 50,000 blocks that nobody has, of a peer that does not read")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "sendGetHeaders", flips = 2)
    void shouldAskForHeadersOnceForManyBlocks() {
        FakePeer attacker = scene.target.peer();
        attacker.heard.clear();
        attacker.isReading = false;
        for (int i = 0; i < 10; i++) {
            attacker.sends(unknown(InvType.BLOCK, i, InvItem.MAX_PER_MESSAGE));
        }
        assertThat(attacker.heard.stream().filter(GetHeaders.class::isInstance))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(attacker.heard).hasSizeLessThanOrEqualTo(10);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    @Test
    @DisplayName("C16 headers without work, out of order, too many, and of nowhere")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "checkWorkAndOrder", returns = "void")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "onHeaders", constant = "2000>3000")
    @Sabotage(type = "weft.p2p.sync.HeadersSync", method = "sendGetHeaders", flips = 2)
    void shouldSendAwayWhoSendsHeadersOfNoUse() {
        Block block = scene.target.block(List.of());
        BlockHeader good = block.header();
        BlockHeader workless = withBits(good, 0x1d00ffffL);
        BlockHeader elsewhere =
                scene.target
                        .block(
                                withParent(good, new BlockHash(1, 2, 3, 4)),
                                scene.target.coinbase(200, 1, 0),
                                List.of())
                        .header();
        var many = new ArrayList<BlockHeader>();
        many.add(good);
        for (int i = 0; i < Headers.MAX_HEADERS; i++) {
            Transaction coinbase = scene.target.coinbase(200, 0, 0);
            many.add(scene.target.block(many.getLast(), coinbase, List.of()).header());
        }
        for (List<BlockHeader> headers : List.of(List.of(workless), List.of(good, good), many)) {
            FakePeer attacker = scene.target.peer();
            attacker.sends(new Headers(headers));
            assertThat(attacker.fate()).isEqualTo(Fate.DISCOURAGED);
        }
        FakePeer attacker = scene.target.peer();
        // What was asked of it when it came is not awaited any more.
        scene.target.pass(125);
        attacker.heard.clear();
        for (int i = 0; i < 100; i++) {
            attacker.sends(new Headers(List.of(elsewhere)));
        }
        assertThat(attacker.heard.stream().filter(GetHeaders.class::isInstance)).hasSize(1);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(scene.target.node.chain().chain().headers().find(elsewhere.hash())).isNull();
        scene.accepts(block);
        scene.holds();
    }

    private static BlockHeader withBits(BlockHeader header, long bits) {
        return new BlockHeader(
                header.version(), header.parent(), header.merkleRoot(), header.time(), bits, 0);
    }

    private static BlockHeader withParent(BlockHeader header, BlockHash parent) {
        return new BlockHeader(
                header.version(), parent, header.merkleRoot(), header.time(), header.bits(), 0);
    }

    @Test
    @DisplayName("B06 B16 every type of inventory, with every hash that could mean something else")
    @Sabotage(type = "weft.p2p.sync.BlockServer", method = "isAllowed", returns = "true")
    void shouldAnswerEveryTypeOfInventoryWithoutHarm() {
        Block unsent = scene.target.block(List.of());
        FakePeer attacker = scene.target.peer();
        attacker.sends(new Headers(List.of(unsent.header())));
        var hashes =
                List.of(
                        hash(0, 0),
                        new Digest256(0, 0, 0, 0),
                        new Digest256(-1, -1, -1, -1),
                        plain(scene.target.params.genesis().hash()),
                        plain(unsent.hash()),
                        plain(scene.target.tip()));
        var items = new ArrayList<InvItem>();
        for (long flags : new long[] {0, 0x4000_0000L, 0x8000_0000L, 0xffff_fff0L}) {
            for (long type = 0; type <= 10; type++) {
                for (Digest256 each : hashes) {
                    items.add(InvItem.of((int) (flags | type), each));
                }
            }
        }
        attacker.sends(new GetData(items), new Inv(items), new NotFound(items));
        scene.target.pass(5);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        assertThat(attacker.isServed()).isTrue();
        FakePeer trusted = scene.target.peer(new PeerPermissions(PeerPermissions.NO_BAN));
        trusted.sends(new GetData(items), new Inv(items), new NotFound(items));
        assertThat(trusted.isServed()).isTrue();
        scene.accepts(unsent);
        scene.holds();
    }

    private static Digest256 plain(BlockHash hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }
}
