/// Framing of messages: the plain transport and the encrypted one (BIP-0324), as machines without I/O.
package weft.wire.transport;
