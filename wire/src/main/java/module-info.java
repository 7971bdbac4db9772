/// Messages and transports of the peer-to-peer protocol.
@org.jspecify.annotations.NullMarked
module weft.wire {
    requires static transitive org.jspecify;
    requires transitive weft.primitives;

    exports weft.wire;
    exports weft.wire.classroom;
    exports weft.wire.transport;
}
