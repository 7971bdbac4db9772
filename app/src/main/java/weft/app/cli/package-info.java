/// The parts of `weft-cli`.
package weft.app.cli;
