/// Indexes: followers of the active chain that answer what the coins alone do not.
package weft.chain.index;
