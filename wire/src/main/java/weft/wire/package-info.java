/// Messages of the peer-to-peer protocol, addresses, and the codec between both and bytes.
package weft.wire;
