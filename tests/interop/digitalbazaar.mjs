// Issues, derives and verifies credentials with Digital Bazaar's libraries, as an opponent for our own.
//
// stdin:  {"documents": {url: document}, "tasks": [task, ...]}; every URL that is not in `documents` is refused.
// stdout: [result, ...], one for each task, in their order: {"credential": ...}, {"verified": true} or {"error": "..."}.
//
//   {"do": "issue", "suite": name, "key": Multikey with its secret, "credential": ..., "mandatoryPointers": [...]}
//   {"do": "present", "suite": name, "key": ..., "presentation": ..., "challenge": ..., "domain": ...} -> {"presentation": ...}
//   {"do": "verifyPresentation", "suite": name, "presentation": ..., "challenge": ..., "domain": ...}
//   {"do": "derive", "credential": ..., "selectivePointers": [...]}
//   {"do": "verify", "suite": name, "credential": ...}; the result has "statuses", purpose -> whether its bit is set, if it has any

import * as vc from '@digitalbazaar/vc';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {text} from 'node:stream/consumers';

const OLDER = 'Ed25519Signature2020';

const SUITES = {
  'eddsa-rdfc-2022': {sign: () => eddsaRdfc, verify: () => eddsaRdfc},
  'eddsa-jcs-2022': {sign: eddsaJcs.createSignCryptosuite, verify: eddsaJcs.createVerifyCryptosuite},
  'ecdsa-rdfc-2019': {sign: () => ecdsaRdfc, verify: () => ecdsaRdfc},
  'ecdsa-jcs-2019': {sign: ecdsaJcs.createSignCryptosuite, verify: ecdsaJcs.createVerifyCryptosuite},
  'ecdsa-sd-2023': {sign: ecdsaSd.createSignCryptosuite, verify: ecdsaSd.createVerifyCryptosuite}
};

const {documents, tasks} = JSON.parse(await text(process.stdin));

async function documentLoader(url) {
  if(!Object.hasOwn(documents, url)) {
    throw new Error(`not among the documents: ${url}`);
  }
  return {documentUrl: url, contextUrl: null, document: structuredClone(documents[url])};
}

async function signingSuite({suite, key, date, mandatoryPointers}) {
  if(suite === OLDER) {
    return new Ed25519Signature2020({key: await Ed25519VerificationKey2020.from(key)});
  }
  const Multikey = suite.startsWith('eddsa') ? Ed25519Multikey : EcdsaMultikey;
  const pair = await Multikey.from(key);
  return new DataIntegrityProof({signer: pair.signer(), date, cryptosuite: SUITES[suite].sign({mandatoryPointers})});
}

const DO = {
  async issue({credential, ...how}) {
    return {credential: await vc.issue({credential, suite: await signingSuite(how), documentLoader})};
  },
  async present({presentation, challenge, domain, ...how}) {
    const suite = await signingSuite(how);
    return {presentation: await vc.signPresentation({presentation, challenge, domain, suite, documentLoader})};
  },
  async verifyPresentation({presentation, challenge, domain, suite: name}) {
    const suite = new DataIntegrityProof({cryptosuite: SUITES[name].verify()});
    const {verified, error, credentialResults} =
      await vc.verify({presentation, challenge, domain, suite, documentLoader});
    if(verified) {
      return {verified};
    }
    const found = [error, ...(error?.errors ?? []), ...(credentialResults ?? []).map(result => result.error)];
    return {error: found.filter(Boolean).map(one => one.stack ?? String(one)).join('; ')};
  },
  async derive({credential, selectivePointers}) {
    const suite = new DataIntegrityProof({cryptosuite: ecdsaSd.createDiscloseCryptosuite({selectivePointers})});
    return {credential: await vc.derive({verifiableCredential: credential, suite, documentLoader})};
  },
  async verify({credential, suite: name}) {
    const suite = name === OLDER ?
      new Ed25519Signature2020() : new DataIntegrityProof({cryptosuite: SUITES[name].verify()});
    const {verified, error, statusResult} =
      await vc.verifyCredential({credential, suite, documentLoader, checkStatus});
    if(!verified) {
      return {error: [error, ...(error?.errors ?? []), statusResult?.error].filter(Boolean).join('; ')};
    }
    // The library reads the lists and leaves it to its caller what a set bit means.
    const statuses = Object.fromEntries((statusResult?.results ?? []).map(
      ({credentialStatus, status}) => [credentialStatus.statusPurpose, status]));
    return {verified, ...(statusResult && {statuses})};
  }
};

const results = [];
for(const {do: what, ...task} of tasks) {
  results.push(await DO[what](task).catch(error => ({error: error.stack})));
}
console.log(JSON.stringify(results));
