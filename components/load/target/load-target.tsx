'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useState } from 'react'
import { entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from '../load.module.css'
import { TableSearch } from './table-search'

/**
 * The title of the form with its table, and a search for another one.
 *
 * @param props.onChange called before the form of another table opens
 */
export function LoadTarget({
  table,
  note,
  onChange,
}: {
  table: TableIdentifier
  note?: string
  onChange?: (other: TableIdentifier) => void
}) {
  const [isChoosing, setChoosing] = useState(false)
  return (
    <>
      <header className={classes.head}>
        <h1 className={classes.title}>Load into</h1>
        <Link href={paths.table(table)} className={classes.target}>
          {entryLabelInCatalog(table)}
        </Link>
        {note !== undefined && <span className="secondary">{note}</span>}
        <Button size="xs" variant="default" aria-expanded={isChoosing} onClick={() => setChoosing(!isChoosing)}>
          Another table
        </Button>
      </header>
      {isChoosing && <TableSearch onChoose={(other) => onChange?.(other)} />}
    </>
  )
}
