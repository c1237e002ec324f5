import { formatList } from '@/lib/format/sentence'
import { enginesWithout } from '../../iceberg/properties/codec-readers'
import { namedColumn } from '../../iceberg/properties/column-properties'
import { parseColumnSettingKey } from '../../iceberg/properties/column-settings'
import { CODEC_PROPERTY, codecOf, type CompressionCodec } from '../../iceberg/properties/compression'
import { findFieldByName } from '../../iceberg/schema/schema'
import type { Schema } from '../../iceberg/schema/types'

/**
 * Warnings to read before a property is set: which engines follow it, which cannot read the files it leads to, and
 * whether it names a column that does not exist.
 */
export function settingWarnings({ schema }: { schema: Schema }, key: string, value: string): string[] {
  const named = namedColumn(key)
  const parsed = parseColumnSettingKey(key)
  const codec = codecOfSetting(key, value)
  const engines = codec === null ? [] : enginesWithout(codec)
  return [
    ...(named === null || findFieldByName(schema, named) !== null
      ? []
      : [`There is no column ${named}, so ${key} has no effect.`]),
    ...(engines.length === 0 ? [] : [`${formatList(engines)} cannot read files with the codec ${value}.`]),
    ...(parsed === null
      ? []
      : [
          'Only Lakeshore follows settings of single columns. Spark, Flink and PyIceberg write each column as the table says.',
        ]),
  ]
}

/** The codec that a property sets, for the table or for a column; null for another property and an unknown codec. */
export function codecOfSetting(key: string, value: string): CompressionCodec | null {
  const isCodec = key === CODEC_PROPERTY || parseColumnSettingKey(key)?.setting === 'compression-codec'
  return isCodec ? codecOf(value) : null
}
