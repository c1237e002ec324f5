'use client'
import { Button } from '@mantine/core'
import { IconTable, IconTerminal2 } from '@tabler/icons-react'
import Link from 'next/link'
import { AboutBadges } from '@/components/about/about-badges'
import { CatalogLabelChip, CatalogPrefix } from '@/components/shell/catalog-name'
import { LazyEntryStar } from '@/components/shell/shortcuts/lazy-favourite-button'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { HeaderFigure, HeaderFigures, HeaderFiguresSkeleton, NameHeader } from '@/components/ui/name-header'
import { RowCount } from '@/components/ui/values/row-count'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { TableDetail } from '@/lib/contract/table/tables'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { selectFromTable } from '@/lib/query/tables/select-from-table'
import { TableActions } from '@/components/table/lifecycle/table-actions'
import { AsOfControl } from '@/components/table/frame/as-of-control'
import { mainMoveMs } from '@/components/table/frame/main-move'

const KINDS = { embedded: 'embedded catalog', rest: 'REST catalog', files: 'metadata file' } as const
const NOT_IN_SUMMARY = 'not in the summary of this snapshot'

type TableHeaderProps = {
  table: TableIdentifier
  /** For the controls; null before anything of the table is known. */
  detail: TableDetail | null
  /** `reading` while the figures of the shown state load; `none` if they are unavailable; `in-page` if the tab has them. */
  figures: 'shown' | 'reading' | 'none' | 'in-page'
  /** The rows that the open tab shows, as SQL; null for the first rows of the table. */
  rowsSql?: string | null
}

/** The header of a table page: name, format, figures, and the as-of control. */
export function TableHeader({ table, detail, figures, rowsSql = null }: TableHeaderProps) {
  return (
    <NameHeader
      {...nameProps(table)}
      chips={detail && figures !== 'in-page' ? [`format v${detail.formatVersion}`, KINDS[detail.catalogKind]] : []}
      catalog={<CatalogPrefix catalog={table.catalog} />}
      star={detail && <LazyEntryStar entry={asEntry(table)} uuid={detail.tableUuid} />}
      badges={
        <>
          <CatalogLabelChip catalog={table.catalog} />
          {detail && <AboutBadges properties={detail.properties} />}
        </>
      }
      location={null}
      isReading={detail === null && figures !== 'none'}
      {...(detail && {
        controls: (
          <>
            <AsOfControl detail={detail} />
            <Button
              component={Link}
              href={paths.query(rowsSql ?? selectFromTable(table, detail.shown))}
              variant="default"
              leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
            >
              Query
            </Button>
            <TableActions table={table} detail={detail} />
          </>
        ),
      })}
    >
      {figures === 'reading' && <HeaderFiguresSkeleton />}
      {figures === 'shown' && detail && <TableFigures detail={detail} />}
    </NameHeader>
  )
}

function TableFigures({ detail }: { detail: TableDetail }) {
  const { figures } = detail
  const { committedAtMs } = detail.shown
  const movedAtMs = mainMoveMs(detail)
  return (
    <HeaderFigures>
      <HeaderFigure name={figures.rowCount === 1 ? 'row' : 'rows'} isCount>
        <RowCount {...figures} reason={NOT_IN_SUMMARY} />
      </HeaderFigure>
      <HeaderFigure name="live bytes" isCount>
        <Bytes value={figures.liveBytes} reason={NOT_IN_SUMMARY} />
      </HeaderFigure>
      <HeaderFigure name="last snapshot">
        {committedAtMs === null ? <Unknown reason="no snapshots yet" /> : <RelativeTime atMs={committedAtMs} />}
      </HeaderFigure>
      {movedAtMs !== null && (
        <HeaderFigure name="main moved">
          <RelativeTime atMs={movedAtMs} />
        </HeaderFigure>
      )}
      <HeaderFigure name={figures.dataFileCount === 1 ? 'data file' : 'data files'} isCount>
        <Count value={figures.dataFileCount} reason={NOT_IN_SUMMARY} />
      </HeaderFigure>
      <HeaderFigure name={figures.deleteFileCount === 1 ? 'delete file' : 'delete files'} isCount>
        <Count value={figures.deleteFileCount} reason={NOT_IN_SUMMARY} />
      </HeaderFigure>
    </HeaderFigures>
  )
}

function asEntry({ catalog, namespace, table: name }: TableIdentifier) {
  return { kind: 'table' as const, catalog, namespace, name }
}

function nameProps({ namespace, table }: TableIdentifier) {
  return { icon: IconTable, prefix: namespaceLabel(namespace), name: table, copyLabel: 'table name' }
}
