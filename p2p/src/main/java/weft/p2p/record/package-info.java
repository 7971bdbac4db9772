/// The flight recorder: everything that the peer engine is given, as bytes, and the engine made anew of them.
package weft.p2p.record;
