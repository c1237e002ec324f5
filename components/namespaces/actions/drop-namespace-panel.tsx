'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { VisibleText } from '@/components/ui/values/visible-text'
import { MAX_DROPPED_WITH_NAMESPACE } from '@/lib/contract/lifecycle/namespaces'
import { retryFetch } from '@/lib/client/call/retry'
import { useDropNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import classes from './namespace-panel.module.css'

type DropNamespacePanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Drops a namespace with the tables in it, which it lists; of another one it says what is in it. */
export function DropNamespacePanel({ catalog, namespace, onClose }: DropNamespacePanelProps) {
  const leadAway = useLeadAway()
  const parent = namespace.length > 1 ? paths.namespace(catalog, namespace.slice(0, -1)) : paths.catalog(catalog)
  const drop = useDropNamespace(catalog, namespace, () => leadAway(parent))
  const tables = useQuery({ ...tablesQuery(catalog, namespace), enabled: !drop.isSuccess })
  const views = useQuery({ ...viewsQuery(catalog, namespace), enabled: !drop.isSuccess })
  const children = useQuery({ ...namespacesQuery(catalog, namespace), enabled: !drop.isSuccess })
  const name = namespaceLabel(namespace)
  const error = tables.error ?? views.error ?? children.error
  const isKnown = tables.isSuccess && views.isSuccess && children.isSuccess
  const contents = [
    { count: tables.data?.totalCount ?? 0, noun: 'table' },
    { count: views.data?.totalCount ?? 0, noun: 'view' },
    { count: children.data?.namespaces.length ?? 0, noun: 'namespace' },
  ].filter(({ count }) => count > 0)
  const going = tables.data?.tables ?? []
  const isOnlyTables =
    (views.data?.totalCount ?? 0) + (children.data?.namespaces.length ?? 0) === 0 &&
    going.length === tables.data?.totalCount &&
    going.length <= MAX_DROPPED_WITH_NAMESPACE
  return (
    <SidePanel
      title="Drop namespace"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        isKnown &&
        (isOnlyTables ? (
          <DangerConfirm
            name={name}
            action={going.length === 0 ? 'Drop' : `Drop with ${formatQuantity(going.length, 'table')}`}
            isPending={drop.isPending}
            onCancel={onClose}
            onConfirm={() => drop.mutate({ confirmedName: name, tables: [...going] })}
          />
        ) : (
          <div className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
          </div>
        ))
      }
    >
      <div className={classes.body}>
        {drop.error && (
          <ProblemNote error={drop.error} subject={`Namespace ${name}`} unchanged="The namespace was not dropped." />
        )}
        {error && (
          <ProblemNote
            error={error}
            subject={`Namespace ${name}`}
            onRetry={() => retryFetch(tables.refetch, views.refetch, children.refetch)}
          />
        )}
        {!isKnown && error === null && <SkeletonRows rows={3} columns={2} label="Reading what is in the namespace" />}
        {isKnown && (
          <p className={classes.secondary}>
            {contents.length === 0
              ? 'The namespace contains nothing. Its properties go with it.'
              : isOnlyTables
                ? 'These tables go with the namespace, and its properties. Their files stay. In the built-in catalog, each can be restored when there is a namespace of this name again.'
                : `The namespace contains ${contents.map(({ count, noun }) => formatQuantity(count, noun)).join(', ')}. Only a namespace of at most ${MAX_DROPPED_WITH_NAMESPACE} tables and nothing else can be dropped: drop or move these first.`}
          </p>
        )}
        {isKnown && isOnlyTables && going.length > 0 && (
          <ul className={classes.going} aria-label="Tables that go">
            {going.map((table) => (
              <li key={table}>
                <code>
                  <VisibleText>{table}</VisibleText>
                </code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </SidePanel>
  )
}
