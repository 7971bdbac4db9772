package weft.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import weft.app.node.Running;
import weft.chain.api.ChainEvent;

/// Stops a node at a height (`-stopatheight`), or when it is told to; tells the operator's commands of new
/// tips.
final class StopAtHeight {
    private final long height;
    private volatile Optional<Running> runner = Optional.empty();
    private volatile Supplier<List<String>> warnings = List::of;
    private volatile boolean wanted;

    StopAtHeight(long height) {
        this.height = height;
    }

    /// @param current what is wrong now; asked on the thread that tells of tips
    void attach(Running node, Supplier<List<String>> current) {
        warnings = current;
        runner = Optional.of(node);
        if (wanted) {
            node.requestStop();
        }
    }

    /// Something happened to the chain of a full node.
    void onChainEvent(ChainEvent event) {
        if (height > 0
                && event instanceof ChainEvent.BlockConnected connected
                && connected.node().height() >= height) {
            stop();
        }
    }

    /// Something happened to the headers of a light node.
    void onHeaders(ChainEvent event) {
        if (height > 0
                && event instanceof ChainEvent.TipChanged changed
                && changed.newTip().height() >= height) {
            stop();
        }
    }

    /// Tells the operator's commands of new tips and of warnings, on the chain's thread.
    void tell(ChainEvent event, NotifyCommands commands) {
        if (event instanceof ChainEvent.TipChanged changed && !changed.initialBlockDownload()) {
            commands.newTip(changed.newTip().hash().toString());
            if (commands.wantsAlerts()) {
                commands.warnings(warnings.get());
            }
        }
    }

    void stop() {
        wanted = true;
        runner.ifPresent(Running::requestStop);
    }
}
