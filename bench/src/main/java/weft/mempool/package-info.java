/// Access for benchmarks to what the package keeps to itself.
@NullMarked
package weft.mempool;

import org.jspecify.annotations.NullMarked;
