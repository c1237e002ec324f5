import { codecSupport, enginesWithout, type Support } from '../../iceberg/properties/codec-readers'
import { codecOfSetting } from '../edits/setting-warnings'
import { formatSupport, type NamedClient } from '../../iceberg/properties/format-support'
import type { Intent } from './intent'

/** Something that clients have to support after a change. */
export type ClientDemand = {
  /** The object of *read* and *write*, `format version 3`. */
  noun: string
  /** A client that does not meet it loses the whole table, or only files that are written from then on. */
  lost: 'the table' | 'new files'
  /** `write` is null where the change asks nothing of writers. */
  supportOf: (client: NamedClient) => { read: Support; write: Support | null }
}

/** The demands of changes on the clients of a table, of which it is known that some clients do not meet them. */
export function clientDemands(intents: readonly Intent[]): ClientDemand[] {
  return intents.flatMap((intent) => toDemand(intent) ?? [])
}

function toDemand(intent: Intent): ClientDemand | null {
  if (intent.kind === 'upgrade-format-version') {
    const { formatVersion } = intent
    return {
      noun: `format version ${formatVersion}`,
      lost: 'the table',
      supportOf: (client) => formatSupport(formatVersion, client),
    }
  }
  const codec = intent.kind === 'set-property' ? codecOfSetting(intent.key, intent.value) : null
  if (codec === null || enginesWithout(codec).length === 0) return null
  return {
    noun: `files with the codec ${codec}`,
    lost: 'new files',
    supportOf: ({ name }) => ({ read: codecSupport(codec, name), write: null }),
  }
}

/** `can read, cannot write format version 3`. */
export function describeSupport({ read, write }: ReturnType<ClientDemand['supportOf']>, noun: string): string {
  if (write === null) return read === 'unknown' ? `${noun}: not known` : `${read} read ${noun}`
  if (read === write) return read === 'unknown' ? `${noun}: not known` : `${read} read ${AND_OR[read]} write ${noun}`
  if (read === 'unknown') return `${write} write ${noun}, reading is not known`
  if (write === 'unknown') return `${read} read ${noun}, writing is not known`
  return `${read} read, ${write} write ${noun}`
}

const AND_OR = { can: 'and', cannot: 'or' } as const
