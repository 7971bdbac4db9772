/// What crosses between the chain engine and everybody else: commands in, events out, immutable headers.
package weft.chain.api;
