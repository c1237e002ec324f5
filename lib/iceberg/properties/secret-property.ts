import { findProperty } from './table-properties'

/**
 * Properties that give access by what they hold. Tables should have none, since all who may read a table get its
 * metadata; engines write them all the same, most often the settings of their FileIO.
 *
 * Source: Iceberg documentation, *Configuration*, *Java API* and PyIceberg's *Configuration*: `s3.secret-access-key`,
 * `s3.session-token`, `adls.sas-token.<account>`, `adls.auth.shared-key.account.key`, `gcs.oauth2.token`,
 * `jdbc.password`, `credential`, `token`, `header.Authorization`.
 */
const SECRET_WORDS = new Set([
  'apikey',
  'authorization',
  'credential',
  'credentials',
  'passphrase',
  'password',
  'passwd',
  'pwd',
  'sas',
  'secret',
  'secrets',
  'token',
  'tokens',
])
/** `account.key`, `s3.sse.key`, `access-key-id`; nothing of others, such as `encryption.key-id` or `partition.key`. */
const SECRET_KEY_NAME =
  /^s3\..*key|(^|[._-])(access|account|api|client|decryption|encryption|private|shared|signing)[._-]key$|access[._-]key[._-]id$/
/** What is told about a secret, and is none: `token-expires-at-ms`, `credentials-provider`. */
const NON_SECRET_SUFFIX = /[._-](class|enabled|endpoint|expires|impl|ms|provider|region|type|uri|url)$/

/** Judged by the name alone. A property that Iceberg defines for tables is none, also that of a column named `token`. */
export function isSecretProperty(name: string): boolean {
  if (findProperty(name) !== null) return false
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
  if (NON_SECRET_SUFFIX.test(words)) return false
  return SECRET_KEY_NAME.test(words) || words.split(/[._-]/).some((word) => SECRET_WORDS.has(word))
}

/** Why the console sets no such property, in words for people; null where it does. */
export function secretPropertyProblem(name: string): string | null {
  return isSecretProperty(name)
    ? 'would hold a secret, and everybody who may read the table gets its properties: give it to the connection or the engine instead'
    : null
}
