package weft.p2p.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainCommand;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.BlockMessage;
import weft.wire.GetHeaders;
import weft.wire.Headers;

/// A chain engine that takes its time: headers come before it has looked at the blocks that they stand on.
class HeadersAfterBlocksTest {
    private static final Now NOW =
            new Now(1_000_000_000L, java.time.Instant.ofEpochSecond(1_700_000_000L));
    private final Block genesis = FakeChain.genesis(1_700_000_000L - 6_000);
    private final List<Block> blocks = FakeChain.chain(genesis, 4, 1);
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
    private final List<ChainCommand> waiting = new ArrayList<>();
    private final List<GetHeaders> asked = new ArrayList<>();

    private Peer start() {
        sync.onChainEvent(chain.loaded(), NOW, out);
        Peer peer = peers.add(1, SyncNet.inbound());
        sync.onReady(peer, NOW, out);
        sync.onMessage(peer, new Headers(List.of()), NOW, out);
        drain();
        asked.clear();
        return peer;
    }

    private void drain() {
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            if (each instanceof PeerOutput.Chain(ChainCommand command)) {
                waiting.add(command);
            } else if (each instanceof PeerOutput.Send send
                    && send.message() instanceof GetHeaders getHeaders) {
                asked.add(getHeaders);
            }
        }
    }

    private void letChainWork() {
        while (!waiting.isEmpty()) {
            chain.handle(waiting.removeFirst())
                    .forEach(event -> sync.onChainEvent(event, NOW, out));
            drain();
        }
    }

    @Test
    void shouldAskFromTheBlockThatCameBefore() {
        Peer peer = start();
        sync.onMessage(peer, BlockMessage.of(blocks.getFirst()), NOW, out);
        sync.onMessage(peer, new Headers(List.of(blocks.get(2).header())), NOW, out);
        drain();
        assertThat(asked).isEmpty();
        letChainWork();
        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst().locator().hashes().getFirst())
                .isEqualTo(blocks.getFirst().hash());
    }

    @Test
    void shouldTakeHeadersThatConnectOnceTheBlocksAreIn() {
        Peer peer = start();
        sync.onMessage(peer, BlockMessage.of(blocks.getFirst()), NOW, out);
        sync.onMessage(peer, new Headers(List.of(blocks.get(1).header())), NOW, out);
        drain();
        letChainWork();
        assertThat(asked).isEmpty();
        assertThat(sync.stats(peer.id()).syncedHeaders()).isEqualTo(2);
    }

    @Test
    void shouldTakeHeadersThatConnectToHeadersUnderWay() {
        Peer peer = start();
        for (Block each : blocks) {
            sync.onMessage(peer, new Headers(List.of(each.header())), NOW, out);
        }
        drain();
        letChainWork();
        assertThat(asked).isEmpty();
        assertThat(sync.stats(peer.id()).syncedHeaders()).isEqualTo(blocks.size());
    }

    @Test
    void shouldNotWaitForEverForHeadersThatConnectToNothing() {
        Peer peer = start();
        sync.onMessage(peer, new Headers(List.of(blocks.getFirst().header())), NOW, out);
        sync.onMessage(peer, new Headers(List.of(blocks.get(2).header())), NOW, out);
        sync.onMessage(peer, new Headers(List.of(blocks.get(3).header())), NOW, out);
        drain();
        assertThat(asked).isEmpty();
        letChainWork();
        assertThat(asked).hasSize(1);
        assertThat(peers.actions).isEmpty();
    }

    @Test
    void shouldAskAtOnceWhereNoBlockCameBefore() {
        Peer peer = start();
        sync.onMessage(peer, new Headers(List.of(blocks.get(2).header())), NOW, out);
        drain();
        assertThat(asked).hasSize(1);
        assertThat(peers.actions).isEmpty();
    }
}
