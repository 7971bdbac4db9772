package weft.server.rpc;

import weft.primitives.codec.MalformedBytes;

/// Why bytes cannot be read, in Bitcoin Core's words, down to the tail that its library adds.
final class MalformedText {
    private static final String TAIL = ": iostream error";

    private MalformedText() {}

    static String of(MalformedBytes fault) {
        String why = String.valueOf(fault.getMessage());
        if (why.equals("invalid base64") || why.equals("extra data after PSBT")) {
            return why;
        }
        if (why.contains("end of data")) {
            return "DataStream::read(): end of data" + TAIL;
        }
        if (why.startsWith("CompactSize over")) {
            return "ReadCompactSize(): size too large" + TAIL;
        }
        return (why.startsWith("non-canonical") ? "non-canonical ReadCompactSize()" : why) + TAIL;
    }
}
