'use client'
import { Button } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Toolbar } from '@/components/ui/toolbar'
import { MAX_BULK_TABLES, type PropertyChange, type TableEdit } from '@/lib/client/bulk-edit/bulk-edit'
import { useBulkEdit } from '@/lib/client/bulk-edit/use-bulk-edit'
import { tableSummariesQuery } from '@/lib/client/namespaces'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import classes from './bulk-edit.module.css'
import { ChosenChanges } from './chosen-changes'
import { EditedTables } from './edited-tables'
import { WriteFooter } from './write-footer'

/** Chooses properties and tables, shows the outcome for each table, and commits or proposes it table by table. */
export function BulkEditForm({ catalog, namespace }: { catalog: string; namespace: Namespace }) {
  const summaries = useInfiniteQuery(tableSummariesQuery(catalog, namespace))
  const policy = useQuery(changePolicyQuery(catalog, namespace))
  const { edit, state } = useBulkEdit(catalog, namespace)
  const [changes, setChanges] = useState<readonly PropertyChange[]>([])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [filter, setFilter] = useState('')
  const label = namespaceLabel(namespace)
  if (summaries.data === undefined) {
    const skeleton = [10, 3, `Reading the tables of ${label}`] as const
    return <Unloaded query={summaries} subject={`Namespace ${label}`} skeleton={skeleton} />
  }
  const names = summaries.data.pages.flatMap(({ entries }) => entries.map(({ table }) => table))
  const tableCount = summaries.data.pages[0]?.totalCount ?? names.length
  const needle = filter.trim().toLowerCase()
  const shown = names.filter((name) => name.toLowerCase().includes(needle))
  const isAllShownChosen = shown.every((name) => chosen.has(name))
  const isRunning = state.running !== null
  const chooseAll = (isChosen: boolean) => {
    const others = [...chosen].filter((name) => !shown.includes(name))
    setChosen(new Set(isChosen ? [...others, ...shown] : others))
  }
  const toggle = (name: string) =>
    setChosen((now) => new Set(now.has(name) ? [...now].filter((one) => one !== name) : [...now, name]))
  const changeChanges = (next: readonly PropertyChange[]) => {
    setChanges(next)
    // Previews are of other changes.
    edit.reset()
  }
  const tables = [...chosen]
  const isTooMany = tables.length > MAX_BULK_TABLES
  return (
    <>
      <div className={classes.changes}>
        <ChosenChanges changes={changes} onChange={changeChanges} isDisabled={isRunning} />
      </div>
      <Toolbar
        end={
          <Button
            variant="default"
            leftSection={<IconEye size={15} stroke={1.6} aria-hidden />}
            disabled={isRunning || changes.length === 0 || tables.length === 0 || isTooMany}
            onClick={() => void edit.preview(tables, changes)}
          >
            Preview {formatQuantity(tables.length, 'table')}
          </Button>
        }
      >
        <FilterField
          label={`Filter ${formatQuantity(names.length, 'table')}`}
          value={filter}
          onChange={setFilter}
          hasSlashShortcut
          width={240}
        />
        <Button
          variant="default"
          disabled={isRunning || shown.length === 0}
          onClick={() => chooseAll(!isAllShownChosen)}
        >
          {isAllShownChosen ? 'Choose none of' : 'Choose'} {formatQuantity(shown.length, 'table')}
        </Button>
        <NextPageButton query={summaries}>
          Showing {formatCount(names.length)} of {formatQuantity(tableCount, 'table')}. Load more
        </NextPageButton>
      </Toolbar>
      {shown.length === 0 ? (
        <EmptyState>
          {names.length === 0 ? `No tables in ${label} yet.` : `No tables match “${filter.trim()}”.`}
        </EmptyState>
      ) : (
        <div className={classes.tables}>
          <EditedTables
            tables={shown.map((table) => ({ catalog, namespace, table }))}
            chosen={chosen}
            edits={state.edits}
            isDisabled={isRunning}
            onToggle={toggle}
          />
        </div>
      )}
      <WriteFooter
        catalog={catalog}
        namespace={namespace}
        edits={new Map(tables.flatMap((name): [string, TableEdit][] => entryOf(state.edits, name)))}
        chosenCount={tables.length}
        running={state.running}
        requiredBy={policy.data?.requiredBy ?? null}
        onCancel={() => edit.cancel()}
        onWrite={(requested, methodOf) => void edit.write(requested, methodOf)}
      />
    </>
  )
}

function entryOf(edits: ReadonlyMap<string, TableEdit>, name: string): [string, TableEdit][] {
  const edit = edits.get(name)
  return edit === undefined ? [] : [[name, edit]]
}
