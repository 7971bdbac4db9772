package weft.app;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.net.NetOptions;
import weft.net.Proxies;
import weft.net.ProxyAddress;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Which networks we can dial, and through what: `-proxy`, `-onion`, `-i2psam`, `-onlynet`,
/// `-cjdnsreachable`.
final class ReachArgs {
    private static final int PROXY_PORT = 9050;
    private static final int I2P_PORT = 7656;
    private static final Pattern PORT = Pattern.compile("0*[1-9][0-9]{0,4}");
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

    private final Args args;

    ReachArgs(Args args) {
        this.args = args;
    }

    private Optional<ProxyAddress> proxy(String option) {
        Optional<String> text = args.text(option).filter(each -> !each.equals("0"));
        if (text.isEmpty() || !text.get().startsWith(ProxyAddress.UNIX_PREFIX)) {
            return text.map(each -> new ProxyAddress.Tcp(endpoint(args, option, PROXY_PORT)));
        }
        try {
            String path = text.get().substring(ProxyAddress.UNIX_PREFIX.length());
            return Optional.of(new ProxyAddress.Unix(Path.of(path)));
        } catch (IllegalArgumentException e) {
            throw refusal(option, text.get());
        }
    }

    /// The address and port that an option names, which is set. A name is looked up, once: it is that of a
    /// program that we go through, so it cannot be asked for it.
    ///
    /// @param port where the option names none
    static NetAddress endpoint(Args args, String option, int port) {
        String text = args.text(option).orElse("");
        int colon = text.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
        if (hasPort && !PORT.matcher(text.substring(colon + 1)).matches()) {
            throw new ArgsFault("Invalid port specified in -" + option + ": '" + text + "'");
        }
        try {
            NetAddress numeric = NetAddress.parse(text, port);
            if (numeric.isValid()) {
                return numeric;
            }
        } catch (IllegalArgumentException e) {
            String host = hasPort ? text.substring(0, colon) : text;
            if (NAME.matcher(host).matches()) {
                int given = hasPort ? Integer.parseInt(text.substring(colon + 1)) : port;
                return lookUp(option, text, host, given);
            }
        }
        throw refusal(option, text);
    }

    private static NetAddress lookUp(String option, String text, String host, int port) {
        try {
            return NetAddress.ofIp(InetAddress.getByName(host).getAddress(), port);
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw refusal(option, text);
        }
    }

    private static ArgsFault refusal(String option, String text) {
        return new ArgsFault("Invalid -" + option + " address or hostname: '" + text + "'");
    }

    /// Whether everything but Tor goes through a proxy: then nobody should learn where we are.
    boolean hides() {
        return proxy("proxy").isPresent();
    }

    Proxies proxies() {
        Map<NetworkId, ProxyAddress> byNetwork = new EnumMap<>(NetworkId.class);
        @Nullable ProxyAddress all = proxy("proxy").orElse(null);
        if (all != null) {
            for (NetworkId each : List.of(NetworkId.IPV4, NetworkId.IPV6, NetworkId.CJDNS)) {
                byNetwork.put(each, all);
            }
        }
        @Nullable ProxyAddress tor = args.isSet("onion") ? proxy("onion").orElse(null) : all;
        if (tor != null) {
            byNetwork.put(NetworkId.TORV3, tor);
        }
        return new Proxies(byNetwork, all, separates());
    }

    /// The bridge to I2P (`-i2psam`), which also brings those who dial us unless nobody may
    /// (`-i2pacceptincoming`).
    ///
    /// @param folder of the network, where the key of our address is kept
    /// @param listens whether anybody may dial us
    Optional<NetOptions.I2p> i2p(Path folder, boolean listens) {
        if (args.text("i2psam").filter(text -> !text.isEmpty() && !text.equals("0")).isEmpty()) {
            return Optional.empty();
        }
        Optional<Path> key =
                args.flag("i2pacceptincoming", listens)
                        ? Optional.of(folder.resolve("i2p_private_key"))
                        : Optional.empty();
        return Optional.of(new NetOptions.I2p(endpoint(args, "i2psam", I2P_PORT), key));
    }

    /// What each network is reached through, as texts.
    Map<NetworkId, String> texts() {
        var texts = new EnumMap<NetworkId, String>(NetworkId.class);
        proxies().byNetwork().forEach((network, proxy) -> texts.put(network, proxy.text()));
        i2p(Path.of(""), false).ifPresent(each -> texts.put(NetworkId.I2P, each.sam().toString()));
        return texts;
    }

    /// Whether connections through a proxy are told apart.
    boolean separates() {
        return args.flag("proxyrandomize", true);
    }

    /// The networks that we can dial and may.
    List<NetworkId> reachable() {
        Set<NetworkId> can = EnumSet.of(NetworkId.IPV4, NetworkId.IPV6);
        if (proxies().byNetwork().containsKey(NetworkId.TORV3)) {
            can.add(NetworkId.TORV3);
        }
        if (i2p(Path.of(""), false).isPresent()) {
            can.add(NetworkId.I2P);
        }
        if (args.flag("cjdnsreachable", false)) {
            can.add(NetworkId.CJDNS);
        }
        List<NetworkId> wanted = wanted();
        if (wanted.contains(NetworkId.TORV3)) {
            needTor(can.contains(NetworkId.TORV3));
        }
        if (wanted.contains(NetworkId.CJDNS) && !can.contains(NetworkId.CJDNS)) {
            throw new ArgsFault(
                    "Outbound connections restricted to CJDNS (-onlynet=cjdns) but"
                            + " -cjdnsreachable is not provided");
        }
        if (wanted.contains(NetworkId.I2P) && !can.contains(NetworkId.I2P)) {
            throw new ArgsFault(
                    "Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not"
                            + " provided");
        }
        return can.stream().filter(each -> wanted.isEmpty() || wanted.contains(each)).toList();
    }

    private void needTor(boolean reached) {
        String fault =
                "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching"
                        + " the Tor network is ";
        if (args.isSet("onion") && proxy("onion").isEmpty()) {
            throw new ArgsFault(fault + "explicitly forbidden: -onion=0");
        }
        if (!reached && !args.flag("listenonion", !hides())) {
            throw new ArgsFault(
                    fault + "not provided: none of -proxy, -onion or -listenonion is given");
        }
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
