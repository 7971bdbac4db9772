/// Block filters: what a light client needs to know whether a block matters to it. See BIP-0158.
package weft.chain.filter;
