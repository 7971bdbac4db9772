package weft.server.metrics;

/// Prometheus counts seconds.
final class Units {
    static final double NANOS_PER_SECOND = 1e9;
    static final double MILLIS_PER_SECOND = 1e3;

    private Units() {}
}
