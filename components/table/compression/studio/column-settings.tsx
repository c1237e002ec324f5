'use client'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import type { StoredColumn } from '@/lib/contract/table/compression'
import { formatList } from '@/lib/format/sentence'
import { enginesWithout } from '@/lib/iceberg/properties/codec-readers'
import { columnCompression } from '@/lib/iceberg/properties/column-compression'
import { COLUMN_SETTING_VALUES, type ColumnSetting, columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { COLUMN_METRICS_PREFIX } from '@/lib/iceberg/properties/column-properties'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { BloomFilterFields } from './bloom-filter-fields'
import classes from './column-settings.module.css'
import { type SettingEdits, SettingText } from './setting-text'

type ColumnSettingsProps = SettingEdits & { column: StoredColumn }

/** How new files store one column, except its codec. Every edit becomes a pending change. */
export function ColumnSettings({ column, now, after, setValue, canChange }: ColumnSettingsProps) {
  const { fieldId } = column
  const name = column.column.join('.')
  const keyOf = (setting: ColumnSetting) => columnSettingKey(fieldId, setting)
  const valueOf = (setting: ColumnSetting) => propertyValue(after, keyOf(setting))
  const compression = columnCompression(after, fieldId)
  const engines = compression.codec === null ? [] : enginesWithout(compression.codec)
  const metricsKey = `${COLUMN_METRICS_PREFIX}${name}`
  return (
    <Panel title={`Settings of ${name}`} subtitle="for new files">
      <div className={classes.fields}>
        <SettingChoice
          label="Dictionary"
          unset="keep (default)"
          setting="dictionary"
          {...{ valueOf, keyOf, setValue, canChange }}
        />
        <SettingChoice
          label="Statistics"
          unset="page (default)"
          setting="statistics"
          {...{ valueOf, keyOf, setValue, canChange }}
        />
        <BloomFilterFields {...{ column, now, after, setValue, canChange }} />
        <SettingText
          label="Rows per page, at most"
          settingKey={keyOf('page-row-limit')}
          unset="as table"
          {...{ now, after, setValue, canChange }}
        />
        <SettingText
          label="Bytes per page, at most"
          settingKey={keyOf('page-size-bytes')}
          unset="as table"
          {...{ now, after, setValue, canChange }}
        />
        <SettingText
          label="Metrics in manifests"
          settingKey={metricsKey}
          unset="as table"
          {...{ now, after, setValue, canChange }}
        />
      </div>
      <p className={classes.note}>
        Only Lakeshore’s own loads and rewrites follow these and the codec; Spark, Flink and PyIceberg use the table’s.
        All follow <em>Metrics in manifests</em>, and Spark and Flink the Bloom filter.{' '}
        {engines.length === 0
          ? `Every engine that Lakeshore knows reads ${compression.codec ?? 'this codec'}.`
          : `${formatList(engines)} cannot read ${compression.codec}.`}
      </p>
    </Panel>
  )
}

type ChoiceProps = {
  label: string
  setting: 'dictionary' | 'statistics'
  unset: string
  keyOf: (setting: ColumnSetting) => string
  valueOf: (setting: ColumnSetting) => string | null
  setValue: ColumnSettingsProps['setValue']
  canChange: boolean
}

function SettingChoice({ label, setting, unset, keyOf, valueOf, setValue, canChange }: ChoiceProps) {
  return (
    <LazySelect
      label={label}
      data={[...COLUMN_SETTING_VALUES[setting]]}
      value={valueOf(setting)}
      placeholder={unset}
      onChange={(value) => setValue(keyOf(setting), value)}
      disabled={!canChange}
      clearable
    />
  )
}
