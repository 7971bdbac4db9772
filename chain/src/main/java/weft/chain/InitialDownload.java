package weft.chain;

import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.Now;

/// Whether the chain is still far from the network's tip. Once it is near, it is near for good.
final class InitialDownload {
    private final ChainOptions options;
    private final ChainLog log;
    private boolean isOver;

    InitialDownload(ChainOptions options, ChainLog log) {
        this.options = options;
        this.log = log;
    }

    boolean isRunning(@Nullable HeaderNode tip, Now now) {
        if (isOver) {
            return false;
        }
        if (tip == null || tip.chainWork().compareTo(options.minimumChainWork()) < 0) {
            return true;
        }
        if (tip.time() < now.unixSeconds() - options.maxTipAge().toSeconds()) {
            return true;
        }
        log.leavingInitialBlockDownload();
        isOver = true;
        return false;
    }
}
