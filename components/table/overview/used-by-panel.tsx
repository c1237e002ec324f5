'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { UseList } from '@/components/table/uses/use-list'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { tableClientsQuery } from '@/lib/client/table/clients'
import { usesQuery } from '@/lib/client/table/uses'
import type { TableUses } from '@/lib/contract/table/uses'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { clientLabel, clientLimits, describeAccess } from '@/lib/uses/client-texts'
import { countUses, limitsOfUses } from '@/lib/uses/use-texts'
import { usesColumn } from '@/lib/uses/uses-column'
import lists from '@/components/table/uses/use-list.module.css'
import classes from './used-by-panel.module.css'

/**
 * The views, checks, saved queries, schedules and proposals that use the table or a column of it now, and the clients of
 * the table of late.
 */
export function UsedByPanel() {
  const { table, detail } = useShownTable()
  const query = useQuery(usesQuery(table))
  const [column, setColumn] = useState<string | null>(null)
  const { data } = query
  const uses = data?.uses.filter((use) => column === null || usesColumn(use, [column])) ?? []
  const limits = data ? describeLimits({ ...data, uses }, column) : ''
  const columns = detail.schema.fields.map(({ name }) => name)
  return (
    <Panel
      title="Used by"
      {...(uses.length > 0 && { subtitle: countUses(uses) })}
      {...(columns.length > 0 && {
        actions: (
          <LazySelect
            aria-label="Column"
            placeholder="Any column"
            size="xs"
            w={160}
            clearable
            clearButtonProps={{ 'aria-label': 'Any column' }}
            data={columns}
            value={column}
            onChange={setColumn}
          />
        ),
      })}
    >
      {!detail.shown.isCurrent && (
        <p className={classes.limits}>This is about the table now, not about the state that the page shows.</p>
      )}
      <Unloaded query={query} subject={entryLabel(table)} skeleton={[3, 2, 'Looking for what uses the table']} />
      {uses.length > 0 && <UseList uses={uses} label="What uses the table" catalog={table.catalog} />}
      {limits !== '' && <p className={classes.limits}>{limits}</p>}
      <TableClientList table={table} column={column} />
    </Panel>
  )
}

function describeLimits({ uses, ...known }: TableUses, column: string | null): string {
  const nothing = `Nothing that you may read uses ${column ?? 'this table'}: no view, check, saved query, schedule or proposal.`
  return [...(uses.length === 0 ? [nothing] : []), ...limitsOfUses(known)].join(' ')
}

/** Engines and other clients, each with the last days on which it wrote and read the table. */
function TableClientList({ table, column }: { table: TableIdentifier; column: string | null }) {
  const query = useQuery(tableClientsQuery(table))
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const { data } = query
  return (
    <div className={classes.clients}>
      <Unloaded query={query} subject={entryLabel(table)} skeleton={[2, 2, 'Reading which clients use the table']} />
      {data && (
        <>
          {data.clients.length > 0 && (
            <ul className={lists.list} {...{ 'aria-label': 'Clients that use the table', tabIndex: 0 }}>
              {data.clients.map((client, i) => (
                <li key={`${clientLabel(client)} ${i}`}>
                  <span className={lists.name}>
                    <VisibleText>{clientLabel(client)}</VisibleText>
                  </span>
                  <span className="quiet">{describeAccess(client, nowMs, timeZone)}</span>
                </li>
              ))}
            </ul>
          )}
          <p className={classes.limits}>
            {data.clients.length === 0 && data.recordedSince !== null && 'No client is recorded. '}
            {column !== null && 'Which columns clients use is not known. '}
            {clientLimits(data)}
          </p>
        </>
      )}
    </div>
  )
}
