import 'server-only'
import { createHmac } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import { CLONED_FROM } from '@/lib/iceberg/properties/cloned-from'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { isSecretProperty, secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Keys } from '@/server/auth/keys'
import { type MayRead, mayReadNamed } from './hidden-names'

/**
 * Masks properties for the console: a value that grants access is shown as `hidden (3f9a2c1b)`. The digits are the same
 * for the same value of the same property of the same owner, so that changes can be seen and checked; without the
 * server's key they reveal nothing. Engines get the real values from the REST catalog. The name of the table that a
 * clone is from is masked, too, unless the reader may read that table.
 */

const NOTHING_READABLE: MayRead = () => false

/** `owner` is the uuid of the table or view, or the name of the namespace. */
export function maskProperties(
  keys: Keys,
  properties: Readonly<Record<string, string>>,
  owner: string,
  mayRead: MayRead = NOTHING_READABLE,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, maskValue(keys, key, value, { owner, mayRead })]),
  )
}

export function maskProperty(
  keys: Keys,
  key: string,
  value: string | null,
  owner: string,
  mayRead: MayRead = NOTHING_READABLE,
): string | null {
  return value === null ? null : maskValue(keys, key, value, { owner, mayRead })
}

/** @throws {AppError} invalid-request when a person's intent would put a secret into the metadata */
export function requireNoSecrets(intents: readonly Intent[]): void {
  for (const intent of intents) {
    const problem = intent.kind === 'set-property' ? secretPropertyProblem(intent.key) : null
    if (intent.kind === 'set-property' && problem !== null) {
      throw new AppError('invalid-request', `${intent.key} ${problem}.`, { facts: { key: intent.key } })
    }
  }
}

/**
 * The intents with the masked value that the person saw replaced by the real one.
 *
 * @throws {AppError} commit-conflict, with masked values, when the property no longer has that value
 */
export function unmaskBases(
  keys: Keys,
  { properties, tableUuid }: TableMetadata,
  intents: readonly Intent[],
): Intent[] {
  return intents.map((intent) => {
    if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') return intent
    if (!isSecretProperty(intent.key) && intent.key !== CLONED_FROM.table) return intent
    const { key, base } = intent
    const current = propertyValue(properties, key)
    const masked = maskProperty(keys, key, current, tableUuid)
    if (base === current || base === masked) return { ...intent, base: current }
    throw new AppError('commit-conflict', `${key} was changed since`, {
      facts: {
        key,
        base: isMasked(base) ? base : maskProperty(keys, key, base, tableUuid),
        current: masked,
        requested: intent.kind === 'set-property' ? maskProperty(keys, key, intent.value, tableUuid) : null,
      },
    })
  })
}

function maskValue(
  keys: Keys,
  key: string,
  value: string,
  { owner, mayRead }: { owner: string; mayRead: MayRead },
): string {
  const isShown = key === CLONED_FROM.table ? mayReadNamed(value, mayRead) : !isSecretProperty(key)
  if (isShown || value === '') return value
  const digest = createHmac('sha256', keys.derive('hidden values')).update(JSON.stringify([owner, key, value]))
  return `hidden (${digest.digest('hex').slice(0, 8)})`
}

function isMasked(value: string | null): boolean {
  return value === null || /^hidden \([0-9a-f]{8}\)$/.test(value)
}
