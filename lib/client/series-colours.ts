import { createStoredList } from './stored-list'

const STORAGE_KEY = 'lakeshore.series-colours'
/** Series whose colour this browser knows; the oldest are forgotten. */
const MAX_SERIES = 200

/** The index of the colour of a series, from 0. */
type SeriesColour = { key: string; index: number }

const colours = createStoredList((value) => (isSeriesColour(value) ? value : null))

/**
 * The colours that this browser has given to series, the oldest first. Keys are hashed: names of tables do not stay
 * here when the user signs out.
 */
export function useKnownColours(): readonly SeriesColour[] {
  return colours.useItems(STORAGE_KEY)
}

/** Adds series that have no colour yet. */
export function keepColours(added: readonly SeriesColour[]): void {
  const stored = colours.read(STORAGE_KEY)
  const keys = new Set(stored.map(({ key }) => key))
  const unknown = added.filter(({ key }) => !keys.has(key))
  if (unknown.length > 0) colours.write(STORAGE_KEY, [...stored, ...unknown].slice(-MAX_SERIES))
}

/** FNV-1a with 32 bits. */
export function hashSeriesKey(key: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  return hash.toString(36)
}

function isSeriesColour(value: unknown): value is SeriesColour {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    'index' in value &&
    Number.isInteger(value.index)
  )
}
