package weft.wire;

import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `version`: the first message of each side. The original description of the protocol calls its fields
/// version, nTime, addrMe, addrYou, BestHeight; the names here say the same in today's words.
///
/// Fields after [#addrYou] may be missing in what a peer sends; they then have the values that Bitcoin Core
/// assumes: nonce 1, no user agent, height −1, relay wanted.
///
/// @param version protocol version of the sender, signed ("version")
/// @param services what the sender offers, see [ServiceFlags]
/// @param timestamp the sender's clock in seconds since 1970, as it came ("nTime")
/// @param addrYou the receiver as the sender sees it
/// @param addrMe the sender as it sees itself; today all zero
/// @param nonce random, to detect connections to oneself
/// @param userAgent name and version of the software, one byte a character. See BIP-0014.
/// @param startHeight height of the sender's tip, signed ("BestHeight")
/// @param relay whether transactions may be announced before a filter is set. See BIP-0037.
public record VersionMessage(
        int version,
        long services,
        long timestamp,
        VersionAddress addrYou,
        VersionAddress addrMe,
        long nonce,
        String userAgent,
        int startHeight,
        boolean relay)
        implements Message {
    /// Name on the wire.
    public static final String COMMAND = "version";

    /// Longest user agent in bytes.
    public static final int MAX_USER_AGENT_BYTES = 256;

    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);

    /// Checks the length of the user agent.
    public VersionMessage {
        Check.argument(
                userAgent.length() <= MAX_USER_AGENT_BYTES, "user agent longer than 256 bytes");
    }

    static VersionMessage read(ByteReader in) {
        int version = in.i32();
        long services = in.i64();
        long timestamp = in.i64();
        VersionAddress addrYou = VersionAddress.read(in);
        VersionAddress addrMe = NOWHERE;
        long nonce = 1;
        if (!in.isAtEnd()) {
            addrMe = VersionAddress.read(in);
            nonce = in.i64();
        }
        String userAgent = in.isAtEnd() ? "" : in.varString(MAX_USER_AGENT_BYTES);
        int startHeight = in.isAtEnd() ? -1 : in.i32();
        boolean relay = in.isAtEnd() || in.bool();
        return new VersionMessage(
                version,
                services,
                timestamp,
                addrYou,
                addrMe,
                nonce,
                userAgent,
                startHeight,
                relay);
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        out.i32(version).i64(services).i64(timestamp);
        addrYou.write(out);
        addrMe.write(out);
        out.i64(nonce).varString(userAgent).i32(startHeight).bool(relay);
    }
}
