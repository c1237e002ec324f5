'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { Page } from '@/components/shell/page'
import { ExactTime } from '@/components/ui/values/exact-time'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { connectionQuery, useRemoveConnection } from '@/lib/client/connections'
import { useHasPermission } from '@/lib/client/session/permissions'
import { paths } from '@/lib/paths/paths'
import { ConnectionForm } from './connection-form'
import classes from './connections.module.css'
import { toDraft } from './draft'
import { RefusedConnections } from './refused-connections'

/** One connection, to change, test or remove. */
export function ConnectionPage({ connectionId }: { connectionId: string }) {
  const isAdmin = useHasPermission('console:admin')
  const query = useQuery({ ...connectionQuery(connectionId), enabled: isAdmin !== false })
  const connection = query.data
  if (isAdmin === false) return <RefusedConnections />
  return (
    <Page
      title={connection?.name ?? 'Connection'}
      subtitle={
        connection && (
          <>
            changed <ExactTime atMs={connection.changedAtMs} /> by {connection.changedBy}
          </>
        )
      }
    >
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject="The connection"
          next="It may have been removed. Look for it under Connections."
          skeleton={[8, 2, 'Reading the connection']}
        />
      ) : (
        <>
          <div className={classes.edit}>
            <ConnectionForm key={query.data.version} initialDraft={toDraft(query.data)} stored={query.data} />
          </div>
          <RemovePanel connectionId={connectionId} name={query.data.name} />
        </>
      )}
    </Page>
  )
}

function RemovePanel({ connectionId, name }: { connectionId: string; name: string }) {
  const router = useRouter()
  const [isConfirming, setIsConfirming] = useState(false)
  const remove = useRemoveConnection(connectionId)
  return (
    <Panel title="Remove">
      <div className={classes.remove}>
        <p>
          Removes the connection, its secrets and the users’ own credentials for it from Lakeshore. The catalog and its
          tables are not changed.
        </p>
        {remove.error && (
          <ProblemNote error={remove.error} subject={name} unchanged="The connection was not removed." />
        )}
        {isConfirming ? (
          <DangerConfirm
            name={name}
            action="Remove connection"
            isPending={remove.isPending || remove.isSuccess}
            onCancel={() => setIsConfirming(false)}
            onConfirm={() => remove.mutate(name, { onSuccess: () => router.push(paths.connections()) })}
          />
        ) : (
          <Button variant="default" onClick={() => setIsConfirming(true)}>
            Remove connection
          </Button>
        )}
      </div>
    </Panel>
  )
}
