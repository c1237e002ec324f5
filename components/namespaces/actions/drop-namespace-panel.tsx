'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
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

/** Drops a namespace with the tables and views in it, which it lists; of another one it says what is in it. */
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
  const going = { tables: tables.data?.tables ?? [], views: views.data?.views ?? [] }
  const isDroppable =
    children.data?.namespaces.length === 0 &&
    Math.max(tables.data?.totalCount ?? 0, views.data?.totalCount ?? 0) <= MAX_DROPPED_WITH_NAMESPACE
  const listed = contents.map(({ count, noun }) => formatQuantity(count, noun)).join(', ')
  return (
    <SidePanel
      title="Drop namespace"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        isKnown &&
        (isDroppable ? (
          <DangerConfirm
            name={name}
            action={contents.length === 0 ? 'Drop' : `Drop with ${listed}`}
            isPending={drop.isPending}
            onCancel={onClose}
            onConfirm={() => drop.mutate({ confirmedName: name, tables: [...going.tables], views: [...going.views] })}
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
              : isDroppable
                ? 'These go with the namespace, and its properties. Their files stay; roles that were given on them do not. In the built-in catalog, each can be restored when there is a namespace of this name again.'
                : `The namespace contains ${listed}. Only a namespace of at most ${MAX_DROPPED_WITH_NAMESPACE} tables and as many views, and no namespaces, can be dropped: drop or move these first.`}
          </p>
        )}
        {isKnown && isDroppable && <Going title="Tables that go" names={going.tables} />}
        {isKnown && isDroppable && <Going title="Views that go" names={going.views} />}
      </div>
    </SidePanel>
  )
}

function Going({ title, names }: { title: string; names: readonly string[] }) {
  const headingId = useId()
  if (names.length === 0) return null
  return (
    <section>
      <h3 id={headingId} className={classes.heading}>
        {title}
      </h3>
      <ul className={classes.going} aria-labelledby={headingId}>
        {names.map((name) => (
          <li key={name}>
            <code>
              <VisibleText>{name}</VisibleText>
            </code>
          </li>
        ))}
      </ul>
    </section>
  )
}
