package weft.app.vectors;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.consensus.ChainParams;
import weft.consensus.HeaderView;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.codec.ByteReader;

/// Headers one after the other, the first at any height.
final class HeaderRun {
    private static final int MEDIAN_SPAN = 11;

    private final int first;
    private final List<Node> nodes = new ArrayList<>();

    private HeaderRun(int first) {
        this.first = first;
    }

    /// Reads headers without anything in between.
    static HeaderRun read(int first, byte[] bytes) {
        var run = new HeaderRun(first);
        ByteReader in = ByteReader.of(bytes);
        while (!in.isAtEnd()) {
            BlockHeader header = BlockHeader.read(in);
            run.nodes.add(run.new Node(header, first + run.nodes.size()));
        }
        return run;
    }

    List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /// One header of the run.
    final class Node implements HeaderView {
        private final BlockHeader header;
        private final BlockHash hash;
        private final int height;

        private Node(BlockHeader header, int height) {
            this.header = header;
            this.hash = header.hash();
            this.height = height;
        }

        @Override
        public BlockHeader header() {
            return header;
        }

        @Override
        public BlockHash hash() {
            return hash;
        }

        @Override
        public int height() {
            return height;
        }

        @Override
        public @Nullable Node parent() {
            return ancestor(height - 1);
        }

        @Override
        public @Nullable Node ancestor(int wanted) {
            return wanted < first || wanted > height ? null : nodes.get(wanted - first);
        }

        @Override
        public long medianTimePast() {
            int end = height - first + 1;
            int begin = Math.max(0, end - MEDIAN_SPAN);
            long[] times =
                    nodes.subList(begin, end).stream()
                            .mapToLong(node -> node.header.time())
                            .sorted()
                            .toArray();
            return times[times.length / 2];
        }

        /// Whether the run knows what the rules ask about the header after this one.
        boolean knowsContext(ChainParams.Pow pow) {
            int next = height + 1;
            if (first == 0) {
                return true;
            }
            int known = next - first;
            int interval = pow.interval();
            int periodBegin = next - next % interval;
            boolean knowsBits =
                    next % interval == 0
                            ? known >= interval
                            : !pow.allowMinDifficulty() || periodBegin >= first;
            return known >= MEDIAN_SPAN && knowsBits;
        }
    }
}
