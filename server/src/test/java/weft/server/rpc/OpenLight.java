package weft.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import weft.chain.ConsensusRules;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.light.LightChain;
import weft.light.LightNode;
import weft.p2p.Outbox;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.server.LightApi;

/// A light node without threads, sockets and files, whose clock the test turns and whose one peer it plays.
final class OpenLight implements LightApi {
    private static final PeerId PEER = new PeerId(1);

    private final ChainParams params;
    private final ConsensusRules rules;
    private final LightNode light;
    private final Outbox outbox = new Outbox();
    private long seconds = 1_700_000_000L;

    OpenLight(ChainParams params) {
        this.params = params;
        this.rules = new ConsensusRules(params);
        P2pOptions options = LightNode.options(P2pOptions.of(18_444, NetGroups.PUBLIC));
        var random = new SplittableRandom(1);
        var peers =
                new PeerEngine(
                        options,
                        PeerEngine.Memory.empty(options, random, Log.NONE),
                        SyncRules.of(params),
                        random,
                        Log.NONE);
        this.light = new LightNode(peers, new LightChain(rules), Set.of(), Log.NONE);
        light.start(now(), outbox::add);
    }

    /// A peer brings headers.
    void take(List<BlockHeader> headers) {
        take(PEER, headers);
    }

    void take(PeerId peer, List<BlockHeader> headers) {
        assertThat(light.chain().onHeaders(peer, false, headers, now()).failure()).isNull();
        light.handle(new PeerInput.Tick(), now(), outbox::add);
    }

    /// A header that nobody else makes.
    BlockHeader onTopOf(HeaderNode parent) {
        var header =
                new BlockHeader(
                        0x20000000,
                        parent.hash(),
                        Digest256.ZERO,
                        parent.time() + 1,
                        parent.bits(),
                        0);
        while (rules.checkHeader(header, header.hash()) != null) {
            header = header.withNonce(header.nonce() + 1);
        }
        return header;
    }

    @Override
    public ChainParams params() {
        return params;
    }

    @Override
    public <T> T onLight(Function<LightNode, T> question) {
        return question.apply(light);
    }

    @Override
    public long bytesOnDisk() {
        return 0;
    }

    @Override
    public <T> T onPeers(Function<PeerEngine, T> question) {
        return question.apply(light.peers());
    }

    @Override
    public List<PeerEvent> commandPeers(PeerCommand command) {
        light.handle(new PeerInput.Command(command), now(), outbox::add);
        return List.of();
    }

    @Override
    public Now now() {
        return new Now(seconds * 1_000_000_000L, Instant.ofEpochSecond(seconds));
    }

    @Override
    public void setMockTime(long unixSeconds) {
        seconds = unixSeconds;
        light.handle(new PeerInput.Tick(), now(), outbox::add);
    }

    @Override
    public void forwardTime(Duration span) {
        seconds += span.toSeconds();
    }

    @Override
    public boolean isStopping() {
        return false;
    }

    @Override
    public void requestStop() {
        throw new UnsupportedOperationException("nothing runs");
    }

    @Override
    public Settings settings() {
        var folder = new Folder(".", "debug.log");
        return new Settings(280_100, Set.of(), folder, seconds, "spv", Proxying.NONE, false);
    }

    @Override
    public Capture capture() {
        throw new UnsupportedOperationException("there are no files");
    }

    @Override
    public Logging logging() {
        return OpenNode.NO_LOG;
    }
}
