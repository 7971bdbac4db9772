package weft.wire.transport;

/// Which transport a connection uses.
public enum Protocol {
    /// Not known yet.
    DETECTING("detecting"),
    /// Plain.
    V1("v1"),
    /// Encrypted. See BIP-0324.
    V2("v2");

    private final String label;

    Protocol(String label) {
        this.label = label;
    }

    /// The name in `getpeerinfo`.
    public String label() {
        return label;
    }
}
