/// The HTTP server that carries JSON-RPC: who may come in, how much, how large.
package weft.server.http;
