import 'server-only'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/names/identifiers'
import { type Change, type Database } from '../database'
import { change, type Dialect, query } from '../statement'

/**
 * Namespaces whose tables the console changes by proposals only, so that two people see every change (four eyes). A
 * policy holds for the namespaces below, too.
 */

type InNamespace = { catalog: string; namespace: Namespace }

/** The policies that hold for a namespace, each by the nearest namespace that sets it: this one, or one around it. */
export type ChangePolicy = {
  /** Demands a proposal from the console, the command line and the API. */
  namespace: Namespace
  /** The namespace that also refuses commits of engines, or null. */
  ofEngines: Namespace | null
}

/** Null when no policy demands a proposal. */
export async function findChangePolicy(
  database: Database,
  { catalog, namespace }: InNamespace,
): Promise<ChangePolicy | null> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('change_policies')
        .select(['namespace', 'includes_engines'])
        .where('catalog', '=', catalog)
        .where('namespace', 'in', withParents(namespace)),
    ),
  )
  const nearest = (found: readonly { namespace: string }[]): Namespace | null => {
    const names = new Set(found.map((row) => row.namespace))
    const depth = namespace.findLastIndex((_, i) => names.has(joinNamespace(namespace.slice(0, i + 1))))
    return depth === -1 ? null : namespace.slice(0, depth + 1)
  }
  const demanding = nearest(rows)
  return demanding && { namespace: demanding, ofEngines: nearest(rows.filter((row) => row.includes_engines === 1)) }
}

/** The namespaces of a catalog that set a policy of their own, in the order of their names. */
export async function listPolicyNamespaces(database: Database, catalog: string, limit: number): Promise<Namespace[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('change_policies')
        .select('namespace')
        .where('catalog', '=', catalog)
        .orderBy('namespace')
        .limit(limit),
    ),
  )
  return rows.map((row) => splitNamespace(row.namespace))
}

/**
 * Fails the transaction if a policy demands a proposal.
 *
 * @param of the commits it applies to: the console's, if absent
 */
export function requireNoPolicyChange(
  { catalog, namespace }: InNamespace,
  of: 'console' | 'engines' = 'console',
): Change {
  return change(
    ({ db }) => {
      const policies = touchPolicies(db, catalog).where('namespace', 'in', withParents(namespace))
      return of === 'engines' ? policies.where('includes_engines', '=', 1) : policies
    },
    // Shared, because nearly every commit has it: commits would otherwise wait for the disk one after another.
    { expectedRows: 0, sharedGuards: ['policies'] },
  )
}

/** The demand of a namespace's own policy; `includesEngines`: of engines, too. */
export type OwnPolicy = { requiresProposal: boolean; includesEngines?: boolean }

/** Demands proposals in a namespace, or no longer demands them. */
export function setPolicyChange(
  { catalog, namespace }: InNamespace,
  { requiresProposal, includesEngines = false, by }: OwnPolicy & { by: string },
): Change {
  const name = joinNamespace(namespace)
  return change(
    ({ db, nowMs }) => {
      const set = { changed_by: by, changed_at_ms: nowMs, includes_engines: includesEngines ? 1 : 0 }
      return requiresProposal
        ? db
            .insertInto('change_policies')
            .values({ catalog, namespace: name, ...set })
            .onConflict((conflict) => conflict.columns(['catalog', 'namespace']).doUpdateSet(set))
        : db.deleteFrom('change_policies').where('catalog', '=', catalog).where('namespace', '=', name)
    },
    { guards: ['policies'] },
  )
}

/** Fails the transaction if the namespace's own policy demands more than this. */
export function requireNoStricterPolicy(
  { catalog, namespace }: InNamespace,
  { requiresProposal, includesEngines = false }: OwnPolicy,
): Change {
  return change(
    ({ db }) => {
      const policies = touchPolicies(db, catalog).where('namespace', '=', joinNamespace(namespace))
      if (!requiresProposal) return policies
      return policies.where('includes_engines', '>', includesEngines ? 1 : 0)
    },
    { expectedRows: 0, guards: ['policies'] },
  )
}

/** Changes nothing. How many rows it reaches tells the transaction which policies there are. */
function touchPolicies(db: Dialect['db'], catalog: string) {
  return db
    .updateTable('change_policies')
    .set((eb) => ({ changed_at_ms: eb.ref('changed_at_ms') }))
    .where('catalog', '=', catalog)
}

function withParents(namespace: Namespace): string[] {
  return namespace.map((_, i) => joinNamespace(namespace.slice(0, i + 1)))
}
