'use client'
import { Button } from '@mantine/core'
import { IconTable, IconTerminal2 } from '@tabler/icons-react'
import Link from 'next/link'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { HeaderFigure, HeaderFigures, HeaderFiguresSkeleton, NameHeader } from '@/components/ui/name-header'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { TableDetail } from '@/lib/contract/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { selectFromTable } from '@/lib/query/select-from-table'
import { AsOfControl } from './as-of-control'

const KINDS = { embedded: 'embedded catalog', rest: 'REST catalog', files: 'metadata file' } as const
const NOT_IN_SUMMARY = 'not in the summary of this snapshot'

/** The header of a table page: name, format, location, five figures, and the as-of control. */
export function TableHeader({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const { figures, shown } = detail
  return (
    <NameHeader
      {...nameProps(table)}
      chips={[`format v${detail.formatVersion}`, KINDS[detail.catalogKind]]}
      location={detail.location}
      controls={
        <>
          <AsOfControl detail={detail} />
          <Button
            component={Link}
            href={paths.query(selectFromTable(table, shown))}
            variant="default"
            leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
          >
            Query
          </Button>
        </>
      }
    >
      <HeaderFigures>
        <HeaderFigure name={figures.rowCount === 1 ? 'row' : 'rows'} isCount>
          <Count value={figures.rowCount} reason={NOT_IN_SUMMARY} />
        </HeaderFigure>
        <HeaderFigure name="live bytes" isCount>
          <Bytes value={figures.liveBytes} reason={NOT_IN_SUMMARY} />
        </HeaderFigure>
        <HeaderFigure name={figures.dataFileCount === 1 ? 'data file' : 'data files'} isCount>
          <Count value={figures.dataFileCount} reason={NOT_IN_SUMMARY} />
        </HeaderFigure>
        <HeaderFigure name={figures.deleteFileCount === 1 ? 'delete file' : 'delete files'} isCount>
          <Count value={figures.deleteFileCount} reason={NOT_IN_SUMMARY} />
        </HeaderFigure>
        <HeaderFigure name="last commit">
          {shown.committedAtMs === null ? (
            <Unknown reason="no commits yet" />
          ) : (
            <RelativeTime atMs={shown.committedAtMs} />
          )}
        </HeaderFigure>
      </HeaderFigures>
    </NameHeader>
  )
}

/** The header while the table is loading or cannot be read: the name without figures. */
export function TableHeaderPlaceholder({ table, isReading }: { table: TableIdentifier; isReading: boolean }) {
  return (
    <NameHeader {...nameProps(table)} chips={[]} location={null}>
      {isReading && <HeaderFiguresSkeleton />}
    </NameHeader>
  )
}

function nameProps({ namespace, table }: TableIdentifier) {
  return { icon: IconTable, prefix: namespaceLabel(namespace), name: table, copyLabel: 'table name' }
}
