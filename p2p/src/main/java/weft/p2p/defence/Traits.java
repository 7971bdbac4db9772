package weft.p2p.defence;

/// What tells a node from others, apart from where it is.
///
/// @param program that it says it runs; empty if that is unknown
/// @param windows parts of the day in which it was there, a bit each; 0 if that is unknown
public record Traits(String program, int windows) {}
