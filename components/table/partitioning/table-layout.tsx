'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ChangeDescription } from '@/components/changes/tray/change-description'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useTableLayouts } from '@/components/table/frame/use-table-layouts'
import { Panel } from '@/components/ui/panel'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { retryFetch } from '@/lib/client/call/retry'
import { layoutSimulationQuery } from '@/lib/client/table/layout'
import { MAX_LAYOUT_CANDIDATES } from '@/lib/contract/shapes/plain-values'
import { entryLabel } from '@/lib/names/identifiers'
import { intentTarget } from '@/lib/changes/intents/intent'
import { candidateKey, type LayoutCandidate, sourceColumns, suggestCandidates } from '@/lib/layout/offered-transforms'
import { recommendLayout } from '@/lib/layout/recommend-layout'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { parseTransform } from '@/lib/iceberg/partitioning/transform'
import { applyCandidate, currentFields, isSpecIntent, requestedSortFields } from './layout-edits'
import { FilterPanel } from './filter-panel'
import { PartitionChart } from './partition-chart'
import { PartitionPanel } from './partition-panel'
import { draftCodeQuery } from './draft-code'
import { type ComparedLayout, SimulatorPanel } from './simulator-panel'
import { layoutDoubts } from './simulation-basis'
import { SortPanel } from './sort-panel'
import { SortednessPanel } from './sortedness-panel'
import { SpecList } from './spec-list'
import { type LayoutEdits, useLayoutEdits } from './use-layout-edits'
import classes from './layout-tab.module.css'

export function TableLayout() {
  const { loaded, problem } = useTableLayouts()
  if (problem) return <div className={classes.notes}>{problem}</div>
  return loaded ? (
    <LoadedLayout metadata={loaded.metadata} />
  ) : (
    <SkeletonRows rows={12} columns={5} label="Reading the layout" />
  )
}

function LoadedLayout({ metadata }: { metadata: TableMetadata }) {
  const edits = useLayoutEdits(metadata)
  if (edits === null) return <SkeletonRows rows={12} columns={5} label="Reading the layout" />
  const { draft, notice } = edits
  const layoutMisfits = draft.misfits.filter(
    ({ intent }) => isSpecIntent(intent) || intent.kind === 'replace-sort-order',
  )
  return (
    <>
      {(layoutMisfits.length > 0 || draft.problem !== null || notice !== null) && (
        <div className={classes.notes}>
          {layoutMisfits.map(({ intent, message }) => (
            <WarningNote key={intentTarget(intent)} isLive>
              <ChangeDescription intent={intent} />
              {message}
            </WarningNote>
          ))}
          {draft.problem !== null && <WarningNote isLive>{draft.problem}</WarningNote>}
          {notice !== null && <WarningNote isLive>{notice}</WarningNote>}
        </div>
      )}
      <Simulated edits={edits} />
    </>
  )
}

/** The editors next to their simulated effect. */
function Simulated({ edits }: { edits: LayoutEdits }) {
  const { table, asOf, detail } = useShownTable()
  const { metadata, change } = edits
  const client = useQueryClient()
  // Before a change is made, so that it can say at once why it is refused.
  const prepareDraft = () => void client.prefetchQuery(draftCodeQuery)
  const { candidates, proposed, addCandidate, removeCandidate } = useCandidates(edits)
  const sortColumns = sortColumnsOf(edits)
  const query = useQuery(
    layoutSimulationQuery(table, asOf, { metadataLocation: detail.metadataLocation, candidates, sortColumns }),
  )
  const [chosen, setChosen] = useState<string | null>(null)
  const simulation = query.data?.simulation
  const compared: ComparedLayout[] = simulation
    ? [
        { key: 'today', candidate: null, isProposed: false, simulated: simulation.current },
        ...simulation.candidates.flatMap((simulated, i) => {
          const candidate = query.data?.candidates[i]
          if (!candidate) return []
          const key = candidateKey(candidate)
          const isProposed = proposed !== null && key === candidateKey(proposed)
          return [{ key: `by ${key}`, candidate, isProposed, simulated }]
        }),
      ]
    : []
  const shown =
    compared.find(({ key }) => key === chosen) ?? compared.find(({ isProposed }) => isProposed) ?? compared[0]
  const recommendation =
    simulation &&
    recommendLayout(
      compared.map(({ simulated }) => simulated),
      simulation,
    )
  const verdict = shown && recommendation?.verdicts[compared.indexOf(shown)]
  return (
    <div className={classes.grid}>
      <div className={classes.side} onPointerEnter={prepareDraft} onFocus={prepareDraft}>
        <PartitionPanel edits={edits}>
          <SpecList simulation={simulation} edits={edits} />
        </PartitionPanel>
        <SortPanel edits={edits}>
          <FilterPanel scans={simulation?.scans} />
        </SortPanel>
      </div>
      <div className={classes.main}>
        {query.error ? (
          <ProblemNote error={query.error} subject={entryLabel(table)} onRetry={() => retryFetch(query.refetch)} />
        ) : simulation === undefined || recommendation === undefined ? (
          <Panel title="Simulator" subtitle="reading manifests" flush>
            <SkeletonRows rows={6} columns={6} label="Simulating layouts" />
          </Panel>
        ) : simulation.rowCount === 0 ? (
          <Panel title="Simulator">
            <EmptyState>
              The table has no rows yet, so there is nothing to simulate. A layout can be chosen all the same: it
              applies to the first data that is written.
            </EmptyState>
          </Panel>
        ) : (
          <>
            <SimulatorPanel
              simulation={simulation}
              compared={compared}
              recommendation={recommendation}
              chosenKey={shown?.key ?? 'today'}
              edits={edits}
              onChoose={setChosen}
              onAdd={addCandidate}
              onRemove={removeCandidate}
              onSampleAgain={() => void query.refetch()}
              isSimulating={query.isFetching}
              onUse={(candidate) => change((known) => applyCandidate(metadata, known, candidate))}
            />
            <div className={classes.lower}>
              {shown && (
                <PartitionChart
                  layout={shown.simulated}
                  rowCount={simulation.rowCount}
                  warnings={verdict?.reasons ?? []}
                  doubts={layoutDoubts(shown.simulated, simulation)}
                />
              )}
              {simulation.sortedness.map((one) => (
                <SortednessPanel key={one.fieldId} sortedness={one} />
              ))}
            </div>
          </>
        )}
      </div>
    </div>
  )
}

/** The layouts to compare with today: the tray's first, then those that the user tries. */
function useCandidates({ metadata, intents, draft: { partitionFields } }: LayoutEdits) {
  const today = currentFields(metadata)
  const [tried, setTried] = useState<readonly LayoutCandidate[]>(() =>
    // Files of earlier specs would be in other partitions when they are written again.
    suggestCandidates(currentSchema(metadata), metadata.partitionSpecs.length > 1 ? null : today),
  )
  const known = new Set(sourceColumns(currentSchema(metadata)).map(({ sourceId }) => sourceId))
  const draft = partitionFields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
  // A column that the tray adds is not in any file yet.
  const isProposed = intents.some(isSpecIntent) && draft.every(({ sourceId }) => known.has(sourceId))
  const proposed =
    isProposed && candidateKey(draft) !== candidateKey(today)
      ? draft.map(({ sourceId, transform }) => ({ sourceId, transform }))
      : null
  const others = tried.filter((one) => proposed === null || candidateKey(one) !== candidateKey(proposed))
  return {
    proposed,
    candidates: [...(proposed ? [proposed] : []), ...others].slice(0, MAX_LAYOUT_CANDIDATES),
    addCandidate: (candidate: LayoutCandidate) =>
      setTried((now) =>
        [candidate, ...now.filter((one) => candidateKey(one) !== candidateKey(candidate))].slice(
          0,
          MAX_LAYOUT_CANDIDATES,
        ),
      ),
    removeCandidate: (candidate: LayoutCandidate) =>
      setTried((now) => now.filter((one) => candidateKey(one) !== candidateKey(candidate))),
  }
}

const MAX_SORT_COLUMNS = 3

/**
 * The first sort column of the tray or the table, otherwise the column that it is partitioned by, otherwise the first
 * column.
 */
function sortColumnsOf({ metadata, intents }: LayoutEdits): number[] {
  const columns = sourceColumns(currentSchema(metadata)).map(({ sourceId }) => sourceId)
  const requested = requestedSortFields(metadata, intents).map(({ sourceId }) => sourceId)
  const fallback = [...currentFields(metadata).map(({ sourceId }) => sourceId), ...columns].slice(0, 1)
  const chosen = requested.length > 0 ? requested : fallback
  return [...new Set(chosen)].filter((id) => columns.includes(id)).slice(0, MAX_SORT_COLUMNS)
}
