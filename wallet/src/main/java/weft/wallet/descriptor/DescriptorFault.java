package weft.wallet.descriptor;

/// A text is no descriptor. The message is the sentence of Bitcoin Core.
public final class DescriptorFault extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DescriptorFault(String message) {
        super(message);
    }

    /// The sentence.
    public String text() {
        return String.valueOf(getMessage());
    }

    DescriptorFault within(String where) {
        return new DescriptorFault(where + text());
    }
}
