package weft.app.tools;

import java.util.Optional;

/// Where something listens.
///
/// @param host name or address
/// @param port 1 to 65,535
record HostPort(String host, int port) {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
    ///
    /// @param network gives the port where none is written; main network without it
    /// @throws IllegalArgumentException if the text has another form
    static HostPort parse(String text, Optional<String> network) {
        int colon = text.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("HOST:PORT wanted, not \"" + text + "\"");
        }
        if (!hasPort) {
            return new HostPort(
                    host, network.map(NamedNetwork::parse).orElse(NamedNetwork.MAIN).port());
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("no such port: " + port);
            }
            return new HostPort(host, port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("HOST:PORT wanted, not \"" + text + "\"", e);
        }
    }
}
