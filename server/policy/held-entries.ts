import 'server-only'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { findChangePolicy, requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'

/**
 * A policy that demands two people holds the tables and views themselves, too. Otherwise one user moves a table out of
 * the namespace, changes it there and moves it back, or drops it with its files.
 */

type HeldAct = {
  /** The subject of a sentence: *A rename*. */
  what: string
  by: 'console' | 'engines'
  /** Whether a user can propose it in the console. */
  isProposable?: boolean
}

type InNamespace = { catalog: string; namespace: Namespace }

/** Why no user may do this alone, in sentences; null if no policy prevents it. */
export async function findHold(database: Database, on: InNamespace, act: HeldAct): Promise<string | null> {
  const policy = await findPolicyOf(database, on, act)
  return policy && heldReason(policy, act)
}

/**
 * Does it unless a policy holds it.
 *
 * @param write gets the changes that fail its transaction when the policy was set after it was checked. A remote catalog
 *   has no transaction with our database and leaves them out.
 * @throws {AppError} forbidden when a policy holds it
 */
export async function doUnlessHeld<T>(
  database: Database,
  on: InNamespace,
  act: HeldAct,
  write: (guards: readonly Change[]) => Promise<T>,
): Promise<T> {
  await requireNotHeld(database, on, act)
  try {
    return await write([requireNoPolicyChange(on, act.by)])
  } catch (error) {
    if (error instanceof UnexpectedChanges) await requireNotHeld(database, on, act)
    throw error
  }
}

/** @throws {AppError} forbidden when a policy holds it */
async function requireNotHeld(database: Database, on: InNamespace, act: HeldAct): Promise<void> {
  const policy = await findPolicyOf(database, on, act)
  if (policy === null) return
  throw new AppError('forbidden', `${heldReason(policy, act)} Nothing was changed.`, {
    facts: { policy: namespaceLabel(policy) },
  })
}

async function findPolicyOf(database: Database, on: InNamespace, { by }: HeldAct): Promise<Namespace | null> {
  const policy = await findChangePolicy(database, on)
  return policy && (by === 'engines' ? policy.ofEngines : policy.namespace)
}

function heldReason(policy: Namespace, { what, by, isProposable = false }: HeldAct): string {
  const label = namespaceLabel(policy)
  const rule = `Changes of tables and views in ${label} need two people${by === 'engines' ? ', including those of engines' : ''}.`
  return isProposable
    ? `${rule} Propose it${by === 'engines' ? ' in Lakeshore' : ''}, so that another user can carry it out.`
    : `${rule} ${what} cannot be proposed. An admin can change the policy of ${label}.`
}
