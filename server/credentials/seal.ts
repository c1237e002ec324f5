import 'server-only'
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'

/**
 * Secrets at rest: AES-256-GCM under a key derived from the sealing key, with a fresh nonce for each. The secret's
 * context is authenticated with it, so a sealed text that is moved to another connection, field or user does not open.
 *
 * Format: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url. The key id distinguishes a wrong key
 * from a damaged text; it reveals nothing about the key.
 */

/** The owner of a secret: the connection, the field and, for a user's own credentials, the user. */
export type SecretContext = { connectionId: string; field: string; userId?: string }

const NONCE_BYTES = 12
const TAG_BYTES = 16

export function sealText(config: Pick<Config, 'sealingKey'>, text: string, context: SecretContext): string {
  const { key, keyId } = deriveSealingKey(config)
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(contextBytes(context))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `v1.${keyId}.${nonce.toString('base64url')}.${body.toString('base64url')}`
}

/**
 * @param connectionName for the error message
 * @throws {AppError} secrets-unreadable when the text was sealed with another key or for another context, or is damaged
 */
export function unsealText(
  config: Pick<Config, 'sealingKey'>,
  sealed: string,
  context: SecretContext,
  connectionName: string,
): string {
  const { key, keyId } = deriveSealingKey(config)
  const [, sealedWith, nonce = '', body = ''] = /^v1\.([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? []
  if (sealedWith !== undefined && sealedWith !== keyId) {
    throw new AppError(
      'secrets-unreadable',
      `The secrets of ${connectionName} were sealed with a different key than the current LAKESHORE_SEALING_KEY.`,
      { facts: { connection: connectionName, sealedWith, keyNow: keyId } },
    )
  }
  try {
    const bytes = Buffer.from(body, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: TAG_BYTES })
    decipher.setAAD(contextBytes(context))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new AppError('secrets-unreadable', `A secret of ${connectionName} is damaged in the database.`, {
      cause,
      facts: { connection: connectionName },
    })
  }
}

function deriveSealingKey(config: Pick<Config, 'sealingKey'>): { key: Buffer; keyId: string } {
  const { sealingKey } = config
  const key = Buffer.from(hkdfSync('sha256', sealingKey, '', 'lakeshore connection secrets v1', 32))
  return { key, keyId: createHash('sha256').update(key).digest('base64url').slice(0, 8) }
}

function contextBytes({ connectionId, field, userId = '' }: SecretContext): Buffer {
  return Buffer.from(JSON.stringify([connectionId, field, userId]))
}
