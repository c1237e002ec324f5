import 'server-only'
import type { NamespaceDropReview } from '@/lib/contract/lifecycle/namespaces'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { requireNamespaceUnprotected } from '@/server/catalog/namespace-protection'
import { dropNamespaceProposalsChange } from '@/server/db/catalog/proposals'
import { dropNamespaceShortcutsChange } from '@/server/db/catalog/shortcuts'
import type { UseServices } from '@/server/search/known-texts'
import { UnexpectedChanges } from '@/server/db/database'
import { proposalClosedError, requireProposalIfDemanded } from '@/server/policy/demanded-proposal'
import type { ProposableAction } from '../pipeline/action'
import type { Target } from '../pipeline/change-request'
import type { Attempt } from '../pipeline/attempt'
import { carryOut } from '../pipeline/carry-out'
import { requireReviewed } from '../pipeline/review-action'
import { recordedNamespace } from './change-namespace'
import { dropTableAction } from './drop-table'
import { dropViewAction } from './drop-view'
import { requireDropAbilities, reviewNamespaceDrop } from './review-namespace-drop'
import {
  type Entry,
  loadNamespaceEntries,
  type NamespaceEntries,
  protectedEntriesProblem,
} from '@/server/lifecycle/namespace-entries'
import { type NamespaceContents, type NamespaceTree, readNamespaceTree } from '@/server/lifecycle/namespace-tree'

type DropServices = UseServices

/** The namespace, and all in it that was shown, in any order. */
type ReviewedContents = { contents: readonly NamespaceContents[] }

/**
 * Drops a namespace with the contents that the user reviewed: tables, views and namespaces, at any depth. Each table
 * and view is dropped separately, without its files, so the embedded catalog can restore it once a namespace of that
 * name exists again. All of them are checked before the first is dropped. Views go first, because they read tables,
 * then namespaces with their tables, from the innermost outwards.
 *
 * @throws {AppError} namespace-not-empty when it contains something else; invalid-request when the name was not confirmed,
 *   or something is protected; forbidden where a policy of it, or of a namespace in it, demands two people; what dropping
 *   one of them throws, with the names of those already dropped; and as `carryOut` does
 */
export const dropNamespaceAction: ProposableAction<
  DropServices,
  Target,
  object,
  ReviewedContents,
  object,
  NamespaceDropReview
> = {
  kind: 'drop-namespace',
  // A policy holds the tables and views in it, wherever they are in the tree.
  isHeld: false,
  hasSteps: true,
  ability: () => 'drop-namespace',
  toReviewed: (reviewed) => requireReviewed(reviewed, 'drop-namespace'),
  review: reviewNamespaceDrop,
  async commit(attempt, on, { contents: shown }) {
    const { catalog, actor, signal, services, request } = attempt
    const { namespace } = on
    const label = namespaceLabel(namespace)
    attempt.requireTypedName(on)
    await requireDropAbilities(catalog, shown, signal)
    const tree = await readNamespaceTree(catalog, namespace, { signal })
    requireSame(namespace, tree, shown)
    for (const { namespace: inner, tables, views } of tree.contents) {
      if (tables.length + views.length === 0) continue
      const within = { catalog: on.catalog, namespace: inner }
      await requireProposalIfDemanded(services.database, within, request.proposal, actor.userId)
    }
    const entries = await loadNamespaceEntries(catalog, tree.contents, { actor, signal, permission: 'table:maintain' })
    const problem = protectedEntriesProblem(entries)
    if (problem !== null) {
      throw new AppError('invalid-request', `${problem} Nothing was dropped.`, {
        facts: { protected: PROTECTED_PROPERTY },
      })
    }
    await runSteps(toSteps(attempt, on, entries), label)
    return {}
  },
  repeat: async () => ({}),
}

/** @throws {AppError} namespace-not-empty */
function requireSame(
  namespace: Namespace,
  { contents, isTruncated, skippedCount }: NamespaceTree,
  shown: readonly NamespaceContents[],
): void {
  if (!isTruncated && skippedCount === 0 && isSame(contents.flatMap(toLines), shown.flatMap(toLines))) return
  throw new AppError(
    'namespace-not-empty',
    `Namespace ${namespaceLabel(namespace)} no longer contains what was shown. Nothing was dropped.`,
  )
}

/** A line for the namespace and each of its tables and views. */
function toLines({ namespace, tables, views }: NamespaceContents): string[] {
  const name = joinNamespace(namespace)
  const entries = [...tables.map((table) => ['table', table]), ...views.map((view) => ['view', view])]
  return [JSON.stringify([name]), ...entries.map((entry) => JSON.stringify([name, ...entry]))]
}

function isSame(lines: readonly string[], shown: readonly string[]): boolean {
  const expected = new Set(shown)
  return lines.length === expected.size && lines.every((line) => expected.has(line))
}

/** One request to the catalog. */
type Step = { name: string; run: () => Promise<unknown> }

function toSteps(
  attempt: Attempt<DropServices>,
  on: Target,
  /** Each namespace before those in it. */
  entries: readonly NamespaceEntries[],
): Step[] {
  const innermostFirst = entries.toReversed()
  const toStep = (entry: Entry): Step => ({ name: entry.name, run: () => dropEntry(attempt, entry) })
  const isFilled = ({ namespace, tables, views }: NamespaceEntries) =>
    tables.length + views.length > 0 || entries.some((other) => isWithin(other.namespace, namespace))
  return [
    ...innermostFirst.flatMap(({ views }) => views.map(toStep)),
    ...innermostFirst.flatMap((one) => [
      ...one.tables.map(toStep),
      {
        name: one.name,
        run: () =>
          dropEmptied(
            attempt,
            { ...on, namespace: one.namespace },
            { mightBeMissing: isFilled(one), isLast: one === entries[0] },
          ),
      },
    ]),
  ]
}

function isWithin(inner: Namespace, outer: Namespace): boolean {
  return inner.length > outer.length && outer.every((level, i) => inner[i] === level)
}

async function dropEntry({ services, request }: Attempt<DropServices>, entry: Entry): Promise<void> {
  const { namespace } = entry.identifier
  const name = entry.kind === 'view' ? entry.identifier.view : entry.identifier.table
  const { metadataLocation } = entry
  const { idempotencyKey: _, ...shared } = request
  const part = { ...shared, isPart: true, confirmedName: `${namespaceLabel(namespace)}.${name}` } as const
  if (entry.kind === 'view')
    await carryOut(services, dropViewAction, { on: entry.identifier, input: { metadataLocation } }, part)
  else
    await carryOut(
      services,
      dropTableAction,
      { on: entry.identifier, input: { metadataLocation, isPurge: false } },
      part,
    )
}

/**
 * Drops a namespace that is now empty.
 *
 * @param options.mightBeMissing it disappeared with its contents if it existed only through them
 */
async function dropEmptied(
  attempt: Attempt<DropServices>,
  on: Target,
  { mightBeMissing, isLast }: { mightBeMissing: boolean; isLast: boolean },
): Promise<void> {
  const { catalog, signal, request, services } = attempt
  try {
    const { properties } = await catalog.loadNamespace(on.namespace, { signal })
    requireNamespaceUnprotected(on.namespace, properties)
    await catalog.write(
      { kind: 'drop-namespace', namespace: on.namespace },
      isLast ? recordedNamespace(attempt, on, 'drop-namespace') : { signal },
    )
  } catch (error) {
    if (error instanceof UnexpectedChanges && request.proposal) throw proposalClosedError()
    if (!mightBeMissing || !(error instanceof AppError) || error.code !== 'not-found') throw error
    // The catalog writes nothing more, so the rows of the drop are written without it.
    const removal = { namespace: on.namespace, before: null, after: null }
    const rows = isLast ? recordedNamespace(attempt, on, 'drop-namespace').alongside(removal) : []
    await services.database.commit([
      ...rows,
      dropNamespaceProposalsChange(on.catalog, on.namespace),
      dropNamespaceShortcutsChange(on.catalog, on.namespace),
    ])
  }
}

/** @param label of the namespace that the last step drops */
async function runSteps(steps: readonly Step[], label: string): Promise<void> {
  for (const [index, { name, run }] of steps.entries()) {
    try {
      await run()
    } catch (error) {
      const names = steps.slice(0, -1).map((step) => step.name)
      const isLast = index === steps.length - 1
      throw explainPartialDrop(error, {
        isLast,
        dropped: names.slice(0, index),
        failed: isLast ? `namespace ${label}` : name,
        left: names.slice(index + 1),
      })
    }
  }
}

const DROPPED_COUNT = 'droppedCount'

/** Whether the error says what a drop of a namespace removed before it failed. */
export function hasDropped({ facts }: AppError): boolean {
  return facts[DROPPED_COUNT] !== undefined
}

/** Lists what was dropped and what was not. An error before the first drop needs no such list. */
function explainPartialDrop(
  error: unknown,
  {
    dropped,
    failed,
    left,
    isLast,
  }: { dropped: readonly string[]; failed: string; left: readonly string[]; isLast: boolean },
): unknown {
  if (!(error instanceof AppError) || dropped.length === 0) return error
  const isUnknown = error.code === 'commit-state-unknown'
  const outcome = isUnknown ? 'Not known' : 'Not dropped'
  const untouched = left.length === 0 ? '' : ` Not tried: ${left.join(', ')}.`
  const remains = isUnknown && isLast ? '' : ' The namespace still exists.'
  return new AppError(
    error.code,
    `Dropped: ${dropped.join(', ')}. ${outcome}: ${failed}, because: ${error.message}${untouched}${remains}`,
    { cause: error, facts: { ...error.facts, [DROPPED_COUNT]: dropped.length } },
  )
}
