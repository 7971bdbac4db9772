/// What the engine does about those who mean it no good: scores, watches and reactions; and what each peer
/// costs.
package weft.p2p.defence;
