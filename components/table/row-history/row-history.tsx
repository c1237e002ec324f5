'use client'
import { Button, TextInput } from '@mantine/core'
import { parseAsString, useQueryStates } from 'nuqs'
import { type FormEvent, useRef, useState } from 'react'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Toolbar } from '@/components/ui/toolbar'
import type { TableDetail } from '@/lib/contract/table/tables'
import classes from './row-history.module.css'

/** Nothing of it shows until the row is identified. */
const LazyRowLineage = lazyComponent(async () => (await import('./row-lineage')).RowLineage, {
  loading: () => <SkeletonRows rows={8} columns={3} label="Loading the history" />,
})

/** One row of a table across the snapshots of a branch, with the change of each commit. */
export function RowHistory() {
  const { table, detail } = useShownTable()
  const [{ row, branch }, setAddress] = useQueryStates(
    { row: parseAsString, branch: parseAsString },
    { history: 'push' },
  )
  const [text, setText] = useState(row ?? '')
  const input = useRef<HTMLInputElement>(null)
  const tip = detail.refs.find(({ name, type }) => type === 'branch' && name === (branch ?? 'main'))?.snapshotId ?? null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void setAddress({ row: text.trim() === '' ? null : text.trim() })
  }
  return (
    <SubPage title="Row history">
      <form onSubmit={submit}>
        <Toolbar>
          <SubPageTitle table={table} title="Row history" />
          <TextInput
            className={classes.condition ?? ''}
            ref={input}
            aria-label="The row where"
            placeholder="id = 42"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={text.trim() === ''}>
            Show history
          </Button>
          <BranchChoice
            refs={detail.refs}
            branch={branch ?? 'main'}
            onChange={(name) => void setAddress({ branch: name === 'main' ? null : name })}
          />
        </Toolbar>
      </form>
      {row === null ? (
        <NoRow
          detail={detail}
          onChoose={(name) => {
            setText(`${name} = `)
            input.current?.focus()
          }}
        />
      ) : tip === null ? (
        <EmptyState>The table has no snapshot on {branch ?? 'main'}.</EmptyState>
      ) : (
        <LazyRowLineage
          key={`${row} ${tip}`}
          table={table}
          metadataLocation={detail.metadataLocation}
          condition={row}
          tip={tip}
          fields={detail.schema.fields}
        />
      )}
    </SubPage>
  )
}

/** Columns that are offered to begin a condition with. */
const MAX_OFFERED_COLUMNS = 6

/** Explains the page, and offers columns to identify a row by: the identifier fields, if the table has them. */
function NoRow({ detail, onChoose }: { detail: TableDetail; onChoose: (name: string) => void }) {
  const { fields, identifierFieldIds } = detail.schema
  // Other names need quotes.
  const primitive = fields.filter(({ type, name }) => typeof type === 'string' && /^[A-Za-z_]\w*$/.test(name))
  const identifiers = primitive.filter(({ id }) => identifierFieldIds.includes(id))
  const offered = (identifiers.length > 0 ? identifiers : primitive).slice(0, MAX_OFFERED_COLUMNS)
  return (
    <EmptyState
      action={
        <div className={classes.offered}>
          {offered.map(({ id, name }) => (
            <Button key={id} variant="default" size="compact-sm" onClick={() => onChoose(name)}>
              {name} = …
            </Button>
          ))}
        </div>
      }
    >
      Identify a row by a condition, such as <code>id = 42</code>. Its history shows which commits added, changed and
      removed it, with the values before and after.
    </EmptyState>
  )
}
