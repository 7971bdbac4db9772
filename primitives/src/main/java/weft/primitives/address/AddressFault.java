package weft.primitives.address;

import java.util.List;
import java.util.stream.IntStream;

/// A text is no address of the network. The message is the sentence of Bitcoin Core.
public final class AddressFault extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int[] positions;

    AddressFault(String message) {
        this(message, List.of());
    }

    AddressFault(String message, List<Integer> positions) {
        super(message);
        this.positions = positions.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Indexes of the characters that are probably wrong; often none can be told.
    public List<Integer> positions() {
        return IntStream.of(positions).boxed().toList();
    }
}
