'use client'
import { Button, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Panel } from '@/components/ui/panel'
import { useSettled } from '@/components/ui/use-settled'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { searchQuery } from '@/lib/client/search'
import { tableLayoutsQuery } from '@/lib/client/table/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { draftLikeTable } from '@/lib/changes/new-table/like-table'
import type { SourcePanelProps } from './filling'
import classes from './new-table.module.css'
import { useTableSource } from './use-table-source'

/** Begins with the columns, layout and settings of another table, of this or another catalog. */
export function LikePanel({ onFill }: SourcePanelProps) {
  const [{ like }] = useTableSource()
  const [query, setQuery] = useState(() => toQuery(like))
  const settled = useSettled(query.trim())
  const search = useQuery({ ...searchQuery(settled), enabled: settled !== '' })
  const queryClient = useQueryClient()
  const copy = useSingleMutation({
    mutationFn: async (table: TableIdentifier) => {
      const { metadata } = await queryClient.fetchQuery({ ...tableLayoutsQuery(table, 'newest'), staleTime: 0 })
      return draftLikeTable(readTableMetadata(metadata))
    },
    onSuccess: ({ draft }, table) => onFill({ draft, source: labelOf(table) }),
  })
  const tables = (search.data?.hits ?? []).flatMap(({ catalog, namespace, entry }): TableIdentifier[] =>
    entry?.kind === 'table' ? [{ catalog, namespace, table: entry.name }] : [],
  )
  return (
    <Panel title="Like another table" subtitle="columns, layout and settings of the table; no rows">
      <div className={classes.paste}>
        <TextInput
          label="Table"
          placeholder="search by name"
          value={query}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={({ currentTarget }) => setQuery(currentTarget.value)}
        />
        {(search.isLoading || search.error) && (
          <Unloaded query={search} subject="The search" skeleton={[3, 2, 'Searching']} />
        )}
        {search.isSuccess && settled !== '' && tables.length === 0 && (
          <p className={classes.quiet}>No table name matches.</p>
        )}
        <ul className={classes.hits} aria-label="Tables found">
          {tables.slice(0, MAX_HITS).map((table) => (
            <li key={labelOf(table)}>
              <code>{labelOf(table)}</code>
              <Button size="xs" variant="default" loading={copy.isPending} onClick={() => copy.mutate(table)}>
                Fill the form
              </Button>
            </li>
          ))}
        </ul>
        {copy.error && <ProblemNote error={copy.error} subject="The table" />}
        {copy.data && copy.data.leftOut.length > 0 && (
          <WarningNote isLive>
            Left out, because they belong to that table alone or grant access: {copy.data.leftOut.join(', ')}.
          </WarningNote>
        )}
      </div>
    </Panel>
  )
}

const MAX_HITS = 8

function labelOf({ catalog, namespace, table }: TableIdentifier): string {
  return `${catalog}.${namespaceLabel(namespace)}.${table}`
}

/** The namespace and name of the table in the address, see `paths.newTable`. Names of catalogs are not searched. */
function toQuery(like: string): string {
  try {
    const parts: unknown = JSON.parse(like)
    return Array.isArray(parts)
      ? parts
          .slice(1)
          .filter((part) => typeof part === 'string')
          .join(' ')
      : ''
  } catch {
    return ''
  }
}
