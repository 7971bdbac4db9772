package weft.p2p.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.api.TxFailure;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.consensus.PowRules;
import weft.p2p.ConnectionType;
import weft.p2p.DialId;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;
import weft.p2p.defence.DefenceOptions;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.Keepalive;
import weft.p2p.sync.FilterSource;
import weft.p2p.sync.SyncOptions;
import weft.p2p.tx.Spreading;
import weft.p2p.tx.TxOptions;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.wire.AddressEntry;
import weft.wire.BlockMessage;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Subnet;
import weft.wire.TxMessage;
import weft.wire.Unknown;

/// Every kind of input there and back.
class FormsTest {
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    private static final Block GENESIS = PARAMS.genesis();
    private static final HeaderNode NODE =
            HeaderNode.genesis(GENESIS.header(), PowRules.work(GENESIS.header().bits()));
    private static final Transaction TX = GENESIS.transactions().getFirst();
    private static final NetAddress ADDRESS = NetAddress.parse("1.2.3.4:8333", 0);
    private static final NetAddress NAME = NetAddress.internal("seed.example");
    private static final PeerId PEER = new PeerId(3);
    private static final Origin ORIGIN = new Origin(7);
    private static final Subnet SUBNET = Subnet.parse("10.0.0.0/8");
    private static final String ODD = "x…\u0000\n";
    private static final BlockFailure BAD_BLOCK =
            new BlockFailure(BlockFailure.Kind.LOW_WORK, "too-little", ODD);
    private static final Now NOW = new Now(-5, Instant.ofEpochSecond(1_700_000_000, 999_999_999));

    private static List<ChainEvent> events() {
        List<HeaderNode> nodes = List.of(NODE);
        return List.of(
                new ChainEvent.Loaded(nodes, nodes, NODE, true),
                new ChainEvent.HeadersAccepted(ORIGIN, nodes, List.of()),
                new ChainEvent.HeadersRejected(ORIGIN, NODE.hash(), BAD_BLOCK, nodes),
                new ChainEvent.BlockStored(Origin.SELF, NODE, true),
                new ChainEvent.BlocksPruned(nodes),
                new ChainEvent.HistoryMoved(NODE, NODE),
                new ChainEvent.BlockConnected(NODE, GENESIS),
                new ChainEvent.BlockConnected(NODE, null),
                new ChainEvent.BlockDisconnected(NODE, GENESIS),
                new ChainEvent.TipChanged(NODE, NODE, NODE, false),
                new ChainEvent.BlockRejected(ORIGIN, NODE.hash(), BAD_BLOCK),
                new ChainEvent.HeaderValidity(NODE, false),
                new ChainEvent.TxAccepted(ORIGIN, TX, 12),
                new ChainEvent.TxRemoved(TX.txid(), ChainEvent.RemovalReason.REPLACED),
                new ChainEvent.TxRejected(
                        ORIGIN, TX, new TxFailure(TxFailure.Kind.CONFLICT, "why", "more")),
                new ChainEvent.TxTested(ORIGIN, TX, Optional.empty()),
                new ChainEvent.TxTested(
                        ORIGIN, TX, Optional.of(new TxFailure(TxFailure.Kind.CONFLICT, "why", ""))),
                new ChainEvent.TxMissingInputs(ORIGIN, TX, List.of(TX.txid(), TX.txid())),
                new ChainEvent.PackageJudged(ORIGIN, List.of(TX), Optional.of("failed")),
                new ChainEvent.TxUnrequested(TX.wtxid()),
                new ChainEvent.MempoolMinFee(1_234),
                new ChainEvent.BlockFetched(ORIGIN, GENESIS.hash(), Optional.of(GENESIS)));
    }

    private static List<PeerCommand> commands() {
        return List.of(
                new PeerCommand.AddNode("näme:1", true),
                new PeerCommand.RemoveNode("a"),
                new PeerCommand.TryNode("b", false),
                new PeerCommand.OpenConnection("c", ConnectionType.FEELER, true),
                new PeerCommand.DisconnectPeer(PEER),
                new PeerCommand.SetNetworkActive(false),
                new PeerCommand.PingAll(),
                new PeerCommand.AnnounceTx(Wtxid.ZERO),
                new PeerCommand.Ban(SUBNET, -1, true),
                new PeerCommand.Unban(SUBNET),
                new PeerCommand.SendMessage(PEER, new Unknown("ping", Bytes.parse("00"))),
                new PeerCommand.FetchBlock(PEER, NODE),
                new PeerCommand.ClearBans(),
                new PeerCommand.SetLimits(1, 2, 3),
                new PeerCommand.LearnLocal(ADDRESS, 4),
                new PeerCommand.ForgetLocal(ADDRESS),
                new PeerCommand.Reach(NetworkId.TORV3),
                new PeerCommand.BroadcastPrivately(TX),
                new PeerCommand.AbortPrivately(Wtxid.ZERO),
                new PeerCommand.AddAddress(new AddressEntry(9, 8, NAME), true),
                new PeerCommand.SampleAddresses(4, Optional.of(NetworkId.I2P)));
    }

    private static List<PeerInput> inputs() {
        var all =
                new ArrayList<PeerInput>(
                        List.of(
                                new PeerInput.Accepted(
                                        PEER, ADDRESS, NAME, true, new PeerPermissions(6)),
                                new PeerInput.Connected(PEER, new DialId(9), ADDRESS, ADDRESS),
                                new PeerInput.DialFailed(new DialId(10), ODD),
                                new PeerInput.TransportReady(
                                        PEER, TransportVersion.V2, Bytes.parse("0102")),
                                new PeerInput.Received(PEER, Ping.of(-1), 8, 32),
                                new PeerInput.Received(PEER, TxMessage.of(TX), 80, 104),
                                new PeerInput.Received(PEER, BlockMessage.of(GENESIS), 8, 9),
                                new PeerInput.Malformed(PEER, "tx", 1, 25, ODD),
                                new PeerInput.Dropped(PEER, 77),
                                new PeerInput.Heard(PEER, 78),
                                new PeerInput.Decoy(PEER, 20),
                                new PeerInput.Queued(PEER, 76),
                                new PeerInput.Sent(PEER, "inv", 79, 1L << 40),
                                new PeerInput.Disconnected(PEER, "gone", true),
                                new PeerInput.Resolved("host", List.of(ADDRESS, NAME)),
                                new PeerInput.Tick()));
        events().forEach(each -> all.add(new PeerInput.Chain(each)));
        commands().forEach(each -> all.add(new PeerInput.Command(each)));
        return all;
    }

    private static Set<Class<?>> kinds(List<?> values) {
        return values.stream().map(Object::getClass).collect(Collectors.toSet());
    }

    /// With headers by their hashes: those of another table are others.
    private static String text(Object input) {
        return input.toString();
    }

    @Test
    void shouldReadEveryKindBack() {
        assertThat(kinds(inputs()))
                .containsAll(Arrays.asList(PeerInput.class.getPermittedSubclasses()));
        assertThat(kinds(events()))
                .containsAll(Arrays.asList(ChainEvent.class.getPermittedSubclasses()));
        assertThat(kinds(commands()))
                .containsAll(Arrays.asList(PeerCommand.class.getPermittedSubclasses()));
        var out = new FormWriter();
        var in = new FormReader();
        for (PeerInput each : inputs()) {
            InputForm.write(each, out);
            PeerInput found = InputForm.read(in.open(out.take()));
            in.expectEnd();
            assertThat(text(found)).isEqualTo(text(each));
            boolean hasNode = text(each).contains("height=");
            if (!hasNode) {
                assertThat(found).isEqualTo(each);
            }
        }
    }

    private static EngineStart start() {
        var random = new SplittableRandom(1);
        NetGroups groups = new NetGroups(true);
        P2pOptions options = P2pOptions.of(18_444, groups);
        var entry = new AddressEntry(1, 2, ADDRESS);
        P2pOptions changed =
                options.with(
                                options.sources()
                                        .withAnchors(List.of(entry))
                                        .withAddNodes(List.of("a.example"))
                                        .withProbe(
                                                new P2pOptions.Probe(
                                                        List.of(SUBNET), Duration.ofSeconds(3))))
                        .with(
                                new P2pOptions.Access(
                                        List.of(
                                                new P2pOptions.Whitelisted(
                                                        SUBNET,
                                                        new PeerPermissions(8),
                                                        true,
                                                        false)),
                                        List.of(NetworkId.CJDNS),
                                        false))
                        .with(options.limits().withUpload(123).withBest(5))
                        .with(options.tx().with(Spreading.DANDELION).withFluffPercent(17))
                        .with(
                                DefenceOptions.DEFAULT
                                        .with(MisbehaviourPolicy.SHADOW)
                                        .with(Countermeasures.NONE)
                                        .reacting(false));
        return new EngineStart(
                "weft test",
                EngineStart.Chain.of(PARAMS, BigInteger.TEN),
                changed,
                Bytes.wrap(new byte[SeededRandom.SEED_BYTES]),
                EngineStart.Book.of(
                        new AddrMan(AddrMan.newKey(random), groups, random, Log.NONE),
                        met(),
                        Network.REGTEST,
                        5),
                new EngineStart.Bans(
                        Duration.ofHours(2),
                        List.of(new BanEntry(SUBNET, 1, 2, BanEntry.Reason.SHADOW))),
                Map.of(ADDRESS, 3),
                true,
                NOW);
    }

    private static Acquaintances met() {
        var met = new Acquaintances();
        met.met(ADDRESS, "/weft:1/", 1_700_000_000);
        return met;
    }

    /// A component that has a default could be forgotten without any failure: who adds one comes by here.
    @Test
    void shouldWriteEveryComponentOfTheSettings() {
        var counts = new LinkedHashMap<Class<? extends Record>, Integer>();
        counts.put(P2pOptions.class, 7);
        counts.put(P2pOptions.Self.class, 7);
        counts.put(P2pOptions.Limits.class, 7);
        counts.put(P2pOptions.Sources.class, 10);
        counts.put(P2pOptions.Dns.class, 4);
        counts.put(P2pOptions.Probe.class, 2);
        counts.put(P2pOptions.Access.class, 3);
        counts.put(P2pOptions.Whitelisted.class, 4);
        counts.put(SyncOptions.class, 5);
        counts.put(TxOptions.class, 6);
        counts.put(Keepalive.class, 4);
        counts.put(DefenceOptions.class, 3);
        counts.put(Countermeasures.class, 6);
        counts.put(NetGroups.class, 2);
        counts.put(BanEntry.class, 4);
        counts.forEach(
                (record, count) ->
                        assertThat(record.getRecordComponents())
                                .as("%s in OptionsForm or EngineStart", record)
                                .hasSize(count));
    }

    @Test
    void shouldReadTheStartBack() {
        EngineStart found = Replay.readStart(new RecordWriter().start(start()));
        assertThat(found).isEqualTo(start());
        assertThat(found.build(Log.NONE).localAddresses()).isEqualTo(Map.of(ADDRESS, 3));
    }

    @Test
    void shouldRepeatWhatTheIndexAnswered() {
        var hashes = new FilterSource.Hashes(Digest256.ZERO, Digest256.ZERO);
        var recorded = new ArrayList<Handled>();
        var recorder = new Recorder(recorded::add);
        FilterSource filters =
                recorder.filters(
                        new FilterSource() {
                            @Override
                            public Optional<Bytes> filter(HeaderNode node) {
                                return Optional.of(Bytes.parse("0a"));
                            }

                            @Override
                            public Optional<Hashes> hashes(HeaderNode node) {
                                return Optional.of(hashes);
                            }
                        });
        assertThat(filters.filter(NODE)).contains(Bytes.parse("0a"));
        assertThat(filters.hashes(NODE)).contains(hashes);
        recorder.handled(new PeerInput.Tick(), NOW, true, List.of());
        recorder.handled(new PeerInput.Tick(), NOW, true, List.of());
        assertThat(recorded.getFirst().answers()).hasSize(2);
        assertThat(recorded.getLast().answers()).isEmpty();
        var out = new FormWriter();
        var in = new FormReader();
        for (FilterAnswer each : recorded.getFirst().answers()) {
            AnswerForm.write(each, out);
            assertThat(AnswerForm.read(in.open(out.take()))).isEqualTo(each);
        }
    }

    @Test
    void shouldTellDecisionsApart() {
        Decision one = Decision.of(new PeerOutput.Send(PEER, Ping.of(1)));
        assertThat(one).isEqualTo(Decision.of(new PeerOutput.Send(PEER, Ping.of(1))));
        assertThat(one).isNotEqualTo(Decision.of(new PeerOutput.Send(PEER, Ping.of(2))));
        assertThat(one).isNotEqualTo(Decision.of(new PeerOutput.Send(new PeerId(4), Ping.of(1))));
        assertThat(Decision.firstDifference(List.of(one), List.of(one))).isEmpty();
        assertThat(Decision.firstDifference(List.of(one), List.of(one, one))).contains(1);
    }

    @Test
    void shouldGiveTheSameChanceForOneSeed() {
        Bytes seed = Bytes.wrap(new byte[32]);
        var one = new SeededRandom(seed);
        var other = new SeededRandom(seed);
        var seen = new ArrayList<Long>();
        for (int i = 0; i < 1_000; i++) {
            long value = one.nextLong();
            assertThat(other.nextLong()).isEqualTo(value);
            seen.add(value);
        }
        assertThat(seen).doesNotHaveDuplicates();
    }
}
