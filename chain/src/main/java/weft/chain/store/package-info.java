/// Ports to storage, and twins of them in memory.
package weft.chain.store;
