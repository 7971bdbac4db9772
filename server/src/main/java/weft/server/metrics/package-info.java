/// What a node costs and how it stands, for Prometheus.
package weft.server.metrics;
