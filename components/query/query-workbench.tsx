'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { loadCode } from '@/components/ui/controls/load-code'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { catalogsQuery } from '@/lib/client/catalogs'
import { MAX_ROWS } from '@/lib/query/engine'
import type { QueryRequest } from '@/lib/query/engine'
import {
  type FinishedRun,
  type RunChoice,
  useEarlyEngineStart,
  useQueryCost,
  useQueryRun,
} from '@/lib/client/query/query-run'
import { MAX_DRAFT_CHARS } from '@/lib/client/query/query-draft'
import { type OpenedQuery, useOpenedQuery } from '@/lib/client/query/opened-query'
import { type HistoryEntry, newEntryId, useQueryHistory } from '@/lib/client/query/query-history'
import { useQueryParameters } from '@/lib/client/query/query-parameters'
import { usePermissions } from '@/lib/client/session/permissions'
import { sessionQuery } from '@/lib/client/session/session'
import { selectedSql } from '@/lib/query/selected-sql'
import { errorRange, type SqlRange } from '@/lib/query/sql-error'
import { retryFetch } from '@/lib/client/call/retry'
import { CostLine } from './cost-line'
import { HistoryPanel } from './history-panel'
import { QueryToolbar } from './query-toolbar'
import classes from './query-workbench.module.css'
import { ResultPane } from './result-pane'
import { EditorFrame } from './editor/editor-frame'
import { LazySqlEditor } from './editor/lazy-sql-editor'
import { useLinkedSql } from './editor/use-linked-sql'
import { useTableCompletion } from './editor/use-table-completion'
import { useLinkedParameters } from './parameters/use-linked-parameters'

/** Row limit unless the user switches it off. */
const DEFAULT_ROW_LIMIT = 10_000
/** Of a failure in the history; the page shows all of it. */
const MAX_REASON_CHARS = 500

const LazySavedQueries = dynamic(async () => (await loadCode(() => import('./saved/saved-queries'))).SavedQueries, {
  ssr: false,
  loading: () => <SkeletonRows rows={4} columns={1} label="Reading the saved queries" />,
})

/** The fields find out which of these are parameters. */
const MIGHT_HAVE_PARAMETERS = /\$[A-Za-z_\u0080-\uffff]/

const LazyParameterFields = dynamic(
  async () => (await loadCode(() => import('./parameters/parameter-fields'))).ParameterFields,
  { ssr: false },
)

const LazyStatementSwitch = dynamic(
  async () => (await loadCode(() => import('./statements/statement-switch'))).StatementSwitch,
  { ssr: false },
)

/**
 * SQL over the lake, run in this browser. The text is in the URL and stored for this browser tab. It is never run
 * automatically, because anyone can send a link.
 */
export function QueryWorkbench() {
  const [chosen, setChosen] = useState<string | null>(null)
  const [isLimited, setIsLimited] = useState(true)
  const [isHistoryOpen, setHistoryOpen] = useState(false)
  const [selection, setSelection] = useState<SqlRange | null>(null)
  const { data: catalogs, error: catalogsError, refetch } = useQuery(catalogsQuery())
  const { data: session } = useQuery(sessionQuery())
  const userId = session?.userId ?? null
  const history = useQueryHistory(userId)
  const [opened, setOpened] = useOpenedQuery(userId)
  const { sql, cursor, write } = useLinkedSql(userId, (text) => {
    history.keepUnrun(text)
    setOpened(null)
  })
  const [parameters, setParameters] = useQueryParameters(userId)
  useLinkedParameters(userId !== null, setParameters)
  const saveDialog = useLoadedDialog(loadSaveQuery)
  // The console's zone; the server does not know it, and runs no queries.
  const timeZone = useTimeZone()
  useEarlyEngineStart(usePermissions()?.includes('table:read') ?? false)

  const connections = useMemo(() => (catalogs ?? []).map(({ name }) => name), [catalogs])
  // Lakeshore's own catalog until the user chooses another, so that a new connection does not change anyone's query.
  const ownCatalog = catalogs?.find(({ kind }) => kind === 'embedded')?.name
  const isChosenListed = chosen !== null && connections.includes(chosen)
  const connection = (isChosenListed ? chosen : (ownCatalog ?? connections[0])) ?? ''
  const request: QueryRequest = {
    sql,
    cursor,
    connection,
    connections,
    maxRows: isLimited ? DEFAULT_ROW_LIMIT : MAX_ROWS,
    timeZone,
    parameters,
  }
  const { state, runs, run, show, cancel, dismiss } = useQueryRun()
  // A link to a query opens the page: the last result of another query does not belong to it.
  const dismissOtherResult = useEffectEvent(() => {
    const linkedSql = new URLSearchParams(window.location.search).get('sql')
    if (linkedSql !== null && runs.sql !== null && linkedSql !== runs.sql) dismiss()
  })
  useEffect(() => dismissOtherResult(), [])
  const isRunning = runs.states.some(({ status }) => status === 'running')
  const cost = useQueryCost({ ...request, sql: selectedSql(sql, selection) }, isRunning)
  const complete = useTableCompletion({ connections, connection, timeZone })

  const showQuery = (text: string, saved: OpenedQuery | null) => {
    if (text !== sql && opened?.sql !== sql) history.keepUnrun(sql)
    write(text, text.length)
    setSelection(null)
    setOpened(saved)
    setHistoryOpen(false)
  }
  const canRun = sql.trim() !== '' && connection !== ''
  const startRun = (options: Omit<RunChoice, 'onEnd'> = {}) => {
    const onEnd = (finished: FinishedRun) => history.remember(toHistoryEntry(finished))
    if (canRun) void run(request, { selection, ...options, onEnd })
  }
  const runAll = () => startRun({ isAll: true, selection: null })
  const problem = useMemo(
    () => (state.status === 'failed' && runs.sql === sql ? errorRange(state.error) : null),
    [state, runs, sql],
  )

  return (
    <div className={classes.workbench}>
      <h1 className="sr-only">Query</h1>
      <div className={classes.main}>
        <QueryToolbar
          sql={sql}
          canRun={canRun}
          isRunning={isRunning}
          isAsking={runs.states.some((each) => each.status === 'running' && each.costPrompt !== null)}
          onRun={() => startRun()}
          menu={{ onRunAll: runAll }}
          onCancel={cancel}
          connections={connections}
          connection={connection}
          onConnection={setChosen}
          rowLimit={DEFAULT_ROW_LIMIT}
          isLimited={isLimited}
          onLimitedChange={setIsLimited}
          onSave={saveDialog.open}
          isHistoryOpen={isHistoryOpen}
          onToggleHistory={() => setHistoryOpen(!isHistoryOpen)}
        />
        {catalogsError ? (
          <div className={classes.problem}>
            <ProblemNote error={catalogsError} subject="Connections" onRetry={() => retryFetch(refetch)} />
          </div>
        ) : null}
        <EditorFrame
          footer={<CostLine cost={cost} isSelection={selection !== null} isTooLong={sql.length > MAX_DRAFT_CHARS} />}
        >
          <LazySqlEditor
            value={sql}
            onChange={write}
            onSelect={setSelection}
            onRun={() => startRun()}
            onRunAll={runAll}
            complete={complete}
            problem={problem}
          />
        </EditorFrame>
        {MIGHT_HAVE_PARAMETERS.test(sql) && (
          <LazyParameterFields sql={sql} values={parameters} onChange={setParameters} />
        )}
        {runs.states.length > 1 && <LazyStatementSwitch runs={runs} onShow={show} />}
        <ResultPane state={state} onRetry={() => startRun({ isRetry: true, ...runs.scope })} />
      </div>
      <HistoryPanel
        entries={history.entries}
        saved={
          <LazySavedQueries
            openedId={opened?.queryId ?? null}
            isChanged={opened !== null && opened.sql !== sql}
            onOpen={(query) => showQuery(query.sql, query)}
            onRemoved={(queryId) => {
              if (queryId === opened?.queryId) setOpened(null)
            }}
          />
        }
        onPick={(text) => showQuery(text, null)}
        onClear={history.clear}
        isOpen={isHistoryOpen}
        onClose={() => setHistoryOpen(false)}
      />
      {saveDialog.Dialog && (
        <saveDialog.Dialog
          opened={saveDialog.isOpen}
          onClose={saveDialog.close}
          sql={sql}
          source={opened}
          onSaved={setOpened}
        />
      )}
    </div>
  )
}

async function loadSaveQuery() {
  return (await import('./saved/save-query')).SaveQuery
}

function toHistoryEntry(finished: FinishedRun): HistoryEntry {
  const ranAtMs = Date.now()
  const base = { id: newEntryId(ranAtMs), sql: finished.position?.text ?? finished.request.sql, ranAtMs }
  if (finished.status === 'done') {
    const { rowCount, isCut, timing } = finished.result
    return { ...base, elapsedMs: timing.totalMs, outcome: { kind: 'done', rowCount, isCut } }
  }
  const { error, elapsedMs } = finished
  const outcome =
    error.code === 'cancelled'
      ? ({ kind: 'cancelled' } as const)
      : ({ kind: 'failed', reason: error.message.slice(0, MAX_REASON_CHARS) } as const)
  return { ...base, elapsedMs, outcome }
}
