"""Talks to a node with python3-bitcoinlib: first over RPC, then as a peer. Prints what it learns, a line each.

Arguments: port of the peer-to-peer protocol, path of a bitcoin.conf that says where RPC is.
"""

import socket
import sys

import bitcoin
from bitcoin.core import (CBlock, CBlockHeader, CMutableTransaction, COIN, COutPoint, CTransaction, CTxIn,
                          CTxInWitness, CTxOut, CTxWitness, CheckProofOfWork, CheckProofOfWorkError, b2lx)
from bitcoin.core.script import OP_TRUE, CScript, CScriptWitness
from bitcoin.core.serialize import VectorSerializer
from bitcoin.messages import (MsgSerializable, msg_getaddr, msg_getblocks, msg_getdata, msg_getheaders, msg_ping,
                              msg_pong, msg_tx, msg_verack, msg_version)
from bitcoin.net import CInv
from bitcoin.rpc import Proxy

ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
WITNESS_SCRIPT = CScript([OP_TRUE])
FEE = 10_000


def tell(name, value):
    print(name, value, flush=True)


class Headers(bitcoin.messages.msg_headers):
    """The library forgets that a count of no transactions follows each header: so they are read as blocks."""

    @classmethod
    def msg_deser(cls, f, protover=bitcoin.messages.PROTO_VERSION):
        message = cls()
        message.headers = VectorSerializer.stream_deserialize(CBlock, f)
        return message


class Peer:
    """One connection, shaken hands over."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.stream = self.socket.makefile("rb")
        self.send(msg_version())
        self.version = self.wait("version")
        self.send(msg_verack())
        self.wait("verack")

    def send(self, message):
        self.socket.sendall(message.to_bytes())

    def wait(self, command):
        while True:
            message = MsgSerializable.stream_deserialize(self.stream)
            if message is None:
                continue
            if message.command == b"ping":
                self.send(msg_pong(nonce=message.nonce))
            if message.command == command.encode():
                return message


def give_away(outpoint, value, script):
    """Spends what everybody may spend, to everybody."""
    witness = CTxWitness([CTxInWitness(CScriptWitness([WITNESS_SCRIPT]))])
    return CTransaction([CTxIn(outpoint)], [CTxOut(value - FEE, script)], nVersion=2, witness=witness)


def mine(proxy):
    """A block that this library made and solved."""
    height = proxy.getblockcount() + 1
    best = proxy.getbestblockhash()
    coinbase = CMutableTransaction(
        [CTxIn(COutPoint(), CScript([height, b"bitcoinlib"]))],
        [CTxOut(25 * COIN, CScript([OP_TRUE]))])
    time = max(proxy.getblockheader(best, True)["mediantime"] + 1, msg_version().nTime)
    bits = proxy.getblockheader(best).nBits
    root = CBlock.build_merkle_tree_from_txs([coinbase])[-1]
    for nonce in range(1000):
        header = CBlockHeader(0x20000000, best, root, time, bits, nonce)
        try:
            CheckProofOfWork(header.GetHash(), header.nBits)
            return CBlock(0x20000000, best, root, time, bits, nonce, [CTransaction.from_tx(coinbase)])
        except CheckProofOfWorkError:
            continue
    raise AssertionError("no solution")


def over_rpc(proxy):
    tell("getblockcount", proxy.getblockcount())
    first = proxy.getblockhash(1)
    tell("getblockhash", b2lx(first))
    tell("getblockheader", b2lx(proxy.getblockheader(first).GetHash()))
    tell("getblockheader-height", proxy.getblockheader(first, True)["height"])
    block = proxy.getblock(first)
    tell("getblock", b2lx(block.GetHash()))
    coinbase = block.vtx[0]
    outpoint = COutPoint(coinbase.GetTxid(), 0)
    out = proxy.gettxout(outpoint)
    tell("gettxout", out["txout"].nValue)
    tell("validateaddress", proxy.call("validateaddress", ADDRESS)["isvalid"])
    tell("getmininginfo", proxy.getmininginfo()["chain"])
    try:
        proxy.getblock(b"\x01" * 32)
    except IndexError:
        tell("getblock-unknown", "IndexError")
    sent = proxy.sendrawtransaction(give_away(outpoint, out["txout"].nValue, out["txout"].scriptPubKey))
    tell("sendrawtransaction", b2lx(sent))
    tell("getrawmempool", ",".join(b2lx(each) for each in proxy.getrawmempool()))
    tell("getrawtransaction", b2lx(proxy.getrawtransaction(sent).GetTxid()))
    tell("generatetoaddress", len([*proxy.call("generatetoaddress", 1, ADDRESS)]))
    block = mine(proxy)
    tell("submitblock", proxy.submitblock(block))
    tell("getbestblockhash", b2lx(proxy.getbestblockhash()))
    tell("mined", b2lx(block.GetHash()))


def over_p2p(proxy, port):
    peer = Peer(port)
    tell("version", peer.version.strSubVer.decode())
    tell("height", peer.version.nStartingHeight)
    peer.send(msg_ping(nonce=77))
    tell("pong", peer.wait("pong").nonce)
    question = msg_getheaders()
    genesis = bitcoin.params.GENESIS_BLOCK.GetHash()
    question.locator.vHave = [genesis]
    peer.send(question)
    headers = peer.wait("headers").headers
    tell("headers", len(headers))
    tell("headers-last", b2lx(headers[-1].GetHash()))
    question = msg_getblocks()
    question.locator.vHave = [headers[-3].GetHash()]
    peer.send(question)
    tell("inv", ",".join(b2lx(each.hash) for each in peer.wait("inv").inv))
    second = headers[1].GetHash()
    block = ask(peer, 2, second, "block").block
    tell("block", b2lx(block.GetHash()))
    coinbase = block.vtx[0]
    gift = give_away(COutPoint(coinbase.GetTxid(), 0), coinbase.vout[0].nValue, coinbase.vout[0].scriptPubKey)
    peer.send(msg_of(gift))
    # What was said before is dealt with before this is answered.
    peer.send(msg_ping(nonce=78))
    tell("pong", peer.wait("pong").nonce)
    tell("tx", b2lx(gift.GetTxid()))
    tell("tx-known", gift.GetTxid() in [*proxy.getrawmempool()])
    tell("notfound", b2lx(ask(peer, 1, b"\x02" * 32, "notfound").inv[0].hash))
    peer.send(msg_getaddr())
    peer.send(msg_ping(nonce=79))
    tell("pong", peer.wait("pong").nonce)


def msg_of(transaction):
    message = msg_tx()
    message.tx = transaction
    return message


def ask(peer, kind, what, answer):
    item = CInv()
    item.type = kind
    item.hash = what
    question = msg_getdata()
    question.inv = [item]
    peer.send(question)
    return peer.wait(answer)


def main():
    bitcoin.SelectParams("regtest")
    bitcoin.messages.messagemap[b"headers"] = Headers
    proxy = Proxy(btc_conf_file=sys.argv[2])
    over_rpc(proxy)
    over_p2p(proxy, int(sys.argv[1]))
    tell("done", bitcoin.__version__)


main()
