'use strict';

// Loaded before bcoin, which is of 2018: it runs without the parts that would have to be compiled, speaks to this
// machine only, and has segwit and csv active on regtest from the first block, and its addresses, as is the rule today.

const Module = require('module');

const NATIVE = /[\\/](mrmr[\\/]lib[\\/]murmur3|bstring[\\/]lib[\\/](base58|bech32))\.js$/;
const resolve = Module._resolveFilename;
Module._resolveFilename = function(request, ...rest) {
  // Databases on disk; with --memory nobody calls them.
  if (request === 'leveldown')
    return resolve.call(this, 'events', ...rest);
  const file = resolve.call(this, request, ...rest);
  return NATIVE.test(file) ? file.replace(/\.js$/, '-browser.js') : file;
};

const within = Module.createRequire(process.env.BCOIN + '/package.json');

// Asks nobody for its own address.
const dns = within('bdns');
dns.getIPv4 = dns.getIPv6 = dns.lookup = async () => {
  throw new Error('no DNS in tests');
};

within('./lib/protocol/networks').regtest.addressPrefix.bech32 = 'bcrt';

const {thresholdStates} = within('./lib/blockchain/common');
const Chain = within('./lib/blockchain/chain');
const getState = Chain.prototype.getState;
Chain.prototype.getState = async function(prev, deployment) {
  if (deployment.name === 'csv' || deployment.name === 'segwit')
    return thresholdStates.ACTIVE;
  return getState.call(this, prev, deployment);
};
