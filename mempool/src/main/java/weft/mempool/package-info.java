/// See the module's README.
package weft.mempool;
