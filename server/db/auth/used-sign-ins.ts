import 'server-only'
import { type Database, UnexpectedChanges } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
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
        (dialect) => {
          const open = dialect.db
            .selectFrom('used_sign_ins as open')
            .select(ROW_COUNT)
            .where('open.ends_at_ms', '>', dialect.nowMs)
          const row = { state, ends_at_ms: untilMs }
          return insertIf(dialect, 'used_sign_ins', row, isBelow(open, maxRows)).onConflict((conflict) =>
            conflict.doNothing(),
          )
        },
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
