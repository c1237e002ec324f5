'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useFileDrop } from '@/components/table/dropped-files/use-file-drop'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { loadCode } from '@/lib/load-code'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { catalogsQuery } from '@/lib/client/catalogs'
import { MAX_ROWS } from '@/lib/query/engine'
import { DEFAULT_DISPLAY } from '@/lib/query/result-display'
import type { QueryRequest } from '@/lib/query/engine'
import { type FinishedRun, type RunChoice, useEarlyEngineStart, useQueryCost } from '@/lib/client/query/query-run'
import type { EngineName } from '@/lib/client/query/engine-names'
import { queryServerQuery } from '@/lib/client/query/query-server'
import { runInTab, useTabRun } from '@/lib/client/query/tab-runs'
import { type HistoryEntry, newEntryId, useQueryHistory } from '@/lib/client/query/query-history'
import { usePreviewSetting } from '@/lib/client/query/preview-setting'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import { isTabChanged, tabLabel } from '@/lib/client/query/query-tabs'
import { usePermissions } from '@/lib/client/session/permissions'
import { useUserId } from '@/lib/client/session/initial-session'
import { insertName } from '@/lib/query/editing/insert-name'
import { selectedSql } from '@/lib/query/statement/selected-sql'
import { errorRange } from '@/lib/query/statement/sql-error'
import { selectFromDroppedFile } from '@/lib/query/tables/select-from-file'
import type { AsOf } from '@/lib/iceberg/as-of'
import { retryFetch } from '@/lib/client/call/retry'
import { CostLine } from './cost-line'
import { QueryToolbar } from './query-toolbar'
import { usePortableSql } from './use-portable-sql'
import classes from './query-workbench.module.css'
import { ResultPane } from './result-pane'
import type { SaveResultProps } from './save-result/save-result-panel'
import { EditorFrame } from './editor/editor-frame'
import { LazySqlEditor } from './editor/lazy-sql-editor'
import { useSelections } from './editor/use-selections'
import { useTableCompletion } from './editor/use-table-completion'
import { EngineChoice } from './engine/engine-choice'
import { QueryAsOf } from './as-of/query-as-of'
import { ShareQuery } from './saved/share-query'
import { useLinkedQuery } from './saved/use-linked-query'
import { useQueryLink } from './saved/use-query-link'
import { SidebarFrame } from './sidebar/sidebar-frame'
import { SidebarToggle } from './sidebar/sidebar-toggle'
import { useSidebar } from './sidebar/use-sidebar'
import { TAB_PANEL_ID, TabStrip } from './tabs/tab-strip'
import { useQueryTabs } from './tabs/use-query-tabs'

/** Row limit unless the user switches it off. */
const DEFAULT_ROW_LIMIT = 10_000
/** The tables as they are now. */
const NOW: AsOf = {}
/** Rows of a table that is previewed from the sidebar. */
const PREVIEW_ROWS = 100
/** Length of a failure in the history; the page shows all of it. */
const MAX_REASON_CHARS = 500

const LazySavedQueries = lazyComponent(async () => (await import('./saved/saved-queries')).SavedQueries, {
  loading: () => <SkeletonRows rows={4} columns={1} label="Reading the saved queries" />,
})

const LazyLinkAddressProblems = lazyComponent(
  async () => (await import('./saved/link-address-problems')).LinkAddressProblems,
)

/** As wide as the panel: the editor stays where it is when its code follows. */
const LazyHistoryPanel = lazyComponent(async () => (await import('./history-panel')).HistoryPanel, {
  loading: () => <div className={classes.historyToCome} />,
  isServerRendered: true,
})

/** The fields find out which of these are parameters. */
const MIGHT_HAVE_PARAMETERS = /\$[A-Za-z_\u0080-\uffff]/

const LazyParameterFields = lazyComponent(async () => (await import('./parameters/parameter-fields')).ParameterFields)

const LazySaveResultPanel = lazyComponent(async () => (await import('./save-result/save-result-panel')).SaveResultPanel)

/** The result of a tab that is being saved as a table. */
type Saving = { tabId: string } & Pick<SaveResultProps, 'request' | 'result'>

const LazyStatementSwitch = lazyComponent(async () => (await import('./statements/statement-switch')).StatementSwitch)

const LazyQueryPreview = lazyComponent(async () => (await import('./preview/query-preview')).QueryPreview)

const LazyDroppedFiles = lazyComponent(
  async () => (await import('@/components/table/dropped-files/dropped-files')).DroppedFiles,
  { loading: () => <SkeletonRows rows={2} columns={1} label="Loading the files" /> },
)

/**
 * SQL over the lake, run in this browser, in tabs that are stored for this browser tab. The text of the active one is in
 * the URL. It is never run automatically, because anyone can send a link.
 */
export function QueryWorkbench({ isSidebarInitiallyHidden = false }: { isSidebarInitiallyHidden?: boolean }) {
  const [isLimited, setIsLimited] = useState(true)
  const [isHistoryOpen, setHistoryOpen] = useState(false)
  const { data: catalogs, error: catalogsError, refetch } = useQuery(catalogsQuery())
  const userId = useUserId()
  const history = useQueryHistory(userId)
  const [isPreviewOn, setPreviewOn] = usePreviewSetting(userId)
  const link = useQueryLink()
  const tabs = useQueryTabs(userId, link, (closed) => history.keepUnrun(closed.sql))
  const { active } = tabs
  const { sql, cursor, opened } = active
  const selections = useSelections((tabId) => tabs.read(tabId)?.sql)
  const selection = selections.find(active.id, sql)
  const changeActive = (change: Parameters<typeof tabs.change>[1]) => tabs.change(active.id, change)
  const sidebar = useSidebar(isSidebarInitiallyHidden)
  const saveDialog = useLoadedDialog(loadSaveQuery)
  const permissions = usePermissions()
  const canWrite = permissions?.includes('table:write') === true
  const [saving, setSaving] = useState<Saving | null>(null)
  useEarlyEngineStart(permissions?.includes('table:read') ?? false)

  const connections = useMemo(() => (catalogs ?? []).map(({ name }) => name), [catalogs])
  // Lakeshore's own catalog until the user chooses another, so that a new connection does not change anyone's query.
  const ownCatalog = catalogs?.find(({ kind }) => kind === 'embedded')?.name
  const usualConnection = ownCatalog ?? connections[0] ?? ''
  // Also one that the user may not see: another catalog may have tables of the same names.
  const connection = catalogs === undefined ? '' : (active.connection ?? usualConnection)
  // A link has no chosen connection, so its names have it.
  const chosen = connection === usualConnection ? null : { connections, connection }
  const toPortableSql = usePortableSql(sql, chosen)
  const request: QueryRequest = {
    sql,
    cursor,
    connection,
    connections,
    maxRows: isLimited ? DEFAULT_ROW_LIMIT : MAX_ROWS,
    ...(active.asOf !== null && { asOf: active.asOf }),
    parameters: active.parameters,
  }
  const { state, runs, run, show, cancel } = useTabRun(active.id, userId)
  const isRunning = runs.states.some(({ status }) => status === 'running')
  const { data: queryServer } = useQuery(queryServerQuery())
  const hasServer = queryServer?.limits != null
  /** A tab stored for the server runs in the browser if the server runs no queries. */
  const engine = hasServer ? active.engine : 'browser'
  const cost = useQueryCost({ ...request, sql: selectedSql(sql, selection) }, engine, isRunning)
  const scope = { connections, connection, asOf: active.asOf ?? NOW }
  const complete = useTableCompletion(scope)

  const showQuery = (contents: Parameters<typeof tabs.show>[0]) => {
    setHistoryOpen(false)
    return tabs.show({ ...contents, isUntouched: true })
  }
  const showSaved = (query: OpenedQuery) =>
    showQuery({
      sql: query.sql,
      opened: query,
      connection: query.connection,
      parameters: query.parameters,
      display: query.display ?? DEFAULT_DISPLAY,
    })
  const savedLink = useLinkedQuery(userId, link, tabs, (query, values) => tabs.change(showSaved(query), values))
  const remember = (finished: FinishedRun, ranOn: EngineName) => history.remember(toHistoryEntry(finished, ranOn))
  const openFile = (name: string) => showQuery({ sql: selectFromDroppedFile(name) })
  const fileDrop = useFileDrop(openFile)
  const canRun = sql.trim() !== '' && connection !== ''
  const startRun = (options: Omit<RunChoice, 'onEnd'> = {}) => {
    if (!canRun) return
    // The last keystroke may not be drawn yet.
    const { sql: newestSql, cursor: newestCursor } = tabs.read(active.id) ?? active
    const newest = { ...request, sql: newestSql, cursor: newestCursor }
    void run(newest, { engine, selection: selections.find(active.id, newestSql), ...options, onEnd: remember })
  }
  const preview = (name: string) => {
    const text = `select *\nfrom ${name}\nlimit ${PREVIEW_ROWS}`
    const tabId = tabs.show({ sql: text, connection: active.connection, asOf: active.asOf, isUntouched: true })
    void runInTab(tabId, userId, { ...request, sql: text, cursor: 0 }, { onEnd: remember })
  }
  const format = async (tabId: string) => {
    const { formatSql, formattedPosition } = await loadCode(() => import('@/lib/query/editing/format-sql'))
    const tab = tabs.read(tabId)
    if (tab === undefined) return
    const formatted = formatSql(tab.sql)
    tabs.change(tabId, { sql: formatted, cursor: formattedPosition(tab.sql, tab.cursor, formatted) })
  }
  /** A range of an earlier text would cut a piece out of this one. */
  const lastScope = runs.sql === sql ? runs.scope : {}
  const runAll = () => startRun({ isAll: true, selection: null })
  const explain = async (options: { isAnalyze: boolean }) => {
    const { explainStatement } = await loadCode(() => import('@/lib/query/statement/explain-statement'))
    void run({ ...request, ...explainStatement(sql, cursor, options) }, { engine, onEnd: remember })
  }
  /** The text that was run, even if the editor has changed. */
  const runAgain = () => {
    if (state.status === 'done')
      void run(state.request, { ...runs.scope, engine: runs.engine, skipsCache: true, onEnd: remember })
  }
  const problem = useMemo(
    () => (state.status === 'failed' && runs.sql === sql ? errorRange(state.error) : null),
    [state, runs, sql],
  )

  return (
    <div className="columns fill" {...fileDrop}>
      <h1 className="sr-only">Query</h1>
      <SidebarFrame
        {...sidebar}
        connections={connections}
        connection={connection}
        onInsert={(name) => changeActive(insertName(sql, cursor, name))}
        onPreview={preview}
      />
      <div className="stack fill">
        <TabStrip model={tabs} start={<SidebarToggle {...sidebar} />} />
        <div role="tabpanel" id={TAB_PANEL_ID} aria-label={tabLabel(active)} className="stack fill">
          <QueryToolbar
            sql={sql}
            canRun={canRun}
            isRunning={isRunning}
            isAsking={runs.states.some((each) => each.status === 'running' && each.costPrompt !== null)}
            onRun={() => startRun()}
            menu={{
              onRunAll: runAll,
              onExplain: (options) => void explain(options),
              onFormat: () => void format(active.id),
              isPreviewOn,
              onPreviewChange: setPreviewOn,
              text: request,
            }}
            onCancel={cancel}
            connections={connections}
            connection={connection}
            onConnection={(name) => changeActive({ connection: name })}
            engine={
              <EngineChoice
                engine={engine}
                server={queryServer?.limits ?? null}
                cost={cost}
                onChange={(chosen) => changeActive({ engine: chosen })}
              />
            }
            asOf={<QueryAsOf asOf={active.asOf} onChange={(asOf) => changeActive({ asOf })} />}
            rowLimit={DEFAULT_ROW_LIMIT}
            isLimited={isLimited}
            onLimitedChange={setIsLimited}
            share={
              <ShareQuery
                query={{
                  sql,
                  toPortableSql,
                  opened,
                  parameters: active.parameters,
                  display: active.display,
                  asOf: active.asOf,
                }}
              />
            }
            onSave={saveDialog.open}
            isHistoryOpen={isHistoryOpen}
            onToggleHistory={() => setHistoryOpen(!isHistoryOpen)}
          />
          {catalogsError ? (
            <div className={classes.problem}>
              <ProblemNote error={catalogsError} subject="Connections" onRetry={() => retryFetch(refetch)} />
            </div>
          ) : null}
          {savedLink.error && (
            <div className={classes.problem}>
              <ProblemNote error={savedLink.error} subject="The saved query" onRetry={savedLink.retry} />
            </div>
          )}
          {(link.values !== null || link.hasDamagedText) && (
            <LazyLinkAddressProblems hasDamagedText={link.hasDamagedText} />
          )}
          <EditorFrame
            footer={
              <CostLine cost={cost} isSelection={selection !== null} isTooLong={tabs.unstoredIds.has(active.id)} />
            }
          >
            <LazySqlEditor
              documentId={active.id}
              value={sql}
              cursor={cursor}
              onChange={(text, position) => changeActive({ sql: text, cursor: position })}
              onSelect={(range) => selections.select(active.id, range)}
              onRun={() => startRun()}
              onRunAll={runAll}
              complete={complete}
              problem={problem}
            />
          </EditorFrame>
          {MIGHT_HAVE_PARAMETERS.test(sql) && (
            <LazyParameterFields
              sql={sql}
              scope={scope}
              values={active.parameters}
              onChange={(parameters) => changeActive({ parameters: [...parameters] })}
            />
          )}
          {isPreviewOn && (
            <LazyQueryPreview key={`preview ${active.id}`} request={request} onTurnOff={() => setPreviewOn(false)} />
          )}
          {runs.states.length > 1 && <LazyStatementSwitch runs={runs} onShow={show} />}
          <ResultPane
            key={`result ${active.id}`}
            state={state}
            asOf={active.asOf}
            tab={userId === null ? null : { userId, id: active.id }}
            engine={runs.engine}
            showing={{ display: active.display, onDisplay: (display) => changeActive({ display }) }}
            onRetry={() => startRun({ isRetry: true, ...lastScope })}
            onRunOnServer={
              hasServer && runs.engine === 'browser'
                ? () => {
                    changeActive({ engine: 'server' })
                    startRun({ ...lastScope, engine: 'server' })
                  }
                : null
            }
            onRunAgain={runAgain}
            onSave={
              hasServer && canWrite
                ? (saved, { columns, tablesRead }) =>
                    setSaving({ tabId: active.id, request: saved, result: { columns, tablesRead } })
                : undefined
            }
          />
        </div>
      </div>
      {saving?.tabId === active.id ? (
        <LazySaveResultPanel
          request={saving.request}
          result={saving.result}
          connections={connections}
          onClose={() => setSaving(null)}
        />
      ) : (
        <LazyHistoryPanel
          entries={history.entries}
          saved={
            <>
              <LazyDroppedFiles onOpen={openFile} />
              <LazySavedQueries
                openedId={opened?.queryId ?? null}
                isChanged={isTabChanged(active)}
                onOpen={showSaved}
                onOpenVersion={(query, { display, ...contents }) => {
                  setHistoryOpen(false)
                  // A tab of its own, because the query may be open with changes.
                  tabs.add({ ...contents, opened: query, display: display ?? DEFAULT_DISPLAY })
                }}
                onRemoved={(queryId) => {
                  for (const tab of tabs.tabs)
                    if (tab.opened?.queryId === queryId) tabs.change(tab.id, { opened: null })
                }}
              />
            </>
          }
          onPick={(text) => showQuery({ sql: text })}
          onClear={history.clear}
          isOpen={isHistoryOpen}
          onClose={() => setHistoryOpen(false)}
        />
      )}
      {saveDialog.Dialog && (
        <saveDialog.Dialog
          opened={saveDialog.isOpen}
          onClose={saveDialog.close}
          sql={sql}
          connections={connections}
          connection={connection}
          parameters={active.parameters}
          display={active.display}
          asOf={active.asOf}
          source={opened}
          onSaved={(query) => changeActive({ opened: query, connection: query.connection, name: null })}
        />
      )}
    </div>
  )
}

async function loadSaveQuery() {
  return (await import('./saved/save-query')).SaveQuery
}

function toHistoryEntry(finished: FinishedRun, engine: EngineName): HistoryEntry {
  const ranAtMs = Date.now()
  const base = { id: newEntryId(ranAtMs), sql: finished.position?.text ?? finished.request.sql, ranAtMs }
  if (finished.status === 'done') {
    const { rowCount, isTruncated, timing } = finished.result
    return { ...base, engine, elapsedMs: timing.totalMs, outcome: { kind: 'done', rowCount, isTruncated } }
  }
  const { error, elapsedMs, unconfirmed } = finished
  if (unconfirmed) return { ...base, elapsedMs: 0, outcome: { kind: 'unconfirmed', readBytes: unconfirmed.readBytes } }
  const outcome =
    error.code === 'cancelled'
      ? ({ kind: 'cancelled' } as const)
      : ({ kind: 'failed', reason: error.message.slice(0, MAX_REASON_CHARS) } as const)
  return { ...base, engine, elapsedMs, outcome }
}
