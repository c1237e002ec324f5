import 'server-only'
import { type Database, UnexpectedChanges } from '../database'
import { change } from '../statement'

/**
 * Sign-ins with the identity provider that have come back. Everything else about a sign-in is in a cookie of its browser,
 * which can be put back.
 */

/**
 * Records that a sign-in was used, and removes those that have ended.
 *
 * @param untilMs until when its cookie is accepted
 * @returns whether it was used for the first time, in any process
 */
export async function claimSignIn(
  database: Database,
  { state, untilMs }: { state: string; untilMs: number },
): Promise<boolean> {
  try {
    await database.commit([
      change(({ db, nowMs }) => db.deleteFrom('used_sign_ins').where('ends_at_ms', '<=', nowMs), {
        guards: ['sign-in'],
      }),
      change(
        ({ db }) =>
          db
            .insertInto('used_sign_ins')
            .values({ state, ends_at_ms: untilMs })
            .onConflict((conflict) => conflict.doNothing()),
        { expectedRows: 1 },
      ),
    ])
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}
