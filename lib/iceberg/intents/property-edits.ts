import { AppError } from '@/lib/errors'
import {
  CODEC_PROPERTY,
  codecLevelRange,
  LEVEL_PROPERTY,
  levelProblem,
  tableCompression,
} from '../properties/compression'
import { propertyValueProblem } from '../properties/property-problem'
import { isReservedProperty } from '../properties/table-properties'
import type { TableDraft } from './table-draft'
import { propertyValue } from '../properties/property-value'

/** Which properties of a table can be set, and to what. All throw {AppError} invalid-request. */

export function requireSettableKey(key: string): void {
  if (key.trim() === '' || key !== key.trim()) {
    throw new AppError('invalid-request', 'A property name must not be empty or have spaces around it')
  }
  if (isReservedProperty(key)) {
    throw new AppError('invalid-request', `${key} is part of the table’s metadata and cannot be set as a property`, {
      facts: { key },
    })
  }
}

export function requireSettableValue(key: string, value: string): void {
  const problem = propertyValueProblem(key, value)
  if (problem !== null) throw new AppError('invalid-request', `${key} ${problem}`, { facts: { key } })
}

/** A level is valid only for a codec, so both are checked together, as they will be after the commit. */
export function requireValidCompression({ base, properties }: TableDraft): void {
  const hasChanged = (key: string): boolean => propertyValue(base.properties, key) !== (properties.get(key) ?? null)
  if (!hasChanged(CODEC_PROPERTY) && !hasChanged(LEVEL_PROPERTY)) return
  const { [LEVEL_PROPERTY]: level, ...rest } = Object.fromEntries(properties)
  const { codec } = tableCompression(rest)
  if (level === undefined) return
  const problem = levelProblem(codec, level)
  // A level left over from another codec may stay when the new codec has no levels: engines ignore it.
  const isLeftOver = !hasChanged(LEVEL_PROPERTY) && codecLevelRange(codec) === null
  if (problem !== null && !isLeftOver) {
    throw new AppError('invalid-request', `${LEVEL_PROPERTY} ${problem}`, {
      facts: { key: LEVEL_PROPERTY, codec, level },
    })
  }
}
