/// `weft mine`: proof of work on the processor, for any node that gives out templates.
package weft.app.mine;
