package weft.p2p.addr;

/// Where an address stands in the book.
///
/// @param tried in the table of those that worked
/// @param multiplicity places that it has, 1 to 8
/// @param bucket which bucket
/// @param position place in the bucket, 0 to 63
public record AddressPosition(boolean tried, int multiplicity, int bucket, int position) {}
