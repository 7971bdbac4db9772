/// See the module's README.
package weft.wallet.miniscript;
