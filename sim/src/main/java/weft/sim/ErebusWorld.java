package weft.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import weft.p2p.addr.AsMap;
import weft.wire.NetAddress;

/// An internet for [ErebusAttack]: ranges of addresses, operators who have them, honest nodes that come and
/// go, and an operator in the middle through whose network a part of all ways leads. What lies behind him he
/// can answer for: whoever dials an address there meets the attacker.
///
/// - 35,328 ranges (/16) of 3,000 operators. The larger an operator is, the fewer there are of its size: the
///   r-th has a share in proportion to 1 / (r + 10).
/// - 8,000 honest nodes at any time, each there for 20 days on average, at 1,000 operators; the r-th of those
///   hosts a share in proportion to 1 / (r + 1).
final class ErebusWorld {
    private static final int PORT = 8333;
    private static final int OPERATORS = 3_000;
    private static final int HOSTS = 1_000;
    private static final int HONEST = 8_000;
    private static final int FEW = 9;
    private static final double MEAN_LIFE_SECONDS = 20 * 86_400.0;

    /// First bytes of addresses, without those that have other meanings.
    private static final int[] FIRST_BYTES = firstBytes();

    private final int[] operatorOf = new int[1 << 16];
    private final List<List<Integer>> rangesOf = new ArrayList<>();
    private final boolean[] isBehind = new boolean[OPERATORS];
    private final List<Integer> shadows = new ArrayList<>();
    private final List<Node> honest = new ArrayList<>();
    private final Map<NetAddress, Node> byAddress = new HashMap<>();
    private final SplittableRandom random;

    /// Who is not the attacker, for as long as it is there.
    ///
    /// @param bornSeconds on the clock of the experiment
    /// @param diesSeconds on the same clock
    record Node(NetAddress address, long bornSeconds, long diesSeconds) {
        boolean isThere(long seconds) {
            return seconds >= bornSeconds && seconds < diesSeconds;
        }
    }

    /// Who stands behind the attacker.
    enum Position {
        /// Any operators, as many as a share of all ways leads to.
        SPREAD,
        /// The nine largest operators alone, who have a tenth of all ranges: one fewer than the node dials.
        FEW_AND_LARGE
    }

    /// @param share of all ways that lead through the attacker's network, from 0 to 1; of no use where it has
    ///     few and large operators
    /// @param seconds how long the experiment lasts
    ErebusWorld(Position position, double share, long seconds, SplittableRandom random) {
        this.random = random;
        Arrays.fill(operatorOf, OPERATORS);
        for (int i = 0; i < OPERATORS; i++) {
            rangesOf.add(new ArrayList<>());
        }
        double[] sizes = shares(OPERATORS, 10);
        int next = 0;
        for (int first : FIRST_BYTES) {
            for (int second = 0; second < 256; second++) {
                // Each has one range, and the rest goes by size.
                int operator = next < OPERATORS ? next : draw(sizes);
                next++;
                operatorOf[first << 8 | second] = operator;
                rangesOf.get(operator).add(first << 8 | second);
            }
        }
        double[] hosts = shares(HOSTS, 1);
        int[] hostOf = random.ints(HOSTS, 0, OPERATORS).toArray();
        switch (position) {
            case SPREAD -> standBetween(share, hosts, hostOf);
            case FEW_AND_LARGE -> IntStream.range(0, FEW).forEach(this::takeIn);
        }
        long births = HONEST + (long) (HONEST * (seconds / MEAN_LIFE_SECONDS));
        for (int i = 0; i < births; i++) {
            long born = i < HONEST ? 0 : (long) (random.nextDouble() * seconds);
            settle(hostOf[draw(hosts)], born);
        }
    }

    private static int[] firstBytes() {
        return IntStream.range(20, 160).filter(each -> each != 100 && each != 127).toArray();
    }

    /// The share of each of `count`, of all before it together with it.
    private static double[] shares(int count, int flat) {
        double[] sums = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += 1.0 / (i + flat);
            sums[i] = sum;
        }
        for (int i = 0; i < count; i++) {
            sums[i] /= sum;
        }
        return sums;
    }

    private int draw(double[] sums) {
        int found = Arrays.binarySearch(sums, random.nextDouble());
        return Math.min(found < 0 ? -found - 1 : found, sums.length - 1);
    }

    /// Chooses operators behind the attacker until a share of the honest nodes and of all operators is.
    private void standBetween(double share, double[] hosts, int[] hostOf) {
        double[] hosted = new double[OPERATORS];
        for (int i = 0; i < HOSTS; i++) {
            hosted[hostOf[i]] += hosts[i] - (i == 0 ? 0 : hosts[i - 1]);
        }
        double behind = 0;
        int count = 0;
        while (count < share * OPERATORS) {
            int chosen = random.nextInt(OPERATORS);
            // Of those who host much, as many as their share allows.
            if (!isBehind[chosen] && behind + hosted[chosen] <= share) {
                takeIn(chosen);
                behind += hosted[chosen];
                count++;
            }
        }
    }

    private void takeIn(int operator) {
        isBehind[operator] = true;
        shadows.addAll(rangesOf.get(operator));
    }

    private void settle(int operator, long born) {
        List<Integer> ranges = rangesOf.get(operator);
        int range = ranges.get(random.nextInt(ranges.size()));
        long life = (long) (-Math.log(1 - random.nextDouble()) * MEAN_LIFE_SECONDS);
        var node = new Node(address(range, random), born, born + life);
        if (byAddress.putIfAbsent(node.address(), node) == null) {
            honest.add(node);
        }
    }

    private static NetAddress address(int range, SplittableRandom random) {
        byte[] ip = {
            (byte) (range >> 8),
            (byte) range,
            (byte) random.nextInt(256),
            (byte) random.nextInt(1, 255)
        };
        return NetAddress.ofIp(ip, PORT);
    }

    /// All honest nodes of the whole time.
    List<Node> honest() {
        return honest;
    }

    /// The map that the operators would publish.
    AsMap map() {
        return AsMapWriter.ofRanges(range -> operatorOf[range] + 1);
    }

    /// An address for which the attacker answers.
    NetAddress shadow(SplittableRandom chance) {
        return address(shadows.get(chance.nextInt(shadows.size())), chance);
    }

    /// Whether who dials an address meets the attacker.
    boolean isShadow(NetAddress address) {
        byte[] ip = address.address().toByteArray();
        int operator = operatorOf[((ip[0] & 0xff) << 8) | (ip[1] & 0xff)];
        return operator < OPERATORS && isBehind[operator];
    }

    /// Whether somebody answers.
    boolean answers(NetAddress address, long seconds) {
        if (isShadow(address)) {
            return true;
        }
        Node node = byAddress.get(address);
        return node != null && node.isThere(seconds);
    }
}
