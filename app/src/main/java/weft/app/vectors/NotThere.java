package weft.app.vectors;

import java.io.Serial;

/// Another file that the cases of this one need is not in the folder: they cannot be run. That is no failure.
final class NotThere extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    NotThere(String message) {
        super(message);
    }
}
