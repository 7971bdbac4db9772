/// The protocol as it is taught: messages with only the fields that a first lesson needs. Not for the
/// network.
package weft.wire.classroom;
