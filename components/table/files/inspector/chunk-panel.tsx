'use client'
import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { SidePanel } from '@/components/ui/side-panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Unknown } from '@/components/ui/values/unknown'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import {
  type ChunkPosition,
  chunkPagesQuery,
  type InspectedFile,
  type ShownFile,
} from '@/lib/client/table/file-inspection'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { ColumnChunk } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { dictionaryEnd, type DictionaryUse, dictionaryUse } from '@/lib/scan/inspect/dictionary-use'
import type { ChunkPagesList, ListedPage } from '@/lib/scan/inspect/list-pages'
import { storedValueText } from '@/lib/scan/inspect/stored-value'
import { BloomField } from './bloom-field'
import classes from './chunk-panel.module.css'
import { BoundText } from './file-entry'

type ChunkPanelProps = {
  shown: ShownFile
  inspected: InspectedFile
  position: ChunkPosition
  onMove: (position: ChunkPosition) => void
  onClose: () => void
}

/** One column chunk: its figures, its statistics and its pages. */
export function ChunkPanel({ shown, inspected, position, onMove, onClose }: ChunkPanelProps) {
  const timeZone = useTimeZone()
  const { footer } = inspected
  const { group, leaf } = position
  const node = footer.leaves[leaf]
  const rowGroup = footer.rowGroups[group]
  const chunk = rowGroup?.columns[leaf]
  const [readsWhole, setReadsWhole] = useState(false)
  const query = useQuery(chunkPagesQuery(shown, position, readsWhole))
  if (!node || !rowGroup || !chunk) return null
  return (
    <SidePanel
      title={node.path.join('.')}
      subtitle={`row group ${formatCount(group)}${node.fieldId === null ? '' : `, id ${node.fieldId}`}`}
      width={428}
      onClose={onClose}
      footer={
        <div className={classes.steps}>
          <ActionIcon
            aria-label="Earlier row group"
            disabled={group === 0}
            onClick={() => onMove({ group: group - 1, leaf })}
          >
            <IconChevronLeft size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
          <span>
            {formatQuantity(rowGroup.rowCount, 'row')}, from row {formatCount(rowGroup.firstRow)} of the file
          </span>
          <ActionIcon
            aria-label="Later row group"
            disabled={group + 1 >= footer.rowGroups.length}
            onClick={() => onMove({ group: group + 1, leaf })}
          >
            <IconChevronRight size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </div>
      }
    >
      <Facts facts={chunkFacts(chunk)} isInSidePanel />
      <h3 className={classes.heading}>Statistics</h3>
      <Facts facts={statisticsFacts(node, chunk, timeZone)} isInSidePanel />
      <h3 className={classes.heading}>Pages</h3>
      {!query.isSuccess ? (
        <Unloaded query={query} subject={shown.file} skeleton={[4, 4, 'Reading the pages']} />
      ) : (
        <Pages
          node={node}
          chunk={chunk}
          list={query.data}
          onReadWhole={query.data.hasHeaders ? null : () => setReadsWhole(true)}
        />
      )}
      {chunk.bloomFilter !== null && (
        <>
          <h3 className={classes.heading}>Bloom filter</h3>
          <BloomField shown={shown} position={position} column={node.path.join('.')} />
        </>
      )}
    </SidePanel>
  )
}

const DICTIONARY_USES: Record<DictionaryUse, string> = {
  none: 'none',
  all: 'all pages dictionary-encoded',
  'given-up': 'dictionary fallback on some pages',
  unknown: 'pages not recorded in the footer',
}

function chunkFacts(chunk: ColumnChunk): Fact[] {
  const { codec, encodings, valueCount, encodedBytes, storedBytes, startOffset } = chunk
  return [
    ['Codec', <code key="codec">{codec}</code>],
    ['Encodings', <code key="encodings">{encodings.join(', ')}</code>],
    ['Dictionary', DICTIONARY_USES[dictionaryUse(chunk)]],
    ['Values and nulls', formatCount(valueCount)],
    ['Encoded', <Bytes key="encoded" value={encodedBytes} />],
    ['Stored', <Bytes key="stored" value={storedBytes} />],
    ['Codec ratio', storedBytes === 0 ? '–' : formatRatio(encodedBytes / storedBytes)],
    ['Bytes in the file', `${formatCount(startOffset)} … ${formatCount(startOffset + storedBytes)}`],
  ]
}

function statisticsFacts(node: SchemaNode, { statistics }: ColumnChunk, timeZone: string): Fact[] {
  if (statistics === null) return [['Statistics', 'none: the writer left them out']]
  const { min, max, nullCount, distinctCount } = statistics
  return [
    ['Min', <BoundText key="min" text={min && storedValueText(node, min, timeZone)} />],
    ['Max', <BoundText key="max" text={max && storedValueText(node, max, timeZone)} />],
    ['Nulls', <Count key="nulls" value={nullCount} reason="the writer left the count out" />],
    ['Distinct values', <Count key="distinct" value={distinctCount} reason="the writer left the count out" />],
  ]
}

type NumberedPage = ListedPage & { label: string }

function Pages({
  node,
  chunk,
  list,
  onReadWhole,
}: {
  node: SchemaNode
  chunk: ColumnChunk
  list: ChunkPagesList
  /** Null when the headers of the pages were read. */
  onReadWhole: (() => void) | null
}) {
  const timeZone = useTimeZone()
  const { pages, order, bloomFilterBytes, hasHeaders } = list
  const givenUp = hasHeaders && pages !== null ? dictionaryEnd(pages) : null
  const facts: Fact[] = [
    ['Offset index', chunk.offsetIndex === null ? 'none' : formatBytes(chunk.offsetIndex.lengthBytes)],
    [
      'Column index',
      chunk.columnIndex === null ? 'none' : `${formatBytes(chunk.columnIndex.lengthBytes)}, bounds ${order}`,
    ],
    ['Bloom filter', bloomFilterBytes === null ? 'none' : formatBytes(bloomFilterBytes)],
  ]
  if (givenUp !== null)
    facts.push(['Dictionary', `full at page ${formatCount(givenUp.pageIndex)}, then ${givenUp.encoding}`])
  return (
    <>
      <Facts facts={facts} isInSidePanel />
      {onReadWhole !== null && (
        <p className={classes.note}>
          {pages === null
            ? `The chunk has no offset index, so its pages are known only when all ${formatBytes(chunk.storedBytes)} of it are read.`
            : `Encodings and counts of the pages are in their headers, among ${formatBytes(chunk.storedBytes)}.`}{' '}
          <WaitingButton variant="subtle" loading={false} onClick={onReadWhole}>
            Read page headers
          </WaitingButton>
        </p>
      )}
      {pages !== null && (
        <div className={classes.pages}>
          <DataTable
            label="Pages"
            columns={pageColumns(node, timeZone)}
            rows={numberPages(pages)}
            rowKey={({ offset }) => String(offset)}
            rowHeight={28}
            scrolls
          />
        </div>
      )}
    </>
  )
}

function numberPages(pages: readonly ListedPage[]): NumberedPage[] {
  let index = 0
  return pages.map((page) => ({ ...page, label: page.kind === 'dictionary' ? 'dict' : formatCount(index++) }))
}

const NOT_READ = 'its header was not read'

function pageColumns(node: SchemaNode, timeZone: string): Column<NumberedPage>[] {
  return [
    { id: 'page', header: 'Page', weight: 'name', cell: ({ label }) => label },
    {
      id: 'encoding',
      header: 'Encoding',
      cell: ({ encoding }) => (encoding === null ? <Unknown reason={NOT_READ} /> : <code>{encoding}</code>),
    },
    {
      id: 'values',
      header: 'Values',
      align: 'end',
      cell: ({ valueCount }) => <Count value={valueCount} reason={NOT_READ} />,
    },
    {
      id: 'stored',
      header: 'Stored',
      align: 'end',
      weight: 'figure',
      cell: ({ storedBytes }) => <Bytes value={storedBytes} />,
    },
    {
      id: 'encoded',
      header: 'Encoded',
      align: 'end',
      cell: ({ encodedBytes }) => <Bytes value={encodedBytes} reason={NOT_READ} />,
    },
    {
      id: 'nulls',
      header: 'Nulls',
      align: 'end',
      cell: ({ nullCount }) => <Count value={nullCount} reason="not recorded or not read" />,
    },
    {
      id: 'bounds',
      header: 'Min … max',
      cell: ({ min, max }) =>
        min === null || max === null ? (
          <Unknown reason="no column index has its bounds" />
        ) : (
          <code>
            {storedValueText(node, min, timeZone)} … {storedValueText(node, max, timeZone)}
          </code>
        ),
    },
    { id: 'offset', header: 'Offset', align: 'end', cell: ({ offset }) => formatCount(offset) },
    {
      id: 'firstRow',
      header: 'First row',
      headerTitle: 'In the row group',
      align: 'end',
      cell: ({ firstRow }) => <Count value={firstRow} reason="not recorded" />,
    },
  ]
}
