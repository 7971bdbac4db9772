/// The address book, and gossip about addresses.
@org.jspecify.annotations.NullMarked
package weft.p2p.addr;
