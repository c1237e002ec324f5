'use client'
import { Switch } from '@mantine/core'
import { useState } from 'react'
import { usePendingChanges } from '@/components/changes/pending-changes'
import { CompressionPanel } from '@/components/compression/compression-panel'
import { useShownTable } from '@/components/tables/shown-table'
import { FilterField } from '@/components/ui/filter-field'
import { Panel } from '@/components/ui/panel'
import { useMayChange } from '@/components/tables/use-may-change'
import type { PropertyGroup } from '@/lib/iceberg/table-properties'
import { AddProperty } from './add-property'
import { groupTitle, PROPERTY_SECTIONS, type PropertyRow, propertyRows } from './property-rows'
import { PropertyTable } from './property-table'
import classes from './table-settings.module.css'

type Section = PropertyGroup | 'free' | 'all'

/** The table's properties as a searchable catalogue: what is set, what holds otherwise, what it does. */
export function TableSettings() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table)
  const { isOffered: mayChange, reason } = useMayChange('table:write')
  const [section, setSection] = useState<Section>('compression')
  const [filter, setFilter] = useState('')
  const [isOnlySet, setOnlySet] = useState(false)
  const rows = propertyRows(detail.properties, pending.intents)
  const wanted = filter.trim().toLowerCase()
  const found = rows.filter((row) => isFound(row, wanted) && (!isOnlySet || row.now !== null || row.pending !== null))
  const isIn = (row: PropertyRow, where: Section) => where === 'all' || row.group === where
  // What is searched for is shown wherever it is.
  const shown = found.filter((row) => wanted !== '' || isIn(row, section))
  return (
    <div className={classes.settings}>
      <nav className={classes.sections} aria-label="Property groups">
        <FilterField label="Find a property" value={filter} onChange={setFilter} slash />
        <ul>
          {(['all', ...PROPERTY_SECTIONS] as const).map((name) => (
            <li key={name}>
              <button
                type="button"
                className={classes.section}
                aria-pressed={wanted === '' && section === name}
                onClick={() => {
                  setSection(name)
                  setFilter('')
                }}
              >
                {groupTitle(name)}
                <span className={classes.count}>{found.filter((row) => isIn(row, name)).length}</span>
              </button>
            </li>
          ))}
        </ul>
        <Switch
          label="Only what is set"
          checked={isOnlySet}
          onChange={(event) => setOnlySet(event.currentTarget.checked)}
        />
        {mayChange === false && (
          <p className={classes.hint}>{reason ?? 'You may look. Changing needs the role editor.'}</p>
        )}
      </nav>
      <div className={classes.content}>
        {section === 'compression' && wanted === '' && <CompressionPanel />}
        <Panel title={wanted === '' ? groupTitle(section) : `Properties with “${filter.trim()}”`} flush>
          <PropertyTable rows={shown} pending={pending} mayChange={mayChange === true} />
        </Panel>
        {mayChange && (section === 'free' || section === 'all') && wanted === '' && (
          <AddProperty properties={detail.properties} pending={pending} />
        )}
      </div>
    </div>
  )
}

function isFound({ key, doc, now }: PropertyRow, wanted: string): boolean {
  return `${key} ${doc} ${now ?? ''}`.toLowerCase().includes(wanted)
}
