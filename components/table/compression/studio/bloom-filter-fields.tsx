'use client'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { StoredColumn } from '@/lib/contract/table/compression'
import { BLOOM_FILTER_PREFIXES } from '@/lib/iceberg/properties/column-properties'
import { columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type SettingEdits, SettingText } from './setting-text'

/**
 * Whether new files have a Bloom filter of a column, and how precise it is: Iceberg's own properties, which Java's writers
 * follow, too.
 */
export function BloomFilterFields({
  column,
  now,
  after,
  setValue,
  canChange,
}: SettingEdits & { column: StoredColumn }) {
  const name = column.column.join('.')
  const enabledKey = `${BLOOM_FILTER_PREFIXES.enabled}${name}`
  const ownKey = columnSettingKey(column.fieldId, 'bloom-filter')
  const isEnabled = propertyValue(after, enabledKey)?.toLowerCase() ?? null
  const choice =
    propertyValue(after, ownKey) === 'drop' || isEnabled === 'false' ? 'drop' : isEnabled === 'true' ? 'write' : null
  const canHaveOne = column.type !== 'boolean'
  return (
    <>
      <LazySelect
        label="Bloom filter"
        data={canHaveOne ? ['write', 'drop'] : ['drop']}
        value={choice}
        placeholder="keep (default)"
        onChange={(value) => {
          setValue(enabledKey, value === null ? null : String(value === 'write'))
          // It would override the choice here.
          setValue(ownKey, null)
        }}
        disabled={!canChange}
        clearable
      />
      {choice === 'write' && (
        <>
          <SettingText
            label="False-positive rate"
            settingKey={`${BLOOM_FILTER_PREFIXES.falsePositiveRate}${name}`}
            unset="0.01"
            {...{ now, after, setValue, canChange }}
          />
          <SettingText
            label="Distinct values, at most"
            settingKey={`${BLOOM_FILTER_PREFIXES.distinctCount}${name}`}
            unset="as found"
            {...{ now, after, setValue, canChange }}
          />
        </>
      )}
    </>
  )
}
