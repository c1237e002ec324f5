'use client'
import { useState } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { RepeatStart } from '@/lib/client/jobs/saved-results'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest, QueryResult } from '@/lib/query/engine'
import { type RepeatChoice, toCron } from './repeat-choices'

/** How a table of the statement is read by each run; null: all rows. */
export type TableChoice = Omit<IncrementalTable, 'table'> | null

export type RepeatForm = ReturnType<typeof useRepeat>

/** When the result is saved again, and what each run reads. */
export function useRepeat(
  { asOf = {} }: Pick<QueryRequest, 'asOf'>,
  { tablesRead }: Pick<QueryResult, 'tablesRead'>,
  target: TableIdentifier,
) {
  const zone = useTimeZone()
  const [choice, setChoice] = useState<RepeatChoice>('once')
  const [name, setName] = useState('')
  const [ownCron, setOwnCron] = useState('30 3 * * *')
  const [timeZone, setTimeZone] = useState(zone)
  const [runsNow, setRunsNow] = useState(true)
  const [choices, setChoices] = useState<ReadonlyMap<string, TableChoice>>(new Map())
  const tables = Object.keys(asOf).length > 0 ? [] : currentTables(tablesRead)
  const cron = toCron(choice, ownCron)
  const incremental = tables.flatMap((table): IncrementalTable[] => {
    const chosen = choices.get(JSON.stringify(table)) ?? null
    return chosen === null ? [] : [{ table, ...chosen }]
  })
  const watchedTables = tables.filter((table) => !isSameTable(table, target))
  return {
    choice,
    name,
    ownCron,
    timeZone,
    runsNow,
    cron,
    tables,
    incremental,
    choiceOf: (table: TableIdentifier): TableChoice => choices.get(JSON.stringify(table)) ?? null,
    setChoice,
    setName,
    setOwnCron,
    setTimeZone,
    setRunsNow,
    setTableChoice: (table: TableIdentifier, chosen: TableChoice) =>
      setChoices(new Map(choices).set(JSON.stringify(table), chosen)),
    /** Null when it is saved once. */
    start: choice === 'once' ? null : toStart(choice, { cron, timeZone: timeZone.trim(), watchedTables }),
    isComplete: choice === 'once' || (name.trim() !== '' && (choice !== 'own' || cron !== null)),
    problem:
      choice === 'tables' && watchedTables.length === 0
        ? 'The statement reads no other table whose changes could start a run.'
        : null,
  }
}

/** The tables that the statement reads as they are now, each once. */
function currentTables(tablesRead: QueryResult['tablesRead']): TableIdentifier[] {
  const tables: TableIdentifier[] = []
  for (const { identifier, asOf, metadataTable } of tablesRead)
    if (
      Object.keys(asOf).length === 0 &&
      metadataTable === undefined &&
      !tables.some((table) => isSameTable(table, identifier))
    )
      tables.push(identifier)
  return tables
}

type Times = { cron: string | null; timeZone: string; watchedTables: readonly TableIdentifier[] }

function toStart(choice: RepeatChoice, { cron, timeZone, watchedTables }: Times): RepeatStart {
  if (choice === 'tables') return { startsBy: 'tables', watchedTables: [...watchedTables] }
  return cron === null ? { startsBy: 'hand' } : { startsBy: 'times', cron, timeZone }
}
