/// Access for benchmarks to what the package keeps to itself.
@NullMarked
package weft.server.rpc;

import org.jspecify.annotations.NullMarked;
