/// Transactions: asking for them, keeping orphans, announcing and serving them.
package weft.p2p.tx;
