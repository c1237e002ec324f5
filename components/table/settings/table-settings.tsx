'use client'
import { Button, Switch } from '@mantine/core'
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { usePendingChanges } from '@/lib/client/table/pending-changes'
import { CompressionPanel } from '@/components/table/compression/compression-panel'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { FilterField } from '@/components/ui/controls/filter-field'
import { AddressProblems, checkChoice, checkSwitch } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { ProposalHint } from '@/components/table/frame/proposal-hint'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { CODEC_PROPERTY } from '@/lib/iceberg/properties/compression'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { changedFirst, groupTitle, PROPERTY_SECTIONS, type PropertyRow, propertyRows } from './property-rows'
import { PropertyTable } from './property-table'
import { putProperty } from '@/components/changes/tray/put-property'
import classes from './table-settings.module.css'

/** It is below every list, so nothing moves when it appears. */
const LazyAddProperty = lazyComponent(async () => (await import('./add-property')).AddProperty)

const SECTIONS = ['all', ...PROPERTY_SECTIONS] as const
const ADDRESS_CHECKS = {
  ...checkChoice('group', SECTIONS, 'The properties of the compression are shown.'),
  ...checkSwitch('set', 'Properties that are not set are shown, too.'),
}
type Section = (typeof SECTIONS)[number]

/** The table's properties as a searchable list with value, default and description. */
export function TableSettings() {
  const { table, detail } = useShownTable()
  const pending = usePendingChanges(table, detail)
  const canEdit = useCanEdit()
  const { isOffered: canChange, reason } = canEdit
  const [{ group: section, q: filter, set: showsOnlySet }, setChoice] = useQueryStates({
    group: parseAsStringLiteral(SECTIONS).withDefault('compression'),
    q: parseAsString.withDefault(''),
    set: parseAsBoolean.withDefault(false),
  })
  const rows = propertyRows(
    detail.properties,
    pending.intents,
    (fieldId) => indexFields(detail.schema).get(fieldId)?.path.join('.') ?? null,
  )
  const needle = filter.trim().toLowerCase()
  const matches = rows.filter(
    (row) => matchesFilter(row, needle) && (!showsOnlySet || row.now !== null || row.pending !== null),
  )
  const isInSection = (row: PropertyRow, inSection: Section) => inSection === 'all' || row.group === inSection
  // A search covers all sections.
  const visibleRows = changedFirst(matches.filter((row) => needle !== '' || isInSection(row, section)))
  const emptyText =
    needle !== ''
      ? `No properties match “${filter.trim()}”.`
      : section === 'free'
        ? 'No custom properties set.'
        : 'No properties of this group set.'
  const empty = (
    <EmptyState
      action={
        (needle !== '' || showsOnlySet) && (
          <Button variant="default" onClick={() => void setChoice({ q: null, set: null })}>
            {needle === '' ? 'Show all' : 'Clear search'}
          </Button>
        )
      }
    >
      {emptyText}
    </EmptyState>
  )
  return (
    <div className={classes.frame}>
      <div className={classes.settings}>
        <nav className={classes.sections} aria-label="Property groups">
          <FilterField
            label="Find a property"
            value={filter}
            onChange={(q) => void setChoice({ q })}
            hasSlashShortcut
          />
          <ul>
            {SECTIONS.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  className={classes.section}
                  aria-pressed={needle === '' && section === name}
                  onClick={() => void setChoice({ group: name, q: null }, { history: 'push' })}
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
            onChange={(event) => void setChoice({ set: event.currentTarget.checked })}
          />
          {!detail.shown.isCurrent && <p className={classes.hint}>Properties have no history; these are current.</p>}
          {canChange === false && (
            <p className={classes.hint}>{reason ?? 'Read only. You need the editor role to change properties.'}</p>
          )}
          <ProposalHint canEdit={canEdit} className={classes.hint} />
        </nav>
        <div className={classes.content}>
          <AddressProblems checks={ADDRESS_CHECKS} />
          {section === 'compression' && needle === '' && <CompressionPanel />}
          <Panel title={needle === '' ? groupTitle(section) : `Properties matching “${filter.trim()}”`} flush>
            <PropertyTable
              rows={visibleRows}
              pending={pending}
              setValue={(key, newValue) => putProperty(pending, detail, key, newValue)}
              canChange={canChange === true}
              codec={rows.find(({ key }) => key === CODEC_PROPERTY)?.shown ?? null}
              empty={empty}
            />
          </Panel>
          {canChange && (section === 'free' || section === 'all') && needle === '' && (
            <LazyAddProperty
              properties={detail.properties}
              onAdd={(key, value) => pending.put({ kind: 'set-property', key, value, base: null })}
            />
          )}
        </div>
      </div>
    </div>
  )
}

function matchesFilter({ key, label, group, doc, now }: PropertyRow, needle: string): boolean {
  return `${key} ${label ?? ''} ${groupTitle(group)} ${doc} ${now ?? ''}`.toLowerCase().includes(needle)
}
