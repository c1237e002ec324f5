import 'server-only'
import { type Database, UnexpectedChanges } from '../database'
import { change, query } from '../statement'

/**
 * Sign-ins with the identity provider that have come back. Everything else about a sign-in is in a cookie of its browser,
 * which can be put back.
 */

/**
 * How many are remembered at once. At this number sign-ins are refused until others have ended, because a sign-in that
 * is forgotten could be used again.
 */
const MAX_USED_SIGN_INS = 100_000

/**
 * Records that a sign-in was used, and removes those that have ended.
 *
 * @param untilMs until when its cookie is accepted
 * @returns `first`: no process has used it before; `full`: it was not recorded, so it must not be used
 */
export async function claimSignIn(
  database: Database,
  { state, untilMs }: { state: string; untilMs: number },
  maxRows = MAX_USED_SIGN_INS,
): Promise<'first' | 'used' | 'full'> {
  try {
    await database.commit([
      change(({ db, nowMs }) => db.deleteFrom('used_sign_ins').where('ends_at_ms', '<=', nowMs), {
        guards: ['sign-in'],
      }),
      change(
        ({ db, nowMs }) =>
          db
            .insertInto('used_sign_ins')
            .columns(['state', 'ends_at_ms'])
            .expression(
              db
                .selectNoFrom((eb) => [eb.val(state).as('state'), eb.val(untilMs).as('ends_at_ms')])
                .where(
                  ({ selectFrom, fn }) =>
                    selectFrom('used_sign_ins as open')
                      .select(fn.countAll<number>().as('count'))
                      .where('open.ends_at_ms', '>', nowMs),
                  '<',
                  maxRows,
                ),
            )
            .onConflict((conflict) => conflict.doNothing()),
        { expectedRows: 1 },
      ),
    ])
    return 'first'
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    const [used] = await database.read(
      query(({ db }) => db.selectFrom('used_sign_ins').select('state').where('state', '=', state)),
    )
    return used ? 'used' : 'full'
  }
}
