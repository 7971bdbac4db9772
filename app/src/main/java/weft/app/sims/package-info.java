/// Simulations from the command line.
package weft.app.sims;
