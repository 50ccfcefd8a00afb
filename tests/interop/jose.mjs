// Signs and verifies compact JWS with npm's jose.
//
// stdin:  [task, ...]; stdout: [result, ...] in their order.
//
//   {"do": "sign", "alg": ..., "jwk": private JWK, "header": {...}, "payload": text}  ->  {"token": ...}
//   {"do": "verify", "jwk": public JWK, "token": ...}                                  ->  {"payload": text, "header": {...}}

import {CompactSign, compactVerify, importJWK} from 'jose';
import {text} from 'node:stream/consumers';

const DO = {
  async sign({alg, jwk, header, payload}) {
    const key = await importJWK(jwk, alg);
    return {token: await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header).sign(key)};
  },
  async verify({alg, jwk, token}) {
    const {payload, protectedHeader} = await compactVerify(token, await importJWK(jwk, alg));
    return {payload: new TextDecoder().decode(payload), header: protectedHeader};
  }
};

const results = [];
for(const {do: what, ...task} of JSON.parse(await text(process.stdin))) {
  results.push(await DO[what](task).catch(error => ({error: error.message})));
}
console.log(JSON.stringify(results));
