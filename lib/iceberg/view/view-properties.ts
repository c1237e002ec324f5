import { ABOUT_KEYS, parseBadge, PROTECTED_PROPERTY, tagsProblem } from '../properties/about'
import { secretPropertyProblem } from '../properties/secret-property'

/** How many versions a view keeps. */
export const HISTORY_SIZE_PROPERTY = 'version.history.num-entries'
export const DEFAULT_HISTORY_SIZE = 10
/** Whether a new version may lack a dialect of the one before. */
export const DROP_DIALECT_PROPERTY = 'replace.drop-dialect.allowed'
const METADATA_CODEC_PROPERTY = 'write.metadata.compression-codec'

/** More versions than this make every load of a view slow. */
const MAX_HISTORY_SIZE = 1_000

/**
 * Why a view cannot have this property, as a sentence; null if it can. Any key that is not known may have any value.
 *
 * Source: the reference implementation's `ViewProperties`.
 */
export function viewPropertyProblem(key: string, value: string): string | null {
  const problem = keyProblem(key) ?? secretPropertyProblem(key) ?? valueProblem(key, value)
  return problem === null ? null : `${key} ${problem}.`
}

function keyProblem(key: string): string | null {
  return key.trim() === '' || key !== key.trim() ? 'is not a key: it is empty, or has spaces around it' : null
}

function valueProblem(key: string, value: string): string | null {
  switch (key) {
    case HISTORY_SIZE_PROPERTY:
      return /^[1-9]\d{0,3}$/.test(value) && Number(value) <= MAX_HISTORY_SIZE
        ? null
        : `should be a whole number from 1 to ${MAX_HISTORY_SIZE}`
    case DROP_DIALECT_PROPERTY:
    case PROTECTED_PROPERTY:
      return value === 'true' || value === 'false' ? null : 'should be true or false'
    case METADATA_CODEC_PROPERTY:
      return value === 'none' || value === 'gzip' ? null : 'should be none or gzip'
    case ABOUT_KEYS.tags:
      return tagsProblem(value)
    case ABOUT_KEYS.badge:
      return parseBadge(value) === null ? 'should be certified or deprecated' : null
    default:
      return null
  }
}
