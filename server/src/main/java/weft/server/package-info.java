/// What the servers share: the node as they see it.
package weft.server;
