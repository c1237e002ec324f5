'use client'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { useSettled } from '@/components/ui/use-settled'
import { searchQuery } from '@/lib/client/search'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './load.module.css'

const MAX_HITS = 8

/**
 * The title of the page with its table, and a search for another one.
 *
 * @param props.searched what the search begins with
 */
export function LoadTarget({
  table,
  note,
  searched = '',
}: {
  table: TableIdentifier | null
  note?: string
  searched?: string
}) {
  const [isChoosing, setChoosing] = useState(table === null)
  return (
    <>
      <header className={classes.head}>
        <h1 className={classes.title}>Load into</h1>
        {table !== null && (
          <Link href={paths.table(table)} className={classes.target}>
            {entryLabelInCatalog(table)}
          </Link>
        )}
        {note !== undefined && <span className="secondary">{note}</span>}
        {table !== null && (
          <Button size="xs" variant="default" aria-expanded={isChoosing} onClick={() => setChoosing(!isChoosing)}>
            Another table
          </Button>
        )}
      </header>
      {isChoosing && <TableSearch initialText={searched} />}
    </>
  )
}

function TableSearch({ initialText }: { initialText: string }) {
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
        <p className="bare secondary">No table has these words in its name.</p>
      )}
      <ul className="bare-list" aria-label="Tables found">
        {tables.slice(0, MAX_HITS).map((table) => (
          <li key={entryLabelInCatalog(table)}>
            <Link href={paths.load(table)} className={classes.hit}>
              <span title={entryLabelInCatalog(table)}>{entryLabelInCatalog(table)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
