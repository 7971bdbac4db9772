package weft.primitives.address;

import weft.primitives.Bytes;

/// What tells one network's addresses and keys from another's.
///
/// @param pubkeyHash first byte of a P2PKH address in Base58Check
/// @param scriptHash first byte of a P2SH address in Base58Check
/// @param secretKey first byte of a secret key in wallet import format
/// @param extPublic first four bytes of an extended public key. See BIP-0032.
/// @param extSecret first four bytes of an extended secret key
/// @param hrp human-readable part of Bech32 addresses. See BIP-0173.
public record AddressPrefixes(
        int pubkeyHash,
        int scriptHash,
        int secretKey,
        Bytes extPublic,
        Bytes extSecret,
        String hrp) {}
