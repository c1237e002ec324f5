import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'
import { CAST_TYPES, type CastType } from './cast-macros'
import { closing } from './token-ranges'

/** The type at a token, if casts to it depend on the zone, and the index after it. */
export function readCastType(tokens: readonly Token[], at: number): { name: CastType; end: number } | null {
  const word = tokenKeyword(tokens[at]) ?? ''
  let name = Object.hasOwn(TYPE_NAMES, word) ? TYPE_NAMES[word] : undefined
  if (name === undefined || !CAST_TYPES.includes(name)) return null
  let end = at + 1
  if (isSymbol(tokens[end], '(')) {
    if (name === 'timestamp') name = timestampOf(tokens[end + 1]) ?? name
    end = closing(tokens, end) + 1
  }
  const zone = tokenKeyword(tokens[end])
  const isZoned = tokenKeyword(tokens[end + 1]) === 'TIME' && tokenKeyword(tokens[end + 2]) === 'ZONE'
  if (isZoned && (zone === 'WITH' || zone === 'WITHOUT')) {
    if (zone === 'WITH' && name === 'time') return null
    if (zone === 'WITH') name = 'timestamptz'
    end += 3
  }
  // A list of the type.
  return isSymbol(tokens[end], '[') ? null : { name, end }
}

/** Whether a type has members to which casts depend on the zone, such as `DATE[]`. */
export function hasCastType(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.slice(from, to).some((token) => Object.hasOwn(TYPE_NAMES, tokenKeyword(token) ?? ''))
}

/** `timestamp(3)`; other precisions are read as `timestamp`. */
function timestampOf(precision: Token | undefined): CastType | null {
  if (precision?.text === '0') return 'timestamp_s'
  const digits = Number(precision?.text)
  if (digits >= 1 && digits <= 3) return 'timestamp_ms'
  return digits >= 7 && digits <= 9 ? 'timestamp_ns' : null
}

const TYPE_NAMES: Readonly<Record<string, CastType>> = {
  TIMESTAMPTZ: 'timestamptz',
  TIMESTAMP: 'timestamp',
  DATETIME: 'timestamp',
  TIMESTAMP_US: 'timestamp',
  TIMESTAMP_S: 'timestamp_s',
  TIMESTAMP_MS: 'timestamp_ms',
  TIMESTAMP_NS: 'timestamp_ns',
  DATE: 'date',
  TIME: 'time',
  VARCHAR: 'varchar',
  TEXT: 'varchar',
  STRING: 'varchar',
  CHAR: 'varchar',
  BPCHAR: 'varchar',
}

/** Whether a cast makes a `TIMESTAMPTZ` of one text. DuckDB reads its offset, or without one the time in UTC. */
export function isTimestamptzLiteral(tokens: readonly Token[], from: number, to: number, type: CastType): boolean {
  return type === 'timestamptz' && to - from === 1 && tokens[from]?.kind === 'string'
}
