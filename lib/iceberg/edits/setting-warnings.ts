import { formatList } from '@/lib/format/sentence'
import { enginesWithout } from '../properties/codec-readers'
import { parseColumnSettingKey } from '../properties/column-settings'
import { CODEC_PROPERTY, codecOf } from '../properties/compression'

/** What a person should know before a property is set: who follows it, and who cannot read what it makes. */
export function settingWarnings(key: string, value: string): string[] {
  const parsed = parseColumnSettingKey(key)
  const setsCodec = parsed?.setting === 'compression-codec' || key === CODEC_PROPERTY
  const codec = setsCodec ? codecOf(value) : null
  const engines = codec === null ? [] : enginesWithout(codec)
  return [
    ...(engines.length === 0 ? [] : [`${formatList(engines)} cannot read files with the codec ${value}.`]),
    ...(parsed === null
      ? []
      : [
          'Only Lakeshore follows settings of single columns. Spark, Flink and PyIceberg write each column as the table says.',
        ]),
  ]
}
