package weft.p2p;

/// Texts of peers, fit for a log.
final class LogText {
    private static final String SAFE = " .,;-_/:?@()";

    private LogText() {}

    /// Without the characters that could do harm, as Bitcoin Core drops them.
    static String sanitize(String text) {
        var safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (letterOrDigit || SAFE.indexOf(c) >= 0) {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    /// The name of a transport: `detecting`, `v1`, `v2`.
    static String transport(TransportVersion version) {
        return switch (version) {
            case DETECTING -> "detecting";
            case V1 -> "v1";
            case V2 -> "v2";
        };
    }

    /// What came and could not be read.
    static String malformed(PeerInput.Malformed input) {
        return "ProcessMessages("
                + sanitize(input.command())
                + ", "
                + input.payloadBytes()
                + " bytes): Exception '"
                + input.why()
                + "' caught";
    }

    /// What came from whom.
    static String received(String command, int payloadBytes, PeerId peer) {
        return "received: " + sanitize(command) + " (" + payloadBytes + " bytes) peer=" + peer;
    }
}
