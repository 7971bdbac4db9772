/// Stratum, version 1, over sockets: lines of JSON to and from miners.
package weft.server.stratum;
