'use client'
import { IconAlertTriangle, IconCheck, IconHelp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { Intent } from '@/lib/changes/intents/intent'
import { tableClientsQuery } from '@/lib/client/table/clients'
import type { TableClients } from '@/lib/contract/table/clients'
import type { Support } from '@/lib/iceberg/properties/codec-readers'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { judgeClients, summarizeClients } from '@/lib/uses/judged-clients'
import { clientLabel, clientLimits, describeAccess } from '@/lib/uses/client-texts'
import classes from './reader-list.module.css'

type ClientSupportNoteProps = { table: TableIdentifier; intents: readonly Intent[] }

/** The clients of a table in the last 30 days, each with what it can do after changes that some clients do not support. */
export function ClientSupportNote({ table, intents }: ClientSupportNoteProps) {
  const { data, error } = useQuery(tableClientsQuery(table))
  return (
    <section aria-label="Clients of the table" className={classes.note}>
      {error ? (
        <p className="bare dense">
          The list of clients could not be read, so it is not known which use the table: {error.message}
        </p>
      ) : data === undefined ? (
        <p className="bare secondary dense">Reading which clients use the table…</p>
      ) : (
        <SupportList clients={data} intents={intents} />
      )}
    </section>
  )
}

function SupportList({ clients, intents }: { clients: TableClients; intents: readonly Intent[] }) {
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const judged = judgeClients(clients, intents, nowMs)
  return (
    <>
      <p className="bare dense">
        <strong>{summarizeClients(clients, judged)}</strong> {clientLimits(clients)}
      </p>
      {judged.length > 0 && (
        <ul className={classes.list} {...{ 'aria-label': 'What clients can do after the change', tabIndex: 0 }}>
          {judged.map(({ client, state, text }, i) => (
            <li key={`${clientLabel(client)} ${i}`} data-state={state}>
              <StateIcon state={state} />
              <span>
                <strong>
                  <VisibleText>{clientLabel(client)}</VisibleText>
                </strong>{' '}
                · {describeAccess(client, nowMs, timeZone)} · {text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function StateIcon({ state }: { state: Support }) {
  const Icon = state === 'cannot' ? IconAlertTriangle : state === 'can' ? IconCheck : IconHelp
  return <Icon size={15} stroke={1.6} aria-hidden />
}
