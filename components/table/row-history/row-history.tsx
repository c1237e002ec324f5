'use client'
import { Button, TextInput } from '@mantine/core'
import { parseAsString, useQueryStates } from 'nuqs'
import { type FormEvent, useState } from 'react'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Toolbar } from '@/components/ui/toolbar'
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
        <EmptyState>
          Identify the row, e.g. <code>id = 42</code>.
        </EmptyState>
      ) : tip === null ? (
        <EmptyState>The table has no snapshot on {branch ?? 'main'}.</EmptyState>
      ) : (
        <LazyRowLineage key={`${row} ${tip}`} table={table} condition={row} tip={tip} fields={detail.schema.fields} />
      )}
    </SubPage>
  )
}
