/// JSON as Bitcoin Core reads and writes it, for every server.
package weft.server.json;
