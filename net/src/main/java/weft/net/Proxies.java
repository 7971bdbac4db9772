package weft.net;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.wire.NetworkId;

/// SOCKS5 proxies that we dial through.
///
/// @param byNetwork for addresses of a network; others are dialled directly
/// @param forNames for names, which then are never looked up here; null to look them up
/// @param separate tell the proxy that each connection is of another user, so that it gives each a way of its
///     own (`-proxyrandomize`)
public record Proxies(
        Map<NetworkId, ProxyAddress> byNetwork, @Nullable ProxyAddress forNames, boolean separate) {
    /// Everything is dialled directly.
    public static final Proxies NONE = new Proxies(Map.of(), null, true);

    /// Copies the map.
    public Proxies {
        var copy = new EnumMap<NetworkId, ProxyAddress>(NetworkId.class);
        copy.putAll(byNetwork);
        byNetwork = java.util.Collections.unmodifiableMap(copy);
    }

    /// With a proxy for one network more, or another for it.
    public Proxies with(NetworkId network, ProxyAddress proxy) {
        var copy = new EnumMap<NetworkId, ProxyAddress>(NetworkId.class);
        copy.putAll(byNetwork);
        copy.put(network, proxy);
        return new Proxies(copy, forNames, separate);
    }
}
