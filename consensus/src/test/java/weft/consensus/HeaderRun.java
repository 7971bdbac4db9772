package weft.consensus;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.codec.ByteReader;

/// Headers one after the other, the first at any height.
final class HeaderRun {
    private static final int MEDIAN_SPAN = 11;

    private final int first;
    private final List<Node> nodes = new ArrayList<>();

    HeaderRun(int first) {
        this.first = first;
    }

    static HeaderRun read(int first, byte[] bytes) {
        var run = new HeaderRun(first);
        ByteReader in = ByteReader.of(bytes);
        while (!in.isAtEnd()) {
            run.add(BlockHeader.read(in));
        }
        return run;
    }

    Node add(BlockHeader header) {
        var node = new Node(header, header.hash(), first + nodes.size());
        nodes.add(node);
        return node;
    }

    int size() {
        return nodes.size();
    }

    int firstHeight() {
        return first;
    }

    Node at(int height) {
        return nodes.get(height - first);
    }

    Node last() {
        return nodes.getLast();
    }

    List<Node> nodes() {
        return nodes;
    }

    /// One header of the run.
    final class Node implements HeaderView {
        private final BlockHeader header;
        private final BlockHash hash;
        private final int height;

        private Node(BlockHeader header, BlockHash hash, int height) {
            this.header = header;
            this.hash = hash;
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
            long[] times =
                    nodes
                            .subList(
                                    Math.max(0, height - first - MEDIAN_SPAN + 1),
                                    height - first + 1)
                            .stream()
                            .mapToLong(node -> node.header.time())
                            .sorted()
                            .toArray();
            return times[times.length / 2];
        }
    }
}
