/// Scripts: reading, building, and running them.
package weft.consensus.script;
