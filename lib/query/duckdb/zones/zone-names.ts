import { isTimeZone } from '@/lib/iceberg/schema/zoned-time'
import { sqlError } from '@/lib/query/statement/sql-error'
import { type Token, tokenKeyword, tokenString } from '@/lib/query/statement/tokenize'

/** Words after which a statement may have a `TIMESTAMP WITH TIME ZONE`, whatever its tables are. */
const ZONE_WORDS = new Set(
  (
    'TIMESTAMPTZ ZONE NOW CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME CURRENT_LOCALTIME CURRENT_LOCALTIMESTAMP TODAY ' +
    'LOCALTIME LOCALTIMESTAMP GET_CURRENT_TIMESTAMP GET_CURRENT_TIME TRANSACTION_TIMESTAMP TO_TIMESTAMP ' +
    'MAKE_TIMESTAMPTZ STRPTIME TRY_STRPTIME TIMETZ AGE'
  ).split(' '),
)

/** Whether the tokens name anything with a time zone; columns may still have one. */
export function mentionsZones(tokens: readonly Token[]): boolean {
  return tokens.some((token) => ZONE_WORDS.has(tokenKeyword(token) ?? ''))
}

/** IANA names in strings of the statement, which `AT TIME ZONE` may use. */
export function findZoneNames(tokens: readonly Token[]): string[] {
  const names = tokens.flatMap((token) => tokenString(token) ?? [])
  return [...new Set(names.filter(isZoneName))]
}

/** @throws {AppError} query-failed for a name that is not a zone */
export function requireZone(name: string, token: Token): void {
  if (isZoneName(name)) return
  const requested =
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, '_')
      .split('/')
      .at(-1) ?? ''
  const similar = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().split('/').includes(requested))
  const example = "Write it as in 'Europe/Berlin' or 'UTC'."
  const hint = similar.length === 0 || requested === '' ? example : `Did you mean ${similar.slice(0, 3).join(' or ')}?`
  throw sqlError(`Unknown time zone ${name}.`, token, hint)
}

function isZoneName(name: string): boolean {
  return /^[A-Za-z]/.test(name) && isTimeZone(name)
}
