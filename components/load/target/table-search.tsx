'use client'
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { useSettled } from '@/components/ui/use-settled'
import { searchQuery } from '@/lib/client/search'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from '../load.module.css'

const MAX_HITS = 8

/**
 * Links to the load forms of tables that are searched for by name.
 *
 * @param props.initialText what the search begins with
 * @param props.onChoose called before the form opens
 */
export function TableSearch({
  initialText = '',
  onChoose,
}: {
  initialText?: string
  onChoose: (table: TableIdentifier) => void
}) {
  const [text, setText] = useState(initialText)
  const settled = useSettled(text.trim())
  const search = useQuery({ ...searchQuery(settled), enabled: settled !== '' })
  const tables = (search.data?.hits ?? []).flatMap(({ catalog, namespace, entry }): TableIdentifier[] =>
    entry?.kind === 'table' ? [{ catalog, namespace, table: entry.name }] : [],
  )
  return (
    <div className={classes.search}>
      <TextInput
        label="Table"
        placeholder="search by name"
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {(search.isLoading || search.error) && (
        <Unloaded query={search} subject="The search" skeleton={[3, 2, 'Searching']} />
      )}
      {search.isSuccess && settled !== '' && tables.length === 0 && (
        <p className="bare secondary">No table name matches.</p>
      )}
      <ul className="bare-list" aria-label="Tables found">
        {tables.slice(0, MAX_HITS).map((table) => (
          <li key={entryLabelInCatalog(table)}>
            <Link href={paths.load(table)} className={classes.hit} onNavigate={() => onChoose(table)}>
              <span title={entryLabelInCatalog(table)}>{entryLabelInCatalog(table)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
