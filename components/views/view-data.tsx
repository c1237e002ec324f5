'use client'
import { Button } from '@mantine/core'
import { IconRefresh, IconTerminal2, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react'
import { ResultPane } from '@/components/query/result-pane'
import { Unloaded } from '@/components/shell/unloaded'
import { Toolbar } from '@/components/ui/toolbar'
import { catalogsQuery } from '@/lib/client/catalogs'
import { createQueryRunner, IDLE, loadEngine, NO_RUNS, type RunChoice } from '@/lib/client/query/query-run'
import { queryServerQuery } from '@/lib/client/query/query-server'
import { formatCount } from '@/lib/format/count'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { QueryRequest } from '@/lib/query/engine'
import { selectFromTable } from '@/lib/query/tables/select-from-table'

/** The limit of {@link selectFromTable}. */
const MAX_ROWS = 100

/**
 * The first rows of the current version of a view, which the engine of the browser computes. As in Query, it asks before
 * it loads much, and the run can be cancelled.
 */
export function ViewData({ view }: { view: ViewIdentifier }) {
  const catalogs = useQuery(catalogsQuery())
  if (catalogs.data === undefined)
    return (
      <Unloaded
        query={catalogs}
        subject="Connections"
        className="page-note"
        skeleton={[8, 4, 'Reading the connections']}
      />
    )
  return <FirstRows view={view} connections={catalogs.data.map(({ name }) => name)} />
}

function FirstRows({ view, connections }: { view: ViewIdentifier; connections: readonly string[] }) {
  const { data: queryServer } = useQuery(queryServerQuery())
  const [runner] = useState(() => createQueryRunner(loadEngine, { preventsUnload: false }))
  const runs = useSyncExternalStore(runner.subscribe, runner.runs, () => NO_RUNS)
  const state = runs.states[runs.shown] ?? IDLE
  const identifier = asTableIdentifier(view)
  const sql = selectFromTable(identifier, { isCurrent: true, snapshotId: null, ref: null })
  const run = (choice: Omit<RunChoice, 'onEnd'>) => {
    const request: QueryRequest = {
      sql,
      cursor: 0,
      connection: view.catalog,
      connections,
      maxRows: MAX_ROWS,
      knownViews: [identifier],
    }
    void runner.run(request, { ...choice, onEnd: () => undefined })
  }
  const runFirst = useEffectEvent(() => run({}))
  useEffect(() => {
    runFirst()
    return () => runner.cancel()
  }, [runner])
  const isRunning = state.status === 'running'
  return (
    <>
      <Toolbar
        end={
          <>
            {isRunning && state.costPrompt === null ? (
              <Button
                variant="default"
                leftSection={<IconX size={14} stroke={1.6} aria-hidden />}
                onClick={runner.cancel}
              >
                Cancel
              </Button>
            ) : (
              <Button
                variant="default"
                leftSection={<IconRefresh size={14} stroke={1.6} aria-hidden />}
                disabled={isRunning}
                onClick={() => run({ engine: runs.engine, skipsCache: true })}
              >
                Read again
              </Button>
            )}
            <Button
              component={Link}
              href={paths.query(sql)}
              prefetch={false}
              variant="default"
              leftSection={<IconTerminal2 size={14} stroke={1.6} aria-hidden />}
            >
              Open in Query
            </Button>
          </>
        }
      >
        <p className="bare secondary">
          At most {formatCount(MAX_ROWS)} rows of the current version, in no particular order
        </p>
      </Toolbar>
      {state.status === 'idle' ? (
        <section aria-label="Result" aria-busy className="fill" />
      ) : (
        <ResultPane
          state={state}
          engine={runs.engine}
          onRetry={() => run({ engine: runs.engine, isRetry: true })}
          onRunOnServer={
            queryServer?.limits != null && runs.engine === 'browser' ? () => run({ engine: 'server' }) : null
          }
          onRunAgain={() => run({ engine: runs.engine, skipsCache: true })}
        />
      )}
    </>
  )
}
