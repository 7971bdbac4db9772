/// A node of headers alone: what is proven by work, by Merkle branches and by the agreement of peers.
package weft.light;
