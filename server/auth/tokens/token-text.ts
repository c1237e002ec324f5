import 'server-only'
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * The text of a personal access token: `lsh_<id>_<secret>`. The prefix lets scanners of source code recognize one;
 * letters and digits alone survive headers, shells and `id:secret` settings.
 */
export type TokenText = { tokenId: string; secret: string }

/** Base32 letters (RFC 4648, lower case): five bits each. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const ID_CHARS = 16
/** 200 bits: far beyond guessing, so a plain SHA-256 is enough to store it. */
const SECRET_CHARS = 40

const TOKEN = new RegExp(`^lsh_([a-z2-7]{${ID_CHARS}})_([a-z2-7]{${SECRET_CHARS}})$`)
const SECRET = new RegExp(`^[a-z2-7]{${SECRET_CHARS}}$`)

export function generateTokenText(): TokenText {
  return { tokenId: randomLetters(ID_CHARS), secret: randomLetters(SECRET_CHARS) }
}

export function formatTokenText({ tokenId, secret }: TokenText): string {
  return `lsh_${tokenId}_${secret}`
}

/** Null for a text in another format. */
export function parseTokenText(text: string): TokenText | null {
  const [, tokenId, secret] = TOKEN.exec(text) ?? []
  return tokenId !== undefined && secret !== undefined ? { tokenId, secret } : null
}

export function isSecretText(text: string): boolean {
  return SECRET.test(text)
}

/** SHA-256, base64url. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/** The part of a secret's hash that tells the secrets of a token apart. It does not help to guess one. */
export function secretIdOf(secretHash: string): string {
  return secretHash.slice(0, 16)
}

/** Takes the same time whether or not they match. */
export function isMatchingSecret(secret: string, secretHash: string): boolean {
  const presentedDigest = Buffer.from(hashSecret(secret))
  const expected = Buffer.from(secretHash)
  return presentedDigest.length === expected.length && timingSafeEqual(presentedDigest, expected)
}

function randomLetters(count: number): string {
  return Array.from(randomBytes(count), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}
