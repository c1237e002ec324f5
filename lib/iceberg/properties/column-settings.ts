import { type CompressionCodec, COMPRESSION_CODECS } from './compression'

/**
 * Settings of single columns, which Lakeshore's own files follow: `lakeshore.parquet.column.<field id>.<setting>`. They
 * have the column's id because it stays when the column is renamed. See `docs/decisions/054-settings-of-columns.md`.
 */

const PREFIX = 'lakeshore.parquet.column.'

export const COLUMN_SETTINGS = [
  'compression-codec',
  'compression-level',
  'page-row-limit',
  'page-size-bytes',
  'dictionary',
  'statistics',
  'bloom-filter',
] as const
export type ColumnSetting = (typeof COLUMN_SETTINGS)[number]

/** The values of settings that have a choice. */
export const COLUMN_SETTING_VALUES = {
  'compression-codec': COMPRESSION_CODECS,
  dictionary: ['keep', 'drop'],
  statistics: ['none', 'chunk', 'page'],
  'bloom-filter': ['keep', 'drop'],
} as const satisfies { 'compression-codec': readonly CompressionCodec[] } & Partial<
  Record<ColumnSetting, readonly string[]>
>

/** The name of each setting, after *the* and before *of a column*. */
export const COLUMN_SETTING_LABELS: Readonly<Record<ColumnSetting, string>> = {
  'compression-codec': 'codec',
  'compression-level': 'compression level',
  'page-row-limit': 'row limit of pages',
  'page-size-bytes': 'maximum page size',
  dictionary: 'dictionary',
  statistics: 'statistics',
  'bloom-filter': 'Bloom filter',
}

/** @param fieldId or what stands for it in a description */
export function columnSettingKey(fieldId: number | string, setting: ColumnSetting): string {
  return `${PREFIX}${fieldId}.${setting}`
}

/** The setting and the column that a property is about; null for any other property. */
export function parseColumnSettingKey(key: string): { fieldId: number; setting: ColumnSetting } | null {
  if (!key.startsWith(PREFIX)) return null
  const [, digits = '', name] = /^(\d{1,10})\.(.+)$/.exec(key.slice(PREFIX.length)) ?? []
  const setting = COLUMN_SETTINGS.find((known) => known === name)
  const fieldId = Number(digits)
  // With leading zeros, two keys would set one column.
  return setting === undefined || String(fieldId) !== digits ? null : { fieldId, setting }
}

/**
 * The name of a setting of a column on pages: `codec of route`; null for any other property.
 *
 * @param nameOf the name of the column with a field id; null if it is unknown
 */
export function columnSettingName(key: string, nameOf: (fieldId: number) => string | null): string | null {
  const parsed = parseColumnSettingKey(key)
  if (parsed === null) return null
  const { fieldId, setting } = parsed
  return `${COLUMN_SETTING_LABELS[setting]} of ${nameOf(fieldId) ?? `column ${fieldId}`}`
}

/** Properties that begin like settings of columns, but are none that Lakeshore knows. */
export function isUnknownColumnSetting(key: string): boolean {
  return key.startsWith(PREFIX) && parseColumnSettingKey(key) === null
}
