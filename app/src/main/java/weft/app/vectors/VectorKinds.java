package weft.app.vectors;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Which files this program can run, by folder and name.
final class VectorKinds {
    /// Runs the cases of a file.
    interface Reader {
        /// Any exception says that the file is not what its name says.
        void read(VectorFile file, Cases cases);
    }

    /// A kind of file.
    ///
    /// @param place the end of its path, `.gz` left out
    private record Kind(Pattern place, Reader reader) {}

    private static final String RUN = "(mainnet|testnet3|testnet4|signet|regtest)_.*[0-9]+_[0-9]+";
    private static final String BLOCK = "blocks/(mainnet|testnet3|testnet4|signet|regtest)/[0-9]+";

    private static final List<Kind> KINDS =
            List.of(
                    kind("script/script_tests[.]json", ScriptVectors::scripts),
                    kind("script/tx_valid[.]json", TransactionVectors::valid),
                    kind("script/tx_invalid[.]json", TransactionVectors::invalid),
                    kind("script/sighash[.]json", ScriptVectors::signatureHashes),
                    kind("script/taproot_corpus_[a-z0-9]+[.]jsonl", TaprootVectors::corpus),
                    kind("script/consensus_fuzz[.]jsonl", FuzzVectors::all),
                    kind("script/bip340_schnorr[.]csv", CurveVectors::schnorr),
                    kind("script/bip341_wallet_vectors[.]json", TaprootVectors::wallet),
                    kind("crypto/core_crypto_vectors[.]json", CipherVectors::all),
                    kind("crypto/wycheproof_ecdsa_.*[.]json", CurveVectors::wycheproofEcdsa),
                    kind("crypto/wycheproof_ecdh_.*[.]json", CurveVectors::wycheproofEcdh),
                    kind("crypto/ecdsa_recovery[.]txt", CurveVectors::recovery),
                    kind("crypto/rfc6979(_der)?_core[.]json", CurveVectors::deterministic),
                    kind("crypto/sig_(non)?canonical[.]json", DerVectors::all),
                    kind("chain/params[.]json", ParamsVectors::all),
                    kind("chain/pow_vectors[.]json", PowVectors::rules),
                    kind("chain/checkblock_(in)?valid[.]json", BlockVectors::checkBlock),
                    kind("chain/headers/" + RUN + "[.]bin", HeaderVectors::run),
                    kind("chain/headers/[a-z0-9]+_.*[.]hex", HeaderVectors::lines),
                    kind("chain/[a-z0-9]+_retarget_headers[.]csv", PowVectors::table),
                    kind("chain/checkpoints_[a-z0-9]+[.]csv", PowVectors::table),
                    kind("chain/[a-z0-9]+_epochs[.]csv", PowVectors::epochs),
                    kind("chain/stale_headers_[a-z0-9]+[.]csv", HeaderVectors::stale),
                    kind("chain/invalid/invalid_headers_[a-z0-9]+[.]csv", HeaderVectors::invalid),
                    kind("chain/invalid/bip66_fork_[0-9]+_headers[.]bin", HeaderVectors::fork2015),
                    kind("chain/invalid/.*_blocks_[0-9]+_[0-9]+[.]blk", BlockVectors::fork),
                    kind("chain/reorg/blk_.*[.]blk", RunVectors::reorganisation),
                    kind("chain/blockruns/" + RUN + "[.]blk", RunVectors::blocks),
                    kind("chain/snapshots/.*[.]utxo", RunVectors::snapshot),
                    kind("chain/rpc_getblockstats[.]json", RunVectors::stats),
                    kind("blocks/index[.]json", BlockVectors::index),
                    kind(BLOCK + "[.]blk", BlockVectors::block),
                    kind(BLOCK + "[.]spent", BlockVectors::spent),
                    kind(BLOCK + "[.]meta[.]csv", BlockVectors::meta),
                    kind("txs/real_txs[.]jsonl", TxVectors::real),
                    kind("txs/big_index[.]json", TxVectors::big),
                    kind("txs/.*[.]tx", TxVectors::alone),
                    kind("txs/decoded_transactions[.]json", TxVectors::decoded),
                    kind("p2p/bip324_packet_encoding[.]csv", TransportVectors::packets),
                    kind("p2p/bip324_ellswift_decode[.]csv", TransportVectors::decode),
                    kind("p2p/bip324_xswiftec_inv[.]csv", TransportVectors::inverse),
                    kind("p2p/bip155_addrv2[.]json", WireVectors::addresses),
                    kind("p2p/messages_.*[.]json", WireVectors::messages),
                    kind("p2p/connection_[0-9]+[.]bin", WireVectors::connection),
                    kind("p2p/headers1[.]raw", WireVectors::header),
                    kind("p2p/compact_blocks/compact[0-9]+[.]raw", WireVectors::compact),
                    kind("p2p/merkle/merkle[0-9]+(-extended)?[.]raw", WireVectors::merkle),
                    kind("p2p/merkle/txoutproof_.*[.]bin", WireVectors::merkle),
                    kind("p2p/seeds/nodes_[a-z0-9]+[.]txt", WireVectors::seeds),
                    kind("p2p/seeds/fixed_seeds_.*[.]bip155[.]bin", WireVectors::seedBytes),
                    kind("keys/base58_encode_decode[.]json", KeyVectors::base58),
                    kind("keys/key_io_valid[.]json", KeyVectors::valid),
                    kind("keys/key_io_invalid[.]json", KeyVectors::invalid),
                    kind("keys/bip173_bip350_bech32[.]json", KeyVectors::bech32),
                    kind("keys/signmessage[.]json", KeyVectors::messages));

    /// Why a folder's other files are not run.
    private static final Map<String, String> REASONS =
            new TreeMap<>(
                    Map.of(
                            "chain/blockruns/expected[.]json", "read with the blocks beside it",
                            "(keys|wallet)/.*", "about wallets, which are not checked here",
                            "mempool/.*", "about policy, which is no consensus rule",
                            "rpc/.*", "about the RPC server, which is not checked here",
                            "p2p/bip15[78].*", "about block filters, which are not checked here",
                            "p2p/bip37_.*", "about Bloom filters, which are not checked here",
                            "p2p/(asmap|ip_asn).*", "about maps of AS numbers, not checked here",
                            "p2p/seeds/dns_seeds[.]txt", "names that only DNS can check",
                            ".*README[^/]*", "text for readers"));

    private VectorKinds() {}

    private static Kind kind(String place, Reader reader) {
        return new Kind(end(place), reader);
    }

    private static Pattern end(String place) {
        return Pattern.compile("(.*/)?" + place);
    }

    /// What runs a file; empty if it is of no kind that is known.
    static Optional<Reader> of(VectorFile file) {
        String place = file.place();
        return KINDS.stream()
                .filter(kind -> kind.place().matcher(place).matches())
                .map(Kind::reader)
                .findFirst();
    }

    /// Why a file is not run.
    static String reason(VectorFile file) {
        for (var each : REASONS.entrySet()) {
            if (end(each.getKey()).matcher(file.place()).matches()) {
                return each.getValue();
            }
        }
        return "no kind of test vectors that is known by this folder and name";
    }
}
