import 'server-only'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/** Work that one process does at a time. A lease that is not renewed ends by itself. */

type LeaseOwner = { owner: string; leaseMs: number }

/** Takes or renews a lease. @returns false while another process has it */
export async function takeLease(database: Database, name: string, options: LeaseOwner): Promise<boolean> {
  return (await takeLeases(database, [name], options)).length > 0
}

/**
 * Takes or renews each lease that no other process has.
 *
 * @param alongside rows that are written in the same transaction
 * @returns the names of those that the owner has now
 */
export async function takeLeases(
  database: Database,
  names: readonly string[],
  options: LeaseOwner,
  alongside: readonly Change[] = [],
): Promise<string[]> {
  const counts = await database.commit([...names.map((name) => leaseChange(name, options)), ...alongside])
  return names.filter((_, index) => counts[index] === 1)
}

function leaseChange(name: string, { owner, leaseMs }: LeaseOwner): Change {
  return change(({ db, nowMs }) =>
    db
      .insertInto('fact_leases')
      .values((eb) => ({ name, owner, until_ms: eb(nowMs, '+', eb.val(leaseMs)) }))
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet((eb) => ({ owner, until_ms: eb(nowMs, '+', eb.val(leaseMs)) }))
          .where((eb) => eb.or([eb('fact_leases.owner', '=', owner), eb('fact_leases.until_ms', '<=', nowMs)])),
      ),
  )
}

/** The names of leases that some process has. */
export async function readHeldLeases(database: Database): Promise<Set<string>> {
  const rows = await database.read(
    query(({ db, nowMs }) => db.selectFrom('fact_leases').select('name').where('until_ms', '>', nowMs)),
  )
  return new Set(rows.map(({ name }) => name))
}

/** Gives a lease back, so that another process can go on at once. */
export function releasedLeaseChange(name: string, owner: string): Change {
  return change(({ db }) => db.deleteFrom('fact_leases').where('name', '=', name).where('owner', '=', owner))
}
