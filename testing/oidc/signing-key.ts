import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

/** A key of an identity provider, and tokens signed with it. */
export type SigningKey = {
  privateJwk: JWK
  publicJwk: JWK
  /** @param header in place of the usual one: RS256, the id of the key, `at+jwt` */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>
}

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const about = { kid, alg: 'RS256', use: 'sig' }
  return {
    privateJwk: { ...(await exportJWK(privateKey)), ...about },
    publicJwk: { ...(await exportJWK(publicKey)), ...about },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt', ...header }).sign(privateKey),
  }
}
