package weft.app.vectors;

import java.io.Serial;

/// A case whose outcome is not the one that its file tells.
final class Mismatch extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    Mismatch(String message) {
        super(message);
    }
}
