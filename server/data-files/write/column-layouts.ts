import 'server-only'
import { columnCompression, columnLevelProblem } from '@/lib/iceberg/properties/column-compression'
import {
  COLUMN_SETTING_VALUES,
  type ColumnSetting,
  columnSettingKey,
  isUnknownColumnSetting,
  parseColumnSettingKey,
} from '@/lib/iceberg/properties/column-settings'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type ColumnLayout, toWrittenCodec } from '@/server/parquet/transcode/column-layout'

type Properties = Readonly<Record<string, string>>

/**
 * The layouts of columns that have settings of their own, by field id. A setting that cannot be used is ignored: it
 * must not keep a table from being loaded.
 *
 * @param fallback the layout that the table's properties give every column
 * @param bloomFilters by Iceberg's properties, for the columns that have any
 * @param warn takes a sentence about each setting that is ignored
 */
export function parseColumnLayouts(
  properties: Properties,
  fallback: ColumnLayout,
  {
    bloomFilters,
    warn,
  }: { bloomFilters: ReadonlyMap<number, ColumnLayout['bloomFilter']>; warn: (sentence: string) => void },
): ReadonlyMap<number, ColumnLayout> {
  const usable = usableProperties(properties, warn)
  const fieldIds = new Set(Object.keys(usable).flatMap((key) => parseColumnSettingKey(key)?.fieldId ?? []))
  return new Map(
    [...fieldIds, ...bloomFilters.keys()].map((fieldId) => {
      const ofTable = { ...fallback, bloomFilter: bloomFilters.get(fieldId) ?? fallback.bloomFilter }
      return [fieldId, toColumnLayout(usable, fieldId, ofTable)]
    }),
  )
}

/** Without the settings of columns that cannot be used. */
function usableProperties(properties: Properties, warn: (sentence: string) => void): Properties {
  const entries = Object.entries(properties).flatMap(([key, text]): [string, string][] => {
    const parsed = parseColumnSettingKey(key)
    if (parsed === null) {
      if (!isUnknownColumnSetting(key)) return [[key, text]]
      warn(`${key} is not a setting of a column that Lakeshore knows, so it is ignored.`)
      return []
    }
    const value = text.toLowerCase()
    const problem =
      propertyValueProblem(key, value) ??
      (parsed.setting === 'compression-level' ? columnLevelProblem(properties, parsed.fieldId, value) : null)
    if (problem === null) return [[key, value]]
    warn(`${key} is "${text}", but ${problem}. It is ignored.`)
    return []
  })
  return Object.fromEntries(entries)
}

function toColumnLayout(properties: Properties, fieldId: number, fallback: ColumnLayout): ColumnLayout {
  const own = (setting: ColumnSetting) => propertyValue(properties, columnSettingKey(fieldId, setting))
  const number = (setting: ColumnSetting) => (own(setting) === null ? null : Number(own(setting)))
  const chosen = <Value extends string>(setting: ColumnSetting, values: readonly Value[]) =>
    values.find((value) => value === own(setting))
  const { codec, level } = columnCompression(properties, fieldId)
  return {
    codec: codec === null ? fallback.codec : toWrittenCodec(codec),
    level,
    maxPageRows: number('page-row-limit') ?? fallback.maxPageRows,
    maxPageBytes: number('page-size-bytes') ?? fallback.maxPageBytes,
    dictionary: chosen('dictionary', COLUMN_SETTING_VALUES.dictionary) ?? fallback.dictionary,
    statistics: chosen('statistics', COLUMN_SETTING_VALUES.statistics) ?? fallback.statistics,
    bloomFilter: own('bloom-filter') === 'drop' ? 'drop' : fallback.bloomFilter,
  }
}
