/// See the module's README.
package weft.p2p;
