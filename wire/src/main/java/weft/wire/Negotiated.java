package weft.wire;

/// What two peers agreed on as far as it changes the meaning of bytes. Always an argument of the codec, never
/// a hidden setting.
///
/// @param version the smaller of both protocol versions; 0 before `version` was heard
public record Negotiated(int version) {
    /// The protocol version that this module speaks.
    public static final int PROTOCOL_VERSION = 70_017;

    /// Both sides speak our version.
    public static final Negotiated CURRENT = new Negotiated(PROTOCOL_VERSION);
}
