package weft.chain.api;

/// How the chain stood at one moment; made by the chain engine, read by any thread.
///
/// @param tip last block of the active chain
/// @param bestHeader header with most work that is not known to be invalid
/// @param initialBlockDownload the chain is not near the network's tip yet
public record ChainSnapshot(HeaderNode tip, HeaderNode bestHeader, boolean initialBlockDownload) {}
