/// Headers and blocks: finding the best chain, downloading it, announcing and serving it.
package weft.p2p.sync;
