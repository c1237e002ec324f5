'use client'
import { toListing } from '@/components/ui/table/listing'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useNamedHolder } from '@/components/admin/access/holder-field'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Toolbar } from '@/components/ui/toolbar'
import { useSettled } from '@/components/ui/use-settled'
import { selectedTablesQuery, useStartBulkChange } from '@/lib/client/bulk-changes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { Namespace } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './bulk-edit.module.css'
import { ActionFields, type ChosenAction, NO_SETTINGS, toChanges } from './chosen-action'
import {
  type Conditions,
  ConditionFields,
  hasConditions,
  hasProblem,
  NO_CONDITIONS,
  toSelection,
} from './condition-fields'
import { SelectedTables } from './selected-tables'
import { StartFooter } from './start-footer'
import { countChosen, isChosen, NONE_CHOSEN, type TableChoice, toggleTable, toNames } from './table-choice'

type BulkEditFormProps = {
  catalog: string
  namespace: Namespace
  /** Whether the catalog can restore what it drops. */
  canDrop: boolean
}

/** Chooses what many tables get, and which tables: those of a namespace or of the whole catalog that meet conditions. */
export function BulkEditForm({ catalog, namespace, canDrop }: BulkEditFormProps) {
  const router = useRouter()
  const [conditions, setConditions] = useState<Conditions>(NO_CONDITIONS)
  const typed = useSettled(conditions)
  const selection = toSelection(namespace, typed)
  const list = useInfiniteQuery(selectedTablesQuery(catalog, selection))
  const [action, setAction] = useState<ChosenAction>(NO_SETTINGS)
  const holder = useNamedHolder({ catalog, namespace }, action.kind === 'grant' ? action.name : null)
  const changes = toChanges(action, canDrop, holder)
  const [choice, setChoice] = useState<TableChoice>(NONE_CHOSEN)
  const start = useStartBulkChange(catalog)
  const { rows: tables } = toListing(list, (page) => page.tables)
  const [first] = list.data?.pages ?? []
  const totalCount = first?.totalCount ?? 0
  // Until the list of other conditions is read, the page shows the list of earlier ones.
  const isCurrent = typed === conditions && !hasProblem(typed) && !list.isPlaceholderData && first !== undefined
  const chosenCount = countChosen(choice, totalCount)
  const changeConditions = (next: Conditions) => {
    setConditions(next)
    // All tables of a list are others than all tables of another list.
    setChoice(NONE_CHOSEN)
  }
  const preview = () => {
    if (first === undefined) return
    start.mutate(
      { selection, digest: first.digest, ...toNames(choice), changes },
      { onSuccess: ({ bulkChangeId }) => router.push(paths.bulkChange(catalog, bulkChangeId)) },
    )
  }
  return (
    <>
      <div className={classes.changes}>
        <ActionFields
          catalog={catalog}
          namespace={namespace}
          action={action}
          canDrop={canDrop}
          isDisabled={start.isPending}
          onChange={setAction}
        />
      </div>
      <ConditionFields conditions={conditions} onChange={changeConditions} />
      <Toolbar>
        <Button
          variant="default"
          disabled={!isCurrent || totalCount === 0}
          onClick={() => setChoice(choice.kind === 'all' ? NONE_CHOSEN : { kind: 'all', except: [] })}
        >
          {choice.kind === 'all' ? 'Choose none' : `Choose ${formatQuantity(totalCount, 'table')}`}
        </Button>
        <span className={classes.quiet}>
          {tables.length < totalCount &&
            `${formatCount(tables.length)} of ${formatQuantity(totalCount, 'table')} listed`}
        </span>
        <NextPageButton query={list}>List more</NextPageButton>
      </Toolbar>
      {first?.isTruncated === true && (
        <WarningNote>The catalog has more tables than are looked through here. Choose a namespace.</WarningNote>
      )}
      {first !== undefined && first.unknownSizeCount > 0 && (
        <WarningNote>
          {formatQuantity(first.unknownSizeCount, 'table')} of unknown size{' '}
          {first.unknownSizeCount === 1 ? 'is' : 'are'} not listed: the search index does not have it. The other
          conditions hold for {first.unknownSizeCount === 1 ? 'it' : 'them'}.
        </WarningNote>
      )}
      {list.data === undefined ? (
        <Unloaded query={list} subject="The list of tables" skeleton={[10, 2, 'Reading the names of tables']} />
      ) : totalCount === 0 ? (
        <EmptyState>{hasConditions(typed) ? 'No table meets all conditions.' : 'There are no tables here.'}</EmptyState>
      ) : (
        <div className={classes.tables} aria-busy={!isCurrent}>
          <SelectedTables
            catalog={catalog}
            tables={tables}
            isChosen={(table) => isChosen(choice, table)}
            isDisabled={!isCurrent || start.isPending}
            onToggle={(table) => setChoice(toggleTable(choice, table))}
          />
        </div>
      )}
      <StartFooter
        chosenCount={chosenCount}
        namedCount={choice.kind === 'all' ? choice.except.length : choice.only.length}
        hasChanges={changes.length > 0}
        isReady={isCurrent}
        isPending={start.isPending}
        error={start.error}
        onPreview={preview}
      />
    </>
  )
}
