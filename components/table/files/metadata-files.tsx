'use client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { Bytes } from '@/components/ui/values/bytes'
import { ExactTime } from '@/components/ui/values/exact-time'
import { metadataComparisonQuery, metadataFilesQuery } from '@/lib/client/table/metadata-tree'
import type { MetadataFile } from '@/lib/contract/table/files'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { FileName } from './file-name'
import { baseName } from './file-steps'
import classes from './metadata-files.module.css'

/** The metadata files of the table, newest first, and the differences between any two of them. */
export function MetadataFiles() {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(metadataFilesQuery(table))
  const [chosen, setChosen] = useQueryStates({ from: parseAsString, to: parseAsString })
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={entryLabel(table)}
        className={classes.page}
        skeleton={[8, 4, 'Reading the metadata log']}
      />
    )
  const [first] = query.data.pages
  const listing = toListing(query, (page) => page.files)
  const files = listing.rows
  const to = chosen.to ?? files[0]?.location ?? null
  // The file before the chosen one, if it is listed.
  const toIndex = files.findIndex(({ location }) => location === to)
  const from = chosen.from ?? files[Math.max(toIndex, 0) + 1]?.location ?? null
  const shownLocation = detail.shownMetadata?.location ?? null
  return (
    <div className={classes.page}>
      <Panel title="Metadata files" subtitle={formatQuantity(first?.totalCount ?? 0, 'file')} flush>
        <div className={classes.table}>
          <DataTable
            label="Metadata files"
            columns={fileColumns(shownLocation)}
            rows={listing}
            rowKey={({ location }) => location}
            rowHeight={28}
            scrolls
          />
        </div>
        <NextPageButton query={query}>
          Showing {formatCount(files.length)} of {formatQuantity(first?.totalCount ?? 0, 'file')}. Load older
        </NextPageButton>
      </Panel>
      <Panel title="What differs" flush>
        {from === null || to === null ? (
          <EmptyState>The table has one metadata file only, so there is nothing to compare it with.</EmptyState>
        ) : (
          <>
            <div className={classes.choices}>
              <FileChoice
                label="From"
                value={from}
                files={files}
                onChange={(location) => void setChosen({ from: location, to })}
              />
              <FileChoice
                label="To"
                value={to}
                files={files}
                onChange={(location) => void setChosen({ from, to: location })}
              />
            </div>
            <Comparison from={from} to={to} />
          </>
        )}
      </Panel>
    </div>
  )
}

function FileChoice({
  label,
  value,
  files,
  onChange,
}: {
  label: string
  value: string
  files: readonly MetadataFile[]
  onChange: (location: string) => void
}) {
  const locations = files.map(({ location }) => location)
  // A link may name a file that is not listed yet.
  const options = locations.includes(value) ? locations : [...locations, value]
  return (
    <LazySelect
      className={classes.choice}
      label={label}
      data={options.map((location) => ({ value: location, label: baseName(location) }))}
      value={value}
      allowDeselect={false}
      onChange={(location) => location !== null && onChange(location)}
    />
  )
}

type Difference = { path: string; before: string | null; after: string | null }

function Comparison({ from, to }: { from: string; to: string }) {
  const { table } = useShownTable()
  const query = useQuery(metadataComparisonQuery(table, { from, to }))
  if (!query.isSuccess)
    return <Unloaded query={query} subject={baseName(to)} className="padded" skeleton={[6, 3, 'Comparing metadata']} />
  const { differences, isTruncated } = query.data
  if (differences.length === 0) return <EmptyState>Both files say the same.</EmptyState>
  return (
    <>
      <div className={classes.table}>
        <DataTable
          label="Differences"
          columns={DIFFERENCE_COLUMNS}
          rows={{ rows: differences, isWhole: !isTruncated }}
          rowKey={({ path }) => path}
          rowHeight={28}
          scrolls
        />
      </div>
      <p className={classes.note}>
        {formatQuantity(differences.length, 'difference')}
        {isTruncated && ' are shown, and there are more'}
      </p>
    </>
  )
}

function fileColumns(shownLocation: string | null): Column<MetadataFile>[] {
  return [
    { id: 'file', header: 'File', cell: ({ location }) => <FileName path={location} /> },
    { id: 'written', header: 'Written', cell: ({ writtenAtMs }) => <ExactTime atMs={writtenAtMs} /> },
    {
      id: 'state',
      header: 'State',
      cell: ({ isCurrent, location }) =>
        isCurrent ? 'current' : location === shownLocation ? 'of the shown state' : '',
    },
    {
      id: 'size',
      header: 'Size',
      align: 'end',
      weight: 'figure',
      cell: ({ sizeBytes, problem }) => <Bytes value={sizeBytes} reason={problem ?? 'not known'} />,
    },
  ]
}

const DIFFERENCE_COLUMNS: Column<Difference>[] = [
  {
    id: 'change',
    header: 'Change',
    cell: ({ before, after }) =>
      before === null ? (
        <span className="added">+ added</span>
      ) : after === null ? (
        <span className="removed">− removed</span>
      ) : (
        <span className="warn">~ changed</span>
      ),
  },
  { id: 'path', header: 'Field', cell: ({ path }) => <code title={path}>{path}</code> },
  { id: 'before', header: 'Before', cell: ({ before }) => before !== null && <code title={before}>{before}</code> },
  { id: 'after', header: 'After', cell: ({ after }) => after !== null && <code title={after}>{after}</code> },
]
