/// Keeping connections: whom to dial, whom to let in, whom to drop.
@org.jspecify.annotations.NullMarked
package weft.p2p.peers;
