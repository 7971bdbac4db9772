package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockLocator;
import weft.wire.GetHeaders;

/// [StalledPeers] with one peer against a model that reads the answer out of a list of all looks at it.
class StalledPeersModelTest implements SeenRed {
    private static final long MINUTE = 60_000_000_000L;

    /// One look at the peer, by heights on the one chain that there is.
    ///
    /// @param known -1 if the peer showed none
    private record Look(long nanos, int tip, int known) {}

    /// What a look leads to.
    private record Answer(boolean drops, @Nullable Integer asksAbove) {
        static final Answer NOTHING = new Answer(false, null);
    }

    /// Goes through all looks from the first one.
    private static Answer model(List<Look> looks) {
        int promised = -1;
        long since = 0;
        boolean asked = false;
        Answer answer = Answer.NOTHING;
        for (Look each : looks) {
            answer = Answer.NOTHING;
            if (each.known >= each.tip) {
                promised = -1;
            } else if (promised < 0 || each.known >= promised) {
                // It has what we had then, so it has the time again, to show what we have now.
                promised = each.tip;
                since = each.nanos;
                asked = false;
            } else if (asked && each.nanos - since > 2 * MINUTE) {
                return new Answer(true, null);
            } else if (!asked && each.nanos - since > 20 * MINUTE) {
                answer = new Answer(false, promised);
                asked = true;
                since = each.nanos;
            }
        }
        return answer;
    }

    private static List<HeaderNode> chain() {
        var first = new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, 1, 1, 0);
        var nodes = new ArrayList<HeaderNode>();
        nodes.add(HeaderNode.genesis(first, BigInteger.TWO));
        for (int i = 1; i < 60; i++) {
            HeaderNode last = nodes.getLast();
            var next = new BlockHeader(4, last.hash(), Digest256.ZERO, i, 1, 0);
            nodes.add(HeaderNode.of(next, next.hash(), last, BigInteger.TWO));
        }
        return nodes;
    }

    @Test
    @DisplayName(
            "An outbound peer whose chain stays behind is asked, then dropped, as a list of looks"
                    + " says")
    @Sabotage(
            type = "weft.p2p.sync.StalledPeers",
            method = "check",
            constant = "1200000000000>1100000000000")
    @Sabotage(type = "weft.p2p.sync.StalledPeers", method = "check", flips = 6)
    void shouldDropAsTheModel() {
        List<HeaderNode> chain = chain();
        Property.holds(
                150,
                random -> {
                    var table = new TestPeers();
                    var rules = new BlockDownloadRules(BigInteger.ZERO, 0);
                    var context =
                            new SyncContext(
                                    rules,
                                    SyncOptions.of(TestPeers.FULL),
                                    table,
                                    random.split(),
                                    Log.NONE);
                    context.chain.load(chain, chain, chain.getFirst(), false);
                    var machine = new StalledPeers(context, new HeadersSync(context));
                    boolean manual = random.nextInt(8) == 0;
                    ConnectionType type =
                            manual ? ConnectionType.MANUAL : ConnectionType.OUTBOUND_FULL_RELAY;
                    var peer = new SyncPeer(table.add(1, TestPeers.Spec.of(type)));
                    peer.syncStarted = true;
                    var looks = new ArrayList<Look>();
                    long nanos = 0;
                    int tip = 0;
                    boolean dropped = false;
                    while (looks.size() < 80 && !dropped) {
                        nanos += random.nextLong(4 * MINUTE);
                        tip = Math.min(59, tip + (random.nextInt(6) == 0 ? 1 : 0));
                        context.chain.moveTip(chain.get(tip), false);
                        HeaderNode known = peer.bestKnown;
                        int height = known == null ? -1 : known.height();
                        if (height < 59 && random.nextInt(20) == 0) {
                            height += random.nextInt(1, 3);
                            peer.bestKnown = chain.get(Math.min(59, height));
                        }
                        looks.add(new Look(nanos, tip, Math.min(59, height)));
                        var out = new Outbox();
                        machine.check(peer, new Now(nanos, Instant.EPOCH), out);
                        Answer answer = manual ? Answer.NOTHING : model(looks);
                        dropped = answer.drops;
                        assertThat(table.actions)
                                .isEqualTo(
                                        dropped ? List.of("disconnect 1: old chain") : List.of());
                        Integer above = answer.asksAbove;
                        assertThat(out.poll())
                                .isEqualTo(
                                        above == null
                                                ? null
                                                : new PeerOutput.Send(
                                                        peer.id(), getHeaders(chain, above)));
                        assertThat(out.isEmpty()).isTrue();
                    }
                });
    }

    /// For what follows the block before, so that the peer has something to show.
    private static GetHeaders getHeaders(List<HeaderNode> chain, int height) {
        HeaderNode from = chain.get(Math.max(0, height - 1));
        return new GetHeaders(BlockLocator.of(ChainIndex.locator(from)), BlockHash.ZERO);
    }
}
