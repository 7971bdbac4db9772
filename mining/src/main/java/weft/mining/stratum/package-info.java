/// Stratum, version 1, without sockets: jobs, sessions, shares.
package weft.mining.stratum;
