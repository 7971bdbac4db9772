package weft.server.metrics;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.server.LightApi;
import weft.server.PeersApi;

/// All that is said of a node, as text in the format of Prometheus 0.0.4.
///
/// Whoever asks, and however often, the engine of the peers is asked one short question in a second at most;
/// that of the chain none at all.
public final class NodeFigures {
    /// What the text is, as HTTP has it.
    static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PeersApi node;
    private final Sources sources;
    private @Nullable Bytes last;
    private long lastNanos;

    /// What the node's interface does not give.
    ///
    /// @param version of the program
    /// @param messagesSent since the start, by command
    /// @param chain how chain and mempool stood lately; empty before the first time, and on a light node
    public record Sources(
            String version,
            Supplier<Map<String, Long>> messagesSent,
            Supplier<Optional<ChainFigures>> chain) {}

    /// Figures of a node.
    public NodeFigures(PeersApi node, Sources sources) {
        this.node = node;
        this.sources = sources;
    }

    /// The text, not older than a second.
    ///
    /// @throws IllegalStateException if the node is shutting down
    synchronized Bytes text() {
        long now = System.nanoTime();
        Bytes known = last;
        if (known == null || now - lastNanos >= FRESH_NANOS) {
            known = make();
            last = known;
            lastNanos = System.nanoTime();
        }
        return known;
    }

    private Bytes make() {
        PeerFigures peers = node.onPeers(engine -> PeerFigures.of(engine, node.now()));
        var families = new Families();
        ProcessFigures.write(families, sources.version());
        peers.write(families, sources.messagesSent().get());
        sources.chain().get().ifPresent(each -> each.write(families, System.nanoTime()));
        if (node instanceof LightApi light) {
            int height = light.onLight(each -> each.tip().height());
            families.gauge("chain_headers_height", "Height of the best header.", height);
        }
        var out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.builder().build().write(out, families.build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Bytes.wrap(out.toByteArray());
    }
}
