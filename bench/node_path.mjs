// The straightforward path of JavaScript: npm's jsonld, and @digitalbazaar/vc with eddsa-rdfc-2022.
//
// The first line of stdin is {"contexts": {url: document}, "documents": [unsigned credential, ...]}; each further line is
// {"do": "canonize" | "sign" | "verify", "count": n} and is answered by {"count": n, "seconds": CPU seconds}.

import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import jsonld from 'jsonld';
import {createInterface} from 'node:readline';

const lines = createInterface({input: process.stdin})[Symbol.asyncIterator]();
const {contexts, documents} = JSON.parse((await lines.next()).value);

const loaded = new Map(Object.entries(contexts).map(
  ([url, document]) => [url, {documentUrl: url, contextUrl: null, document, tag: 'static'}]));
const documentLoader = async url => {
  if(!loaded.has(url)) {
    throw new Error(`not among the documents: ${url}`);
  }
  return loaded.get(url);
};

const controller = documents[0].issuer.id;
const key = await Ed25519Multikey.generate({id: `${controller}#key`, controller});
loaded.set(key.id, {documentUrl: key.id, contextUrl: null, tag: 'static', document: await key.export({publicKey: true, includeContext: true})});
loaded.set(controller, {documentUrl: controller, contextUrl: null, tag: 'static', document: {
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
  id: controller, assertionMethod: [await key.export({publicKey: true})]
}});

const signing = new DataIntegrityProof({signer: key.signer(), cryptosuite});
const verifying = new DataIntegrityProof({cryptosuite});
const checkStatus = async () => ({verified: true});

// It writes the proof into the document that it is given, so each run has a copy.
const sign = document => vc.issue({credential: structuredClone(document), suite: signing, documentLoader});
const signed = await Promise.all(documents.slice(0, 40).map(sign));

const DO = {
  canonize: index => jsonld.canonize(documents[index % documents.length],
    {algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: true}),
  sign: index => sign(documents[index % documents.length]),
  async verify(index) {
    const credential = signed[index % signed.length];
    const {verified, error} = await vc.verifyCredential({credential, suite: verifying, documentLoader, checkStatus});
    if(!verified) {
      throw error;
    }
  }
};

let index = 0;
console.log('{}');
for await (const line of lines) {
  const {do: what, count} = JSON.parse(line);
  const before = process.cpuUsage();
  for(let done = 0; done < count; done++) {
    await DO[what](index++);
  }
  const {user, system} = process.cpuUsage(before);
  console.log(JSON.stringify({count, seconds: (user + system) / 1e6}));
}
