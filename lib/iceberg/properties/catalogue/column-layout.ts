import { COLUMN_SETTING_VALUES, columnSettingKey, type ColumnSetting } from '../column-settings'
import { choice, POSITIVE_COUNT, type PropertyEntry } from './property-entry'

const entry = (
  setting: ColumnSetting,
  doc: string,
  rest: Pick<PropertyEntry, 'values' | 'default' | 'unit'>,
): PropertyEntry => ({ name: columnSettingKey('<field id>', setting), doc, ...rest, honouredBy: ['lakeshore'] })

/** How the files of Lakeshore store one column. No other engine reads these properties. */
export const COLUMN_LAYOUT_PROPERTIES: readonly PropertyEntry[] = [
  entry('compression-codec', 'How the pages of the column are compressed; as the table says if not set.', {
    values: choice(...COLUMN_SETTING_VALUES['compression-codec']),
  }),
  entry('compression-level', 'The compression level of the column.', {
    values: { kind: 'integer', min: 0, max: 22 },
  }),
  entry('page-row-limit', 'The maximum number of rows in a page of the column.', {
    values: POSITIVE_COUNT,
    unit: 'rows',
  }),
  entry('page-size-bytes', 'The maximum size of a page of the column, before compression.', {
    values: POSITIVE_COUNT,
    unit: 'bytes',
  }),
  entry('dictionary', 'Whether the column keeps the dictionary that it is encoded with, or drops it.', {
    values: choice(...COLUMN_SETTING_VALUES.dictionary),
    default: 'keep',
  }),
  entry('statistics', 'Whether the column has bounds for each page, for each row group only, or none.', {
    values: choice(...COLUMN_SETTING_VALUES.statistics),
    default: 'page',
  }),
  entry('bloom-filter', 'Whether the column keeps the Bloom filter that it has, or is set to have, or drops it.', {
    values: choice(...COLUMN_SETTING_VALUES['bloom-filter']),
    default: 'keep',
  }),
]
