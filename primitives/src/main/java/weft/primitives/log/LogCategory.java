package weft.primitives.log;

import java.util.Locale;

/// What a log line is about; names as in Bitcoin Core's `-debug=`.
public enum LogCategory {
    /// No category: lines that are always of interest.
    ALL,
    NET,
    TOR,
    MEMPOOL,
    HTTP,
    BENCH,
    ZMQ,
    WALLETDB,
    RPC,
    ESTIMATEFEE,
    ADDRMAN,
    SELECTCOINS,
    REINDEX,
    CMPCTBLOCK,
    RAND,
    PRUNE,
    PROXY,
    MEMPOOLREJ,
    LIBEVENT,
    COINDB,
    QT,
    LEVELDB,
    VALIDATION,
    I2P,
    IPC,
    LOCK,
    BLOCKSTORAGE,
    TXRECONCILIATION,
    SCAN,
    TXPACKAGES,
    PRIVATEBROADCAST;

    /// The name in options and log lines.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
