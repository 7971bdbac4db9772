package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.BlockMessage;
import weft.wire.GetData;
import weft.wire.Headers;

/// Bytes under a good header that are no block of it condemn their sender, not the header: the right ones may
/// come from another peer.
class RejectedBlockTest {
    private static final Now NOW = new Now(1_000_000_000L, Instant.ofEpochSecond(1_700_000_000L));
    private final Block genesis = FakeChain.genesis(1_700_000_000L - 6_000);
    private final List<Block> blocks = FakeChain.chain(genesis, 2, 1);
    private final FakeChain chain = new FakeChain(genesis, false);
    private final TestPeers peers = new TestPeers();
    private final BlockSync sync =
            new BlockSync(
                    SyncRules.of(ChainParams.of(Network.REGTEST)),
                    SyncOptions.of(TestPeers.FULL),
                    peers,
                    new SplittableRandom(3),
                    Log.NONE);
    private final Outbox out = new Outbox();

    /// Lets the chain engine work.
    ///
    /// @return blocks that were asked for
    private List<BlockHash> settle() {
        var asked = new ArrayList<BlockHash>();
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            if (each instanceof PeerOutput.Chain(ChainCommand command)) {
                chain.handle(command).forEach(event -> sync.onChainEvent(event, NOW, out));
            } else if (each instanceof PeerOutput.Send send
                    && send.message() instanceof GetData data) {
                data.items().forEach(item -> asked.add(item.blockHash()));
            }
        }
        return asked;
    }

    private Peer start(long id) {
        Peer peer = peers.add(id, SyncNet.inbound());
        sync.onReady(peer, NOW, out);
        sync.onMessage(peer, new Headers(List.of()), NOW, out);
        settle();
        return peer;
    }

    private void sendBadFirstBlock() {
        sync.onChainEvent(chain.loaded(), NOW, out);
        Peer bad = start(1);
        chain.forbidden.add(blocks.getFirst().hash());
        sync.onMessage(bad, new Headers(List.of(blocks.getFirst().header())), NOW, out);
        assertThat(settle()).containsExactly(blocks.getFirst().hash());
        sync.onMessage(bad, BlockMessage.of(blocks.getFirst()), NOW, out);
        settle();
        assertThat(peers.actions).hasSize(1);
    }

    @Test
    void shouldAskAnotherPeerForABlockThatCameInBadBytes() {
        sendBadFirstBlock();
        Peer good = start(2);
        sync.onMessage(good, new Headers(List.of(blocks.get(1).header())), NOW, out);
        assertThat(settle()).containsExactlyElementsOf(SyncNet.hashes(blocks));
    }

    @Test
    void shouldAskNobodyOnceTheHeaderIsInvalid() {
        sendBadFirstBlock();
        HeaderNode bad = chain.find(blocks.getFirst().hash());
        sync.onChainEvent(new ChainEvent.HeaderValidity(bad, false), NOW, out);
        Peer good = start(2);
        sync.onMessage(good, new Headers(List.of(blocks.get(1).header())), NOW, out);
        assertThat(settle()).isEmpty();
    }
}
