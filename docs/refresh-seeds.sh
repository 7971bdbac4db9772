#!/usr/bin/env bash
# Refreshes the addresses that come with weft for a start without DNS, from what a running node knows.
#
#   docs/refresh-seeds.sh NETWORK [MIN_HEIGHT] [OPTION…]
#
# NETWORK is main, test, testnet4 or signet. MIN_HEIGHT keeps nodes out that are behind; the node's own height
# less 100 without it. OPTION… goes to weft-cli (-datadir=…, -rpcport=…). Only nodes that answer, offer the
# whole chain with witnesses and speak the current protocol are kept, two of one /16 (IPv4) or /32 (IPv6) at
# most. If there are fewer than 20, the old list stays.
set -euo pipefail
cd "$(dirname "$0")/.."
network=${1:?main, test, testnet4 or signet}
height=${2:-}
shift $(($# < 2 ? $# : 2))
cli=(./weft-cli "-chain=$network" "$@")
if [[ -z $height ]]; then
    height=$(($("${cli[@]}" getblockcount) - 100))
fi
new=$(mktemp)
trap 'rm -f "$new"' EXIT
"${cli[@]}" getnodeaddresses 0 |
    ./weft seeds make --network "$network" --check --min-height "$height" - >"$new"
cp "$new" "app/src/main/resources/weft/app/seeds/$network.txt"
