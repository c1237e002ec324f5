'use client'
import { Button, Skeleton } from '@mantine/core'
import { IconTable, IconTerminal2 } from '@tabler/icons-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Bytes } from '@/components/ui/bytes'
import { CopyButton } from '@/components/ui/copy-button'
import { Count } from '@/components/ui/count'
import { RelativeTime } from '@/components/ui/relative-time'
import { Unknown } from '@/components/ui/unknown'
import type { TableDetail } from '@/lib/contract/tables'
import { namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { selectFromTable } from '@/lib/query/select-from-table'
import { AsOfControl } from './as-of-control'
import classes from './table-header.module.css'

const KINDS = { embedded: 'embedded catalog', rest: 'REST catalog', files: 'metadata file' } as const
const UNTOLD = 'the writer of this snapshot did not say'

/** Who this table is: name, format, where it lies, five figures, and the control for what is looked at. */
export function TableHeader({ table, detail }: { table: TableRef; detail: TableDetail }) {
  const { figures, shown } = detail
  return (
    <header className={classes.header}>
      <div className={classes.row}>
        <TableName table={table} />
        <span className={classes.chip}>format v{detail.formatVersion}</span>
        <span className={classes.chipWide}>{KINDS[detail.catalogKind]}</span>
        <code className={classes.location} title={detail.location}>
          {detail.location}
        </code>
        <div className={classes.controls}>
          <AsOfControl detail={detail} />
          <Button
            component={Link}
            href={paths.query(selectFromTable(table, shown))}
            variant="default"
            leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
          >
            Query
          </Button>
        </div>
      </div>
      <dl className={classes.figures}>
        <Figure name="rows" value={<Count value={figures.rowCount} why={UNTOLD} />} />
        <Figure name="live bytes" value={<Bytes value={figures.liveBytes} why={UNTOLD} />} />
        <Figure name="data files" value={<Count value={figures.dataFileCount} why={UNTOLD} />} />
        <Figure name="delete files" value={<Count value={figures.deleteFileCount} why={UNTOLD} />} />
        <div className={classes.last}>
          <dt>last commit</dt>
          <dd>
            {shown.committedAtMs === null ? (
              <Unknown why="nothing was committed yet" />
            ) : (
              <RelativeTime atMs={shown.committedAtMs} />
            )}
          </dd>
        </div>
      </dl>
    </header>
  )
}

/** The header's room while the table is read: the name is known, the figures are not. */
export function TableHeaderSkeleton({ table }: { table: TableRef }) {
  return (
    <header className={classes.header}>
      <div className={classes.row}>
        <TableName table={table} />
      </div>
      <div className={classes.figures}>
        <Skeleton width={420} height={12} my={3} />
      </div>
    </header>
  )
}

function TableName({ table }: { table: TableRef }) {
  const prefix = namespaceLabel(table.namespace)
  return (
    <>
      <IconTable size={18} stroke={1.6} className={classes.icon} aria-hidden />
      <h1 className={classes.name} title={`${prefix}.${table.table}`}>
        <span className={classes.namespace}>{prefix}.</span>
        {table.table}
      </h1>
      <CopyButton value={`${prefix}.${table.table}`} label="table name" />
    </>
  )
}

function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{name}</dt>
    </div>
  )
}
