package weft.wire;

import weft.primitives.codec.ByteWriter;

/// `dandelionacc`: we take transactions as [DandelionTx]. BIP-0156 leaves open how support is found out; this
/// is the way that was proposed for Bitcoin Core (pull request 13947).
public record DandelionAcc() implements Message {
    /// Name on the wire.
    public static final String COMMAND = "dandelionacc";

    @Override
    public String command() {
        return COMMAND;
    }

    /// Writes nothing: the message has no payload.
    @Override
    public void write(ByteWriter out) {}
}
