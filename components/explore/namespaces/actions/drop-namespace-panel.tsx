'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import { namespaceDropReviewQuery, useDropNamespace } from '@/lib/client/lifecycle/namespaces'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './namespace-panel.module.css'

type DropNamespacePanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Drops a namespace and its contents, which it lists, or explains why it cannot be dropped. */
export function DropNamespacePanel({ catalog, namespace, onClose }: DropNamespacePanelProps) {
  const navigateAway = useNavigateAway()
  const parent = namespace.length > 1 ? paths.namespace(catalog, namespace.slice(0, -1)) : paths.catalog(catalog)
  const drop = useDropNamespace(catalog, namespace, () => navigateAway(parent))
  const review = useQuery({
    ...namespaceDropReviewQuery(catalog, namespace),
    // The contents disappear while the namespace is dropped.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = namespaceLabel(namespace)
  const data = review.error ? undefined : review.data
  const going = toGoing(data?.contents ?? [])
  const listed = going.flatMap(({ names, noun }) => (names.length > 0 ? [formatQuantity(names.length, noun)] : []))
  return (
    <SidePanel
      title="Drop namespace"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        (data.problems.length === 0 ? (
          <DangerConfirm
            name={name}
            action={listed.length === 0 ? 'Drop' : `Drop with ${listed.join(', ')}`}
            isPending={drop.isPending}
            onCancel={onClose}
            onConfirm={() => drop.mutate({ confirmedName: name, contents: data.contents })}
          />
        ) : (
          <div className="columns gap-8 to-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
          </div>
        ))
      }
    >
      <div className="stack gap-12">
        {drop.error && (
          <ProblemNote error={drop.error} subject={`Namespace ${name}`} unchanged="The namespace was not dropped." />
        )}
        <Unloaded query={review} subject={`Namespace ${name}`} skeleton={[3, 2, 'Reading what is in the namespace']} />
        {data?.problems.map((problem) => (
          <WarningNote key={problem}>{problem}</WarningNote>
        ))}
        {data && (
          <p className="bare secondary dense">
            {listed.length === 0
              ? 'The namespace contains nothing. Its properties go with it.'
              : data.problems.length === 0
                ? 'These go with the namespace, and its properties. Their files stay; roles that were given on them do not. In the built-in catalog, each table and view can be restored when there is a namespace of its name again.'
                : `The namespace contains ${listed.join(', ')}${data.isCut ? ', and more' : ''}.`}
          </p>
        )}
        {going.map(({ noun, names }) => (
          <Going key={noun} title={`${TITLES[noun]}${data?.problems.length === 0 ? ' that go' : ''}`} names={names} />
        ))}
      </div>
    </SidePanel>
  )
}

const TITLES = { table: 'Tables', view: 'Views', namespace: 'Namespaces' } as const

/** The contents by kind, each with its name within the namespace: `below.trips`. */
function toGoing(contents: NamespaceDropReview['contents']): { noun: keyof typeof TITLES; names: string[] }[] {
  const depth = contents[0]?.namespace.length ?? 0
  const nameIn = (namespace: Namespace, name: string) => {
    const below = namespace.slice(depth)
    return below.length === 0 ? name : `${namespaceLabel(below)}.${name}`
  }
  return [
    { noun: 'table', names: contents.flatMap(({ namespace, tables }) => tables.map((one) => nameIn(namespace, one))) },
    { noun: 'view', names: contents.flatMap(({ namespace, views }) => views.map((one) => nameIn(namespace, one))) },
    { noun: 'namespace', names: contents.slice(1).map(({ namespace }) => namespaceLabel(namespace.slice(depth))) },
  ]
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
