import 'server-only'
import { joinNamespace, type Namespace } from '@/lib/iceberg/identifiers'
import { type Change, type Database } from '../database'
import { change, query } from '../statement'

/**
 * Namespaces whose tables the console changes by proposals only, so that two people see every change (four eyes). A
 * policy holds for the namespaces below, too.
 */

type InNamespace = { catalog: string; namespace: Namespace }

/** The namespace whose policy demands a proposal, this one or the nearest around it; null when none does. */
export async function findChangePolicy(
  database: Database,
  { catalog, namespace }: InNamespace,
): Promise<{ namespace: Namespace } | null> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('change_policies')
        .select('namespace')
        .where('catalog', '=', catalog)
        .where('namespace', 'in', withParents(namespace)),
    ),
  )
  const found = new Set(rows.map((row) => row.namespace))
  const depth = namespace.findLastIndex((_, i) => found.has(joinNamespace(namespace.slice(0, i + 1))))
  return depth === -1 ? null : { namespace: namespace.slice(0, depth + 1) }
}

/** Fails the transaction when a policy demands a proposal. */
export function requireNoPolicyChange({ catalog, namespace }: InNamespace): Change {
  return change(
    ({ db }) =>
      db
        .updateTable('change_policies')
        .set((eb) => ({ changed_at_ms: eb.ref('changed_at_ms') }))
        .where('catalog', '=', catalog)
        .where('namespace', 'in', withParents(namespace)),
    { expectedRows: 0, guards: ['proposals'] },
  )
}

/** Demands proposals in a namespace, or no longer demands them. */
export function setPolicyChange(
  { catalog, namespace }: InNamespace,
  { requiresProposal, by }: { requiresProposal: boolean; by: string },
): Change {
  const name = joinNamespace(namespace)
  return change(
    ({ db, nowMs }) =>
      requiresProposal
        ? db
            .insertInto('change_policies')
            .values({ catalog, namespace: name, changed_by: by, changed_at_ms: nowMs })
            .onConflict((conflict) =>
              conflict.columns(['catalog', 'namespace']).doUpdateSet({ changed_by: by, changed_at_ms: nowMs }),
            )
        : db.deleteFrom('change_policies').where('catalog', '=', catalog).where('namespace', '=', name),
    { guards: ['proposals'] },
  )
}

function withParents(namespace: Namespace): string[] {
  return namespace.map((_, i) => joinNamespace(namespace.slice(0, i + 1)))
}
