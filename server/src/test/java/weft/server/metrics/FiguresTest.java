package weft.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.Outbox;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.p2p.addr.NetGroups;
import weft.p2p.sync.SyncRules;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.server.rpc.OpenNode;
import weft.testkit.Exposition;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// What is said of a node, read back as Prometheus would.
class FiguresTest {
    private static final ChainParams PARAMS = ChainParams.of(Network.REGTEST);
    private static final Now NOW = new Now(1_000_000_000L, Instant.ofEpochSecond(1_700_000_000L));
    private static final long CPU_NANOS = 500_000_000L;

    private final Outbox outbox = new Outbox();

    private static Exposition read(Families families) {
        var out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.builder().build().write(out, families.build());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return Exposition.parse(out.toString(StandardCharsets.UTF_8));
    }

    private static Exposition read(PeerEngine engine, Map<String, Long> sent) {
        var families = new Families();
        PeerFigures.of(engine, NOW).write(families, sent);
        return read(families);
    }

    private static PeerEngine engine() {
        P2pOptions options = P2pOptions.of(18_444, NetGroups.PUBLIC);
        var random = new SplittableRandom(1);
        var engine =
                new PeerEngine(
                        options,
                        PeerEngine.Memory.empty(options, random, Log.NONE),
                        SyncRules.of(PARAMS),
                        random,
                        Log.NONE);
        // Each message takes half a second, by this clock.
        var clock = new AtomicLong();
        engine.measureCostsBy(() -> clock.getAndAdd(CPU_NANOS));
        return engine;
    }

    private void feed(PeerEngine engine, PeerInput input) {
        engine.handle(input, NOW, outbox);
        while (outbox.poll() != null) {
            // Nobody hears.
        }
    }

    private void feed(PeerEngine engine, PeerId peer, Message message) {
        feed(engine, new PeerInput.Received(peer, message, 76, 100));
    }

    private PeerId dialIn(PeerEngine engine, int number) {
        var peer = new PeerId(number);
        NetAddress theirs = NetAddress.parse("11." + number + ".3.4:5000", 5000);
        NetAddress ours = NetAddress.parse("1.2.3.4:18444", 18_444);
        feed(engine, new PeerInput.Accepted(peer, theirs, ours, false, PeerPermissions.NONE));
        feed(engine, new PeerInput.TransportReady(peer, TransportVersion.V1, Bytes.EMPTY));
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        feed(
                engine,
                peer,
                new VersionMessage(
                        70_016, 0, 1_700_000_000, nowhere, nowhere, number, "/x:1/", 0, true));
        feed(engine, peer, new Verack());
        return peer;
    }

    @Test
    void shouldWriteWhatCanBeReadBack() {
        var families = new Families();
        families.counter(
                "things",
                "Back\\slash and\nnewline.",
                points -> points.add(3, "kind", "a\"b\\c\nd").add(1e18, "kind", "*other*"));
        families.gauge("size_bytes", "Bytes.", -0.5);
        families.gauge("nothing", "Never there.", points -> {});
        families.info("build", "Version.", "version", "0.1.0");
        Exposition read = read(families);
        assertThat(read.type("weft_things_total")).isEqualTo("counter");
        assertThat(read.help("weft_things_total")).isEqualTo("Back\\slash and\nnewline.");
        assertThat(read.value("weft_things_total", "kind", "a\"b\\c\nd")).isEqualTo(3);
        assertThat(read.value("weft_things_total", "kind", "*other*")).isEqualTo(1e18);
        assertThat(read.type("weft_size_bytes")).isEqualTo("gauge");
        assertThat(read.value("weft_size_bytes")).isEqualTo(-0.5);
        assertThat(read.value("weft_build_info", "version", "0.1.0")).isOne();
        assertThat(read.samples()).hasSize(4);
    }

    @Test
    void shouldRefuseTheSameSeriesTwice() {
        var labels = new Families();
        assertThatThrownBy(
                        () ->
                                labels.gauge(
                                        "x",
                                        "X.",
                                        points -> points.add(1, "a", "b").add(2, "a", "b")))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void shouldReadOnlyWhatKeepsTheRules() {
        String head = "# HELP a A.\n# TYPE a gauge\n";
        assertThat(Exposition.parse(head + "a 1\na{b=\"c\"} 2\n").samples()).hasSize(2);
        for (String bad :
                List.of(
                        "a 1\n",
                        head + "a 1",
                        head + "a 1\na 1\n",
                        head + "b 1\n",
                        head + "a{b=\"c\"d\"} 1\n",
                        head + "a{b=\"c\\d\"} 1\n",
                        head + "a 1\n" + head + "a{b=\"c\"} 1\n",
                        "# HELP a A.\n# TYPE a counter\na 1\n")) {
            assertThatThrownBy(() -> Exposition.parse(bad)).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void shouldSayWhatMessagesCost() {
        PeerEngine engine = engine();
        PeerId one = dialIn(engine, 1);
        PeerId two = dialIn(engine, 2);
        feed(engine, two, new Unknown("sabbatical", Bytes.EMPTY));
        feed(engine, new PeerInput.Sent(one, "ping", 32, 0));
        Exposition read = read(engine, Map.of("ping", 7L, "of-mine", 2L, "another", 3L));

        String messages = "weft_messages_total";
        assertThat(read.value(messages, "direction", "received", "message", "version"))
                .isEqualTo(2);
        assertThat(read.value(messages, "direction", "received", "message", "*other*")).isOne();
        assertThat(read.value(messages, "direction", "sent", "message", "ping")).isEqualTo(7);
        assertThat(read.value(messages, "direction", "sent", "message", "*other*")).isEqualTo(5);
        String bytes = "weft_message_bytes_total";
        assertThat(read.value(bytes, "direction", "received", "message", "verack")).isEqualTo(200);
        assertThat(read.value(bytes, "direction", "sent", "message", "ping")).isEqualTo(32);
        assertThat(read.value("weft_network_bytes_total", "direction", "received")).isEqualTo(500);
        assertThat(read.value("weft_message_cpu_seconds_total", "message", "version")).isEqualTo(1);
        assertThat(read.value("weft_messages_throttled_total", "message", "version")).isZero();

        assertThat(read.value("weft_peer_cpu_seconds_total", "peer", "1")).isEqualTo(1);
        assertThat(read.value("weft_peer_cpu_seconds_total", "peer", "2")).isEqualTo(1.5);
        assertThat(read.value("weft_peer_messages_received_total", "peer", "2")).isEqualTo(3);
        assertThat(read.value("weft_peer_bytes_total", "peer", "2", "direction", "received"))
                .isEqualTo(300);
        String[] inbound = {"direction", "inbound", "network", "ipv4", "type", "inbound"};
        assertThat(read.value("weft_peers", inbound)).isEqualTo(2);

        feed(engine, new PeerInput.Disconnected(two, "gone", false));
        Exposition later = read(engine, Map.of());
        assertThat(later.samples("weft_peer_cpu_seconds_total")).hasSize(1);
        assertThat(later.value("weft_message_cpu_seconds_total", "message", "version"))
                .isEqualTo(1);
        assertThat(later.value("weft_peers", inbound)).isOne();
    }

    @Test
    void shouldKeepLabelsFewWhateverPeersSend() {
        PeerEngine engine = engine();
        PeerId peer = dialIn(engine, 1);
        feed(engine, peer, new Unknown("c0", Bytes.EMPTY));
        int before = read(engine, Map.of()).samples().size();
        for (int i = 1; i < 2_000; i++) {
            feed(engine, peer, new Unknown("c" + i, Bytes.EMPTY));
        }
        Exposition read = read(engine, Map.of());
        assertThat(read.samples()).hasSize(before);
        assertThat(read.value("weft_messages_total", "direction", "received", "message", "*other*"))
                .isEqualTo(2_000);
    }

    @Test
    void shouldSayHowChainAndMempoolStand() {
        var node = new OpenNode(PARAMS);
        node.onChain(chain -> chain.mine(3, Bytes.parse("51"), 1_000_000));
        ChainFigures figures = node.onChain(chain -> ChainFigures.of(chain, node.now()));
        var families = new Families();
        figures.write(families, figures.madeNanos() + 1_500_000_000L);
        Exposition read = read(families);
        assertThat(read.value("weft_chain_height")).isEqualTo(3);
        assertThat(read.value("weft_chain_headers_height")).isEqualTo(3);
        assertThat(read.value("weft_chain_figures_age_seconds")).isEqualTo(1.5);
        assertThat(read.value("weft_mempool_transactions")).isZero();
        assertThat(read.value("weft_mempool_min_fee_satoshis_per_kvb")).isEqualTo(1_000);
        assertThat(read.value("weft_mempool_memory_max_bytes")).isEqualTo(300e6);
    }

    @Test
    void shouldSayWhatTheProcessTakes() {
        var families = new Families();
        ProcessFigures.write(families, "0.1.0");
        Exposition read = read(families);
        assertThat(read.value("weft_build_info", "version", "0.1.0")).isOne();
        for (String name :
                List.of(
                        "weft_uptime_seconds",
                        "weft_jvm_heap_used_bytes",
                        "weft_jvm_heap_max_bytes",
                        "weft_jvm_threads")) {
            assertThat(read.value(name)).as(name).isPositive();
        }
        assertThat(read.samples("weft_jvm_gc_seconds_total")).isNotEmpty();
    }

    @Test
    void shouldBeginAllNamesAlike() {
        var families = new Families();
        ProcessFigures.write(families, "0.1.0");
        PeerEngine engine = engine();
        dialIn(engine, 1);
        PeerFigures.of(engine, NOW).write(families, Map.of("ping", 1L));
        var node = new OpenNode(PARAMS);
        node.onChain(chain -> ChainFigures.of(chain, node.now())).write(families, 0);
        var labels = new TreeMap<String, Integer>();
        for (Exposition.Sample each : read(families).samples()) {
            assertThat(each.name()).startsWith("weft_");
            each.labels().keySet().forEach(name -> labels.merge(name, 1, Integer::sum));
        }
        assertThat(labels)
                .containsOnlyKeys(
                        "collector",
                        "direction",
                        "message",
                        "network",
                        "peer",
                        "table",
                        "type",
                        "version");
    }
}
