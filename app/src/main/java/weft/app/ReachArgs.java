package weft.app;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.net.Proxies;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Which networks we can dial, and through what: `-proxy`, `-onion`, `-onlynet`, `-cjdnsreachable`.
final class ReachArgs {
    private static final int PROXY_PORT = 9050;

    private final Args args;

    ReachArgs(Args args) {
        this.args = args;
    }

    private Optional<NetAddress> proxy(String option) {
        Optional<String> text = args.text(option).filter(each -> !each.equals("0"));
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(NetAddress.parse(text.get(), PROXY_PORT))
                    .filter(NetAddress::isValid)
                    .or(() -> refuse(option, text.get()));
        } catch (IllegalArgumentException e) {
            return refuse(option, text.get());
        }
    }

    private static Optional<NetAddress> refuse(String option, String text) {
        throw new ArgsFault("Invalid -" + option + " address or hostname: '" + text + "'");
    }

    /// Whether everything but Tor goes through a proxy: then nobody should learn where we are.
    boolean hides() {
        return proxy("proxy").isPresent();
    }

    Proxies proxies() {
        Map<NetworkId, NetAddress> byNetwork = new EnumMap<>(NetworkId.class);
        @Nullable NetAddress all = proxy("proxy").orElse(null);
        if (all != null) {
            for (NetworkId each : List.of(NetworkId.IPV4, NetworkId.IPV6, NetworkId.CJDNS)) {
                byNetwork.put(each, all);
            }
        }
        @Nullable NetAddress tor = args.isSet("onion") ? proxy("onion").orElse(null) : all;
        if (tor != null) {
            byNetwork.put(NetworkId.TORV3, tor);
        }
        return new Proxies(byNetwork, all, args.flag("proxyrandomize", true));
    }

    /// The networks that we can dial and may.
    List<NetworkId> reachable() {
        Set<NetworkId> can = EnumSet.of(NetworkId.IPV4, NetworkId.IPV6);
        if (proxies().byNetwork().containsKey(NetworkId.TORV3)) {
            can.add(NetworkId.TORV3);
        }
        if (args.flag("cjdnsreachable", false)) {
            can.add(NetworkId.CJDNS);
        }
        List<NetworkId> wanted = wanted();
        if (wanted.contains(NetworkId.TORV3) && !can.contains(NetworkId.TORV3)) {
            throw new ArgsFault(
                    "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for"
                            + " reaching the Tor network is not provided: none of -proxy or -onion is"
                            + " given");
        }
        if (wanted.contains(NetworkId.CJDNS) && !can.contains(NetworkId.CJDNS)) {
            throw new ArgsFault(
                    "Outbound connections restricted to CJDNS (-onlynet=cjdns) but"
                            + " -cjdnsreachable is not provided");
        }
        if (wanted.contains(NetworkId.I2P) && !args.isSet("i2psam")) {
            throw new ArgsFault(
                    "Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not"
                            + " provided");
        }
        return can.stream().filter(each -> wanted.isEmpty() || wanted.contains(each)).toList();
    }

    private List<NetworkId> wanted() {
        var wanted = new ArrayList<NetworkId>();
        for (String name : args.list("onlynet")) {
            NetworkId found = null;
            for (NetworkId each : NetworkId.values()) {
                found = each != NetworkId.INTERNAL && each.label().equals(name) ? each : found;
            }
            if (found == null) {
                throw new ArgsFault("Unknown network specified in -onlynet: '" + name + "'");
            }
            wanted.add(found);
        }
        return wanted;
    }

    /// Whether addresses of DNS seeds are of use: those are IPv4 and IPv6.
    boolean dialsClearly() {
        List<NetworkId> wanted = wanted();
        return wanted.isEmpty()
                || wanted.contains(NetworkId.IPV4)
                || wanted.contains(NetworkId.IPV6);
    }
}
