import { columnSettingKey } from './column-settings'
import {
  CODEC_PROPERTY,
  type CompressionCodec,
  codecLevelRange,
  codecOf,
  LEVEL_PROPERTY,
  levelProblem,
} from './compression'
import { propertyValue } from './property-value'

type Properties = Readonly<Record<string, string>>

/** How new files compress a column. `isOwn` when a property of the column says so. */
export type ColumnCompression = {
  /** Null for a codec that Lakeshore does not know. */
  codec: CompressionCodec | null
  /** Null: the default of the codec, also if it does not have the level that is set. */
  level: number | null
  isOwn: boolean
}

/**
 * The codec and level of a column: its own, otherwise those of the table. A level of the column without a codec applies
 * to the table's codec, but a level of the table never to the column's codec.
 */
export function columnCompression(properties: Properties, fieldId: number): ColumnCompression {
  const ownCodec = propertyValue(properties, columnSettingKey(fieldId, 'compression-codec'))
  const ownLevel = propertyValue(properties, columnSettingKey(fieldId, 'compression-level'))
  const codec = codecOf(ownCodec ?? propertyValue(properties, CODEC_PROPERTY))
  const level = ownLevel ?? (ownCodec === null ? propertyValue(properties, LEVEL_PROPERTY) : null)
  const isUsable = codec !== null && level !== null && levelProblem(codec, level) === null
  return { codec, level: isUsable ? Number(level) : null, isOwn: ownCodec !== null || ownLevel !== null }
}

/** `zstd 6`, or `zstd` at the codec's usual level. */
export function compressionLabel({ codec, level }: Pick<ColumnCompression, 'codec' | 'level'>): string {
  return [codec ?? 'unknown', ...(level === null ? [] : [String(level)])].join(' ')
}

/** Why the level of a column cannot be set, given the codec that it applies to; null if it can. */
export function columnLevelProblem(properties: Properties, fieldId: number, level: string): string | null {
  const { codec } = columnCompression(properties, fieldId)
  return codec === null || codecLevelRange(codec) === null ? null : levelProblem(codec, level)
}
