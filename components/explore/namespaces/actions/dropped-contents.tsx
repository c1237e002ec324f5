import { type ReactNode, useId } from 'react'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import classes from './namespace-panel.module.css'

/** The parts of the review of a drop of a namespace. */
export function namespaceDropParts(review: NamespaceDropReview | undefined): ActionReviewProps {
  return {
    skeleton: [3, 2, 'Reading what is in the namespace'],
    ...(review && { warnings: review.problems, children: <DroppedContents review={review} /> }),
  }
}

/** The contents that a drop of a namespace removes, and the consequences. */
function DroppedContents({ review }: { review: NamespaceDropReview }) {
  const contents = contentsSentence(review)
  const isDroppable = review.problems.length === 0
  return (
    <>
      <p className="bare secondary dense">
        {contents === ''
          ? 'The namespace is empty. Its properties are dropped with it.'
          : isDroppable
            ? 'Everything listed here is dropped with the namespace and its properties. Files stay in storage, but roles granted on these entries are removed. In the built-in catalog, a table or view can be restored once its namespace exists again.'
            : `The namespace contains ${contents}${review.isTruncated ? ', and more' : ''}.`}
      </p>
      {review.readers.length > 0 && (
        <Listed title="Known uses from outside" className={classes.readers}>
          {review.readers.map((text) => (
            <li key={text}>
              <VisibleText>{text}</VisibleText>
            </li>
          ))}
        </Listed>
      )}
      {toGoing(review.contents).map(({ noun, names }) => (
        <Going key={noun} title={`${TITLES[noun]}${isDroppable ? ' to drop' : ''}`} names={names} />
      ))}
    </>
  )
}

/** The label of the button that drops it: `Drop with 2 tables, 1 view`. */
export function dropLabel(review: NamespaceDropReview): string {
  const contents = contentsSentence(review)
  return contents === '' ? 'Drop' : `Drop with ${contents}`
}

function contentsSentence({ contents }: NamespaceDropReview): string {
  return toGoing(contents)
    .flatMap(({ names, noun }) => (names.length > 0 ? [formatQuantity(names.length, noun)] : []))
    .join(', ')
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
  if (names.length === 0) return null
  return (
    <Listed title={title} className={classes.going}>
      {names.map((name) => (
        <li key={name}>
          <code>
            <VisibleText>{name}</VisibleText>
          </code>
        </li>
      ))}
    </Listed>
  )
}

function Listed({ title, className, children }: { title: string; className: string | undefined; children: ReactNode }) {
  const headingId = useId()
  return (
    <section>
      <h3 id={headingId} className={classes.heading}>
        {title}
      </h3>
      <ul className={className} aria-labelledby={headingId}>
        {children}
      </ul>
    </section>
  )
}
