import { CHECK_PREFIX } from './table-checks'
import { findProperty } from './table-properties'

/**
 * Properties whose value grants access. Tables should have none, because everyone who may read a table gets its
 * metadata. Engines write them anyway, most often the settings of their FileIO.
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
/** Matches `account.key`, `s3.sse.key`, `access-key-id`; not others such as `encryption.key-id` or `partition.key`. */
const SECRET_KEY_NAME =
  /^s3\..*key|(^|[._-])(access|account|api|client|decryption|encryption|private|shared|signing)[._-]key$|access[._-]key[._-]id$/
/** Facts about a secret that are not secret: `token-expires-at-ms`, `credentials-provider`. */
const NON_SECRET_SUFFIX = /[._-](class|enabled|endpoint|expires|impl|ms|provider|region|type|uri|url)$/

/**
 * Decides by the name alone. A property that Iceberg defines for tables is not secret, even for a column named `token`,
 * and the text of a check is not either.
 */
export function isSecretProperty(name: string): boolean {
  if (findProperty(name) !== null || name.startsWith(CHECK_PREFIX)) return false
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
  if (NON_SECRET_SUFFIX.test(words)) return false
  return SECRET_KEY_NAME.test(words) || words.split(/[._-]/).some((word) => SECRET_WORDS.has(word))
}

/** Why the console does not set such a property, in words for people; null if it does. */
export function secretPropertyProblem(name: string): string | null {
  return isSecretProperty(name)
    ? 'would contain a secret, and everyone who may read the table can see its properties: set it on the connection or in the engine instead'
    : null
}
