package weft.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import weft.primitives.Check;
import weft.wire.NetAddress;

/// Where a SOCKS5 proxy listens.
public sealed interface ProxyAddress {
    /// What the text of a path of this machine begins with.
    String UNIX_PREFIX = "unix:";

    /// A port.
    record Tcp(NetAddress address) implements ProxyAddress {}

    /// A UNIX domain socket of this machine.
    record Unix(Path path) implements ProxyAddress {
        /// What the system's structure for such an address has room for, without the zero that ends it.
        private static final int PATH_BYTES_MAX = 107;

        /// Checks the length.
        ///
        /// @throws IllegalArgumentException if the path is empty or has more than 107 bytes
        public Unix {
            int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
            Check.argument(length > 0 && length <= PATH_BYTES_MAX, "wrong length of a path");
        }
    }

    /// The proxy as options name it: `1.2.3.4:9050`, `[::1]:9050` or `unix:/run/tor/socks`.
    default String text() {
        return switch (this) {
            case Tcp(NetAddress address) -> address.toString();
            case Unix(Path path) -> UNIX_PREFIX + path;
        };
    }
}
