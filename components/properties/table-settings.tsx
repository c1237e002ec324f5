'use client'
import { Switch } from '@mantine/core'
import { useState } from 'react'
import { usePendingChanges } from '@/components/changes/pending-changes'
import { CompressionPanel } from '@/components/compression/compression-panel'
import { useShownTable } from '@/components/tables/shown-table'
import { FilterField } from '@/components/ui/controls/filter-field'
import { Panel } from '@/components/ui/panel'
import { useCanChange } from '@/components/tables/use-can-change'
import type { PropertyGroup } from '@/lib/iceberg/properties/table-properties'
import { AddProperty } from './add-property'
import { groupTitle, PROPERTY_SECTIONS, type PropertyRow, propertyRows } from './property-rows'
import { PropertyTable } from './property-table'
import classes from './table-settings.module.css'

type Section = PropertyGroup | 'free' | 'all'

/** The table's properties as a searchable list with value, default and description. */
export function TableSettings() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table)
  const { isOffered: canChange, reason } = useCanChange('table:write')
  const [section, setSection] = useState<Section>('compression')
  const [filter, setFilter] = useState('')
  const [showsOnlySet, setShowsOnlySet] = useState(false)
  const rows = propertyRows(detail.properties, pending.intents)
  const needle = filter.trim().toLowerCase()
  const matches = rows.filter(
    (row) => matchesFilter(row, needle) && (!showsOnlySet || row.now !== null || row.pending !== null),
  )
  const isInSection = (row: PropertyRow, inSection: Section) => inSection === 'all' || row.group === inSection
  // A search covers all sections.
  const visibleRows = matches.filter((row) => needle !== '' || isInSection(row, section))
  const emptyText =
    needle !== ''
      ? `No property matches “${filter.trim()}”.`
      : section === 'free'
        ? 'No custom properties set.'
        : 'No properties of this group set.'
  return (
    <div className={classes.settings}>
      <nav className={classes.sections} aria-label="Property groups">
        <FilterField label="Find a property" value={filter} onChange={setFilter} hasSlashShortcut />
        <ul>
          {(['all', ...PROPERTY_SECTIONS] as const).map((name) => (
            <li key={name}>
              <button
                type="button"
                className={classes.section}
                aria-pressed={needle === '' && section === name}
                onClick={() => {
                  setSection(name)
                  setFilter('')
                }}
              >
                {groupTitle(name)}
                <span className={classes.count}>{matches.filter((row) => isInSection(row, name)).length}</span>
              </button>
            </li>
          ))}
        </ul>
        <Switch
          label="Set only"
          checked={showsOnlySet}
          onChange={(event) => setShowsOnlySet(event.currentTarget.checked)}
        />
        {!detail.shown.isNow && (
          <p className={classes.hint}>
            Properties have no past: the values are those of <strong>now</strong>.
          </p>
        )}
        {canChange === false && (
          <p className={classes.hint}>{reason ?? 'Read only. You need the editor role to change properties.'}</p>
        )}
      </nav>
      <div className={classes.content}>
        {section === 'compression' && needle === '' && <CompressionPanel />}
        <Panel title={needle === '' ? groupTitle(section) : `Properties matching “${filter.trim()}”`} flush>
          <PropertyTable rows={visibleRows} pending={pending} canChange={canChange === true} emptyText={emptyText} />
        </Panel>
        {canChange && (section === 'free' || section === 'all') && needle === '' && (
          <AddProperty properties={detail.properties} pending={pending} />
        )}
      </div>
    </div>
  )
}

function matchesFilter({ key, doc, now }: PropertyRow, needle: string): boolean {
  return `${key} ${doc} ${now ?? ''}`.toLowerCase().includes(needle)
}
