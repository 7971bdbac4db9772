package weft.p2p.addr;

import java.util.ArrayList;
import java.util.List;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Keeps the lines.
final class LineLog implements Log {
    final List<String> all = new ArrayList<>();

    @Override
    public boolean isOn(LogCategory category, Level level) {
        return true;
    }

    @Override
    public void write(LogCategory category, Level level, String message) {
        all.add(message);
    }
}
