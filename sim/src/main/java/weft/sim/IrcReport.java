package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// The story of Bitcoin's first way in: nodes meet on IRC, the server closes, and newcomers find nobody.
public final class IrcReport {
    private static final int LATE = 4;

    /// So many nodes to a channel, as a world of a few needs it to meet.
    private static final int CROWD = 8;

    private IrcReport() {}

    /// What became of the nodes.
    ///
    /// @param early average connections of those who came while the server ran
    /// @param alone how many of them have none
    /// @param late average connections of those who came half an hour ago, after its end
    public record Row(double early, long alone, double late) {}

    /// Tells the story.
    ///
    /// @param nodes that come while the server runs, 1 to 800
    public static Row row(long seed, int nodes) {
        var world = new World(seed, LinkModel.WIDE_AREA);
        var factory = new FullNodes((_, options) -> options);
        for (int i = 0; i < nodes + LATE; i++) {
            world.add(factory);
        }
        var server = new IrcServer();
        var random = new SplittableRandom(seed);
        int channels = Math.clamp(nodes / CROWD, 1, IrcSeeding.CHANNELS);
        List<SimNode> early = world.nodes().subList(0, nodes);
        List<SimNode> late = world.nodes().subList(nodes, nodes + LATE);
        for (SimNode each : early) {
            each.start();
            new IrcSeeding(world, each, server, channels, random.split()).start();
            world.run(Duration.ofSeconds(5));
        }
        world.run(Duration.ofMinutes(2));
        server.stop();
        for (SimNode each : late) {
            each.start();
            new IrcSeeding(world, each, server, channels, random.split()).start();
        }
        world.run(Duration.ofMinutes(30));
        long alone = early.stream().filter(each -> each.neighbours().isEmpty()).count();
        return new Row(connections(early), alone, connections(late));
    }

    private static double connections(List<SimNode> nodes) {
        return nodes.stream().mapToInt(each -> each.neighbours().size()).average().orElse(0);
    }

    /// The story as text.
    public static String text(long seed, int nodes) {
        Row row = row(seed, nodes);
        var lines = new ArrayList<String>();
        lines.add("A way in by IRC, as until 2014: one server, channels #bitcoin00 to #bitcoin99");
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d nodes came while it ran: %.1f connections on average, %d have none",
                        nodes,
                        row.early(),
                        row.alone()));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d nodes came after it closed: %.1f connections after half an hour",
                        LATE,
                        row.late()));
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
