/// What fee gets a transaction into a block in time, learnt from transactions that did.
package weft.mempool.fees;
