/// Files of flight recordings: written while a node runs, read by `weft replay`.
package weft.app.record;
