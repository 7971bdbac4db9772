/// Bloom filters and the proofs that go with them (BIP-0037).
package weft.p2p.bloom;
