'use client'
import { Switch } from '@mantine/core'
import { useState } from 'react'
import { AddProperty } from '@/components/table/settings/add-property'
import { propertyRows } from '@/components/table/settings/property-rows'
import { PropertyTable } from '@/components/table/settings/property-table'
import { FilterField } from '@/components/ui/controls/filter-field'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { ABOUT_KEYS } from '@/lib/iceberg/properties/about'
import { DESCRIPTION_PROPERTY } from '@/lib/changes/new-table/new-table-draft'
import type { NewTableProblem } from '@/lib/changes/new-table/new-table-problems'
import { CODEC_PROPERTY, LEVEL_PROPERTY } from '@/lib/iceberg/properties/compression'
import { Problems } from './draft-columns-panel'
import classes from './new-table.module.css'
import type { NewTableForm } from './use-new-table-form'

/** Shown before anything is set, because most tables set them. */
const USUAL = [CODEC_PROPERTY, LEVEL_PROPERTY, 'write.target-file-size-bytes']

/** The properties of a new table, with the catalogue of Iceberg's properties. */
export function DraftSettingsPanel({
  draft: { properties },
  changeDraft,
  problems,
}: Pick<NewTableForm, 'draft' | 'changeDraft'> & { problems: readonly NewTableProblem[] }) {
  const [showsAll, setShowsAll] = useState(false)
  const [filter, setFilter] = useState('')
  const { [DESCRIPTION_PROPERTY]: _, [ABOUT_KEYS.owner]: ___, ...others } = properties
  const rows = propertyRows(others, []).map((row) => ({ ...row, now: null }))
  const needle = filter.trim().toLowerCase()
  const shown = rows.filter(({ key, doc, shown: value }) => {
    if (needle !== '') return `${key} ${doc}`.toLowerCase().includes(needle)
    return showsAll || value !== null || USUAL.includes(key)
  })
  const setProperty = (key: string, value: string | null) =>
    changeDraft((now) => {
      const { [key]: __, ...rest } = now.properties
      return { ...now, properties: value === null ? rest : { ...rest, [key]: value } }
    })
  return (
    <>
      <Panel
        title="Settings"
        subtitle={`${formatQuantity(Object.keys(others).length, 'property', 'properties')} set`}
        flush
        actions={
          <div className={classes.settingsTools}>
            <Switch
              label={`All ${formatCount(rows.length)}`}
              checked={showsAll}
              onChange={(event) => setShowsAll(event.currentTarget.checked)}
            />
            <FilterField label="Find a property" value={filter} onChange={setFilter} width={180} />
          </div>
        }
      >
        <div className={classes.settings}>
          <PropertyTable
            rows={shown}
            pending={NO_PENDING}
            setValue={setProperty}
            canChange
            codec={properties[CODEC_PROPERTY] ?? null}
            empty={<EmptyState>No properties match “{filter.trim()}”.</EmptyState>}
          />
        </div>
        <Problems found={problems.filter(({ part }) => part.kind === 'property')} />
      </Panel>
      {(showsAll || needle !== '') && <AddProperty properties={properties} onAdd={setProperty} />}
    </>
  )
}

/** Properties of a new table are never pending: there are no earlier values to differ from. */
const NO_PENDING = { drop: () => undefined }
