/// JSON-RPC as Bitcoin Core speaks it, and the methods.
package weft.server.rpc;
