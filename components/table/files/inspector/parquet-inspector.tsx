'use client'
import { useQuery } from '@tanstack/react-query'
import { createParser, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { type AddressChecks, AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Fact, Facts } from '@/components/ui/values/facts'
import {
  type ChunkPosition,
  type InspectedFile,
  parquetFooterQuery,
  type ShownFile,
} from '@/lib/client/table/file-inspection'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { columnTotals } from '@/lib/scan/inspect/column-totals'
import { ByteMap } from './byte-map'
import { ChunkMap, type ChunkMeasure } from './chunk-map'
import { ChunkPanel } from './chunk-panel'
import { ColumnTable } from './column-table'
import { KeyValues } from './key-values'
import { FileSchema } from './file-schema'

/** `3.12`: the row group and the column, both from 0. */
const parseAsChunk = createParser<ChunkPosition>({
  parse: (text) => {
    const [, group, leaf] = /^(\d{1,9})\.(\d{1,9})$/.exec(text) ?? []
    return group === undefined ? null : { group: Number(group), leaf: Number(leaf) }
  },
  serialize: ({ group, leaf }) => `${group}.${leaf}`,
  eq: (a, b) => a.group === b.group && a.leaf === b.leaf,
})

const MEASURES = ['stored', 'ratio', 'nulls'] as const

/** The structure of a Parquet file, from its footer. */
export function ParquetInspector({
  shown,
  view,
}: {
  shown: ShownFile
  view: 'chunks' | 'columns' | 'schema' | 'keys'
}) {
  const query = useQuery(parquetFooterQuery(shown))
  if (!query.isSuccess) return <Unloaded query={query} subject={shown.file} skeleton={[8, 4, 'Reading the footer']} />
  return <ReadFile shown={shown} inspected={query.data} view={view} />
}

function ReadFile({
  shown,
  inspected,
  view,
}: {
  shown: ShownFile
  inspected: InspectedFile
  view: 'chunks' | 'columns' | 'schema' | 'keys'
}) {
  const { detail } = useShownTable()
  const { footer, byteLength } = inspected
  const totals = useMemo(() => columnTotals(footer), [footer])
  const [measure, setMeasure] = useQueryState<ChunkMeasure>(
    'measure',
    parseAsStringLiteral(MEASURES).withDefault('stored'),
  )
  const [chunk, setChunk] = useQueryState('chunk', parseAsChunk.withOptions({ history: 'push' }))
  const isChunkKnown = chunk !== null && footer.rowGroups[chunk.group]?.columns[chunk.leaf] !== undefined
  const hasChunks = footer.rowGroups.length > 0 && footer.leaves.length > 0
  const checks: AddressChecks = {
    measure: (value) =>
      MEASURES.some((one) => one === value)
        ? null
        : `${quoteAddress('measure', value)} is not a measure of the heat map. It has ${MEASURES.join(', ')}.`,
    chunk: (value) =>
      isChunkKnown ? null : `${quoteAddress('chunk', value)} is not a row group and a column of this file.`,
  }
  return (
    <>
      <AddressProblems checks={checks} />
      {view === 'schema' && <FileSchema schema={footer.schema} fields={detail.schema.fields} />}
      {view === 'keys' && <KeyValues keyValues={footer.keyValues} />}
      {view === 'columns' && (
        <ColumnTable totals={totals} onOpen={hasChunks ? (leaf) => void setChunk({ group: 0, leaf }) : null} />
      )}
      {view === 'chunks' && (
        <>
          <Panel
            title="Row groups and column chunks"
            flush
            actions={
              <SegmentedChoice
                label="Measure of the heat map"
                value={measure}
                options={[
                  { value: 'stored', label: 'Stored' },
                  { value: 'ratio', label: 'Codec ratio' },
                  { value: 'nulls', label: 'Nulls' },
                ]}
                onChange={(next) => void setMeasure(next)}
              />
            }
          >
            {hasChunks ? (
              <ChunkMap
                footer={footer}
                totals={totals}
                measure={measure}
                chosen={isChunkKnown ? chunk : null}
                onChoose={(next) => void setChunk(next)}
              />
            ) : (
              <EmptyState>The file has no row groups.</EmptyState>
            )}
          </Panel>
          {hasChunks && <ByteMap inspected={inspected} chosenGroup={isChunkKnown ? chunk.group : null} />}
          <Panel title="File">
            <Facts facts={fileFacts(inspected)} />
          </Panel>
        </>
      )}
      {chunk !== null && isChunkKnown && (
        <TableSidePanel>
          <ChunkPanel
            key={`${byteLength} ${chunk.group} ${chunk.leaf}`}
            shown={shown}
            inspected={inspected}
            position={chunk}
            onMove={(next) => void setChunk(next, { history: 'replace' })}
            onClose={() => void setChunk(null)}
          />
        </TableSidePanel>
      )}
    </>
  )
}

function fileFacts({ footer, byteLength }: InspectedFile): Fact[] {
  const { rowGroups, leaves, createdBy, formatVersion, footerBytes, rowCount, keyValues } = footer
  return [
    ['Written by', createdBy ?? 'unknown: the footer does not say'],
    ['Rows', formatCount(rowCount)],
    ['Row groups', formatCount(rowGroups.length)],
    ['Columns', formatQuantity(leaves.length, 'column with values', 'columns with values')],
    ['File', formatExactBytes(byteLength)],
    ['Footer', `${formatBytes(footerBytes)}, ${formatQuantity(keyValues.length, 'key-value', 'key-values')}`],
    ['Format version', String(formatVersion)],
  ]
}
