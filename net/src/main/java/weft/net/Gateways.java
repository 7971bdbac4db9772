package weft.net;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Finds the gateways of this machine: where what is for the rest of the world goes.
interface Gateways {
    /// Lines of a table of routes beyond this are not read: a router of the internet has a million.
    int LINES_MAX = 10_000;

    /// One gateway and the address of ours that it knows us by.
    ///
    /// @param ours null to let the system choose
    record Way(InetSocketAddress gateway, Optional<InetAddress> ours) {}

    /// All of them; empty if they cannot be found.
    List<Way> find();

    /// Those in Linux's tables of routes; none on other systems.
    static Gateways ofLinux() {
        return () -> read(Path.of("/proc/net/route"), Path.of("/proc/net/ipv6_route"));
    }

    /// Those in two tables, as Linux writes them.
    static List<Way> read(Path routes, Path routes6) {
        var ways = new ArrayList<Way>();
        best(routes, Gateways::ipv4)
                .ifPresent(ip -> ways.add(new Way(toward(ip), Optional.empty())));
        best(routes6, Gateways::ipv6)
                .ifPresent(
                        ip ->
                                publicAddresses()
                                        .forEach(
                                                ours ->
                                                        ways.add(
                                                                new Way(
                                                                        toward(ip),
                                                                        Optional.of(ours)))));
        return ways;
    }

    private static InetSocketAddress toward(InetAddress gateway) {
        return new InetSocketAddress(gateway, MappingDialogue.GATEWAY_PORT);
    }

    /// A route and what the system thinks of it: the lowest metric is used.
    record Route(InetAddress gateway, long metric) {}

    /// Reads one line of a table.
    interface Form {
        /// @return empty if it is no route to the rest of the world through a gateway
        Optional<Route> read(String[] fields) throws IOException;
    }

    private static Optional<InetAddress> best(Path table, Form form) {
        Optional<Route> best = Optional.empty();
        try (var reader = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
            for (int i = 0; i < LINES_MAX; i++) {
                String line = reader.readLine();
                if (line == null) {
                    break;
                }
                Optional<Route> route = form.read(line.strip().split("\\s+"));
                if (route.isPresent()
                        && (best.isEmpty() || route.get().metric < best.get().metric)) {
                    best = route;
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
        return best.map(Route::gateway);
    }

    /// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, numbers as the processor keeps them.
    private static Optional<Route> ipv4(String[] fields) throws IOException {
        boolean isDefault = fields.length >= 8 && fields[1].equals("00000000");
        if (!isDefault || !fields[7].equals("00000000") || fields[2].equals("00000000")) {
            return Optional.empty();
        }
        byte[] turned = HexFormat.of().parseHex(fields[2]);
        byte[] ip = {turned[3], turned[2], turned[1], turned[0]};
        return Optional.of(new Route(InetAddress.getByAddress(ip), Long.parseLong(fields[6])));
    }

    /// `Destination Length Source Length Gateway Metric RefCnt Use Flags Iface`.
    private static Optional<Route> ipv6(String[] fields) throws IOException {
        String nowhere = "0".repeat(32);
        boolean isDefault =
                fields.length >= 10 && fields[0].equals(nowhere) && fields[1].equals("00");
        if (!isDefault || fields[4].equals(nowhere)) {
            return Optional.empty();
        }
        // Gateways of IPv6 mostly have addresses that mean something on one interface only.
        InetAddress ip =
                Inet6Address.getByAddress(
                        null,
                        HexFormat.of().parseHex(fields[4]),
                        NetworkInterface.getByName(fields[9]));
        return Optional.of(new Route(ip, Long.parseLong(fields[5], 16)));
    }

    private static List<InetAddress> publicAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(each -> each instanceof Inet6Address)
                    .filter(each -> weft.wire.NetAddress.ofIp(each.getAddress(), 1).isRoutable())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
