import { quoteString } from '../quote-identifier'
import { LAST_TRANSITION_MS, zoneTransitions } from '@/lib/iceberg/schema/zoned-time'

/**
 * What ICU does for `TIMESTAMP WITH TIME ZONE` in other builds of DuckDB, as macros of one schema. The browser's build
 * compares such values and reads offsets, but everything that needs a calendar or a zone is missing from it, and casts
 * take the session's zone for UTC. `zone-rewrite` makes statements call these macros.
 *
 * A zone is the table of the changes of its clocks, written as a tree of comparisons. A lambda binds the time, so that it
 * is evaluated once; this also hides the casts within from `zone-plan`, which looks for casts in plans.
 */
export const ZONE_SCHEMA = 'lakeshore_zone'

/** Types that DuckDB would otherwise cast to `TIMESTAMPTZ` to fit a macro's parameter. */
const PLAIN_TIME_TYPES = ['TIMESTAMP', 'DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'] as const
const OTHER_TYPES = [...PLAIN_TIME_TYPES, 'TIME', 'INTERVAL', 'VARCHAR'] as const

const Z = ZONE_SCHEMA
/** DuckDB's own function, which macros of the same name call. */
const own = (name: string) => `system.main."${name}"`

/** Parts of a time that follow from what a clock of the zone shows. */
const CLOCK_PARTS =
  'century day dayname dayofmonth dayofweek dayofyear decade era hour isodow isoyear last_day microsecond millennium ' +
  'millisecond minute month monthname quarter second week weekday weekofyear year yearweek'

/** Functions with the name of the macro that replaces them, which are called as DuckDB's own are. */
export const ZONED_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    `${CLOCK_PARTS} age current_date current_localtime current_localtimestamp date_diff date_part date_sub date_trunc ` +
    'datediff datepart datesub datetrunc epoch julian make_timestamptz strftime time_bucket timezone timezone_hour ' +
    'timezone_minute today'
  ).split(' '),
)

/** Parts of `date_part` that are not those of a clock, each with a macro `part_…`. */
export const INSTANT_PARTS: ReadonlySet<string> = new Set(
  'epoch julian timezone timezone_hour timezone_minute'.split(' '),
)

/** Types to which casts are replaced, with the macros `cast_…` and `try_cast_…`. */
export const CAST_TYPES = [
  'timestamptz',
  'timestamp',
  'date',
  'time',
  'varchar',
  'timestamp_s',
  'timestamp_ms',
  'timestamp_ns',
] as const
export type CastType = (typeof CAST_TYPES)[number]

/**
 * The statements that define the macros.
 *
 * @param sessionZone IANA name; casts and functions without a zone use it
 * @param zones IANA names that the statement may name
 */
export function zoneMacros(sessionZone: string, zones: readonly string[]): string[] {
  const all = [...new Set([sessionZone, ...zones])]
  return [
    ...all.flatMap((zone, i) => [
      macro(`local_${i}`, `(t) AS ${localTime(zone)}`),
      macro(`instant_${i}`, `(t) AS ${instant(zone)}`),
    ]),
    macro(
      'timezone',
      `(z VARCHAR, t TIMESTAMPTZ) AS ${byZone('local', all)}`,
      ...['TIMESTAMP', 'DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'VARCHAR'].map(
        (type) => `(z VARCHAR, t ${type}) AS ${byZone('instant', all)}`,
      ),
      `(t TIMESTAMPTZ) AS ${offsetSeconds('t')}`,
      `(t) AS ${own('timezone')}(t)`,
    ),
    ...sessionMacros(),
  ]
}

/**
 * Those of the macros that SQL calls, those that stand for operators, and those that they call, in the order in which to
 * define them.
 */
export function neededMacros(macros: readonly string[], sql: string): string[] {
  const byName = macros.map((text) => ({ text, name: /MACRO \w+\.(\S+) /.exec(text)?.[1] ?? '' }))
  const needed = new Set<string>()
  const visit = (text: string) => {
    for (const [, called = ''] of text.matchAll(/lakeshore_zone\.(\w+)\(/g)) {
      if (needed.has(called)) continue
      needed.add(called)
      for (const { name, text: body } of byName) if (name === called) visit(body)
    }
  }
  visit(sql)
  const isOperator = (name: string) => name.startsWith('"')
  for (const { name, text } of byName) if (isOperator(name)) visit(text)
  return byName.filter(({ name }) => needed.has(name) || isOperator(name)).map(({ text }) => text)
}

function byZone(kind: 'local' | 'instant', zones: readonly string[]): string {
  const cases = zones.map((zone, i) => `WHEN ${quoteString(zone.toLowerCase())} THEN ${Z}.${kind}_${i}(t)`).join(' ')
  const type = kind === 'local' ? 'TIMESTAMP' : 'TIMESTAMPTZ'
  return `CASE lower(z) ${cases} ELSE ${refusal('a zone that is not the name of a zone in quotes: write it as in ’Europe/Berlin’', type)} END`
}

/** The session's zone is the first. */
function sessionMacros(): string[] {
  const local = (x: string) => `${Z}.local_0(${x})`
  const toInstant = (x: string) => `${Z}.instant_0(${x})`
  const utc = (x: string) => `CAST(${x} AS TIMESTAMP)`
  const daysBetween = `${own('date_sub')}('day', ${local('b')}, ${local('a')})`
  /** For a `TIMESTAMPTZ` as given, for all other types DuckDB's own. */
  const zoned = (name: string, body: string, prefix = '') =>
    macro(
      `${prefix}${name}`,
      `(t TIMESTAMPTZ) AS ${body}`,
      ...PLAIN_TIME_TYPES.map((type) => `(t ${type}) AS ${own(name)}(t)`),
      `(t) AS ${own(name)}(t)`,
    )
  const between = (alias: string, name: 'date_diff' | 'date_sub') =>
    macro(
      alias,
      `(p, a TIMESTAMPTZ, b TIMESTAMPTZ) AS CASE WHEN lower(p) IN (${SUBDAY_LIST}) THEN ${own(name)}(p, ${
        name === 'date_diff'
          ? `${utc(`${Z}.date_trunc(p, a)`)}, ${utc(`${Z}.date_trunc(p, b)`)}`
          : `${utc('a')}, ${utc('b')}`
      }) ELSE ${own(name)}(p, ${local('a')}, ${local('b')}) END`,
      ...['DATE', 'TIMESTAMP', 'TIME'].map((type) => `(p, a ${type}, b ${type}) AS ${own(name)}(p, a, b)`),
      `(p, a, b) AS ${own(name)}(p, a, b)`,
    )

  return [
    // RANGE frames add to the values by which they are ordered.
    macro(
      'frame_order',
      `(t TIMESTAMPTZ) AS ${local('t')}`,
      ...OTHER_TYPES.map((type) => `(t ${type}) AS t`),
      '(t) AS t',
    ),
    macro('text', `(t TIMESTAMPTZ) AS ${zonedText('t')}`, ...OTHER_TYPES.map((type) => `(t ${type}) AS t`), '(t) AS t'),
    macro('current_date', `() AS CAST(${local('now()')} AS DATE)`),
    // Whole days and months are counted by the clock, the rest by the time that passes.
    macro(
      'add_interval',
      `(t, i) AS CASE WHEN ${months('i')} = 0 AND ${own('day')}(i) = 0 THEN ${plus('t', 'i')}
        WHEN ${months('i')} < 0 OR ${own('day')}(i) < 0 THEN ${toInstant(
          `${own('+')}(${local(plus('t', `to_microseconds(${micros('i')})`))}, ${wholeDays('i')})`,
        )}
        ELSE ${plus(toInstant(`${own('+')}(${local('t')}, ${wholeDays('i')})`), `to_microseconds(${micros('i')})`)} END`,
    ),
    macro(
      'between_instants',
      `(a, b) AS ${own('+')}(to_days(${daysBetween}::INTEGER), to_microseconds(${own('-')}(epoch_us(a), epoch_us(${toInstant(
        `${own('+')}(${local('b')}, to_days(${daysBetween}::INTEGER))`,
      )}))))`,
    ),

    ...['date_trunc', 'datetrunc'].map((name) =>
      macro(
        name,
        `(p, t TIMESTAMPTZ) AS CASE WHEN lower(p) IN (${SUBDAY_LIST})
        THEN ${plus('t', `to_microseconds(${own('-')}(epoch_us(${own('date_trunc')}(p, ${local('t')})), epoch_us(${local('t')})))`)}
        ELSE ${toInstant(`${own('date_trunc')}(p, ${local('t')})`)} END`,
        ...OTHER_TYPES.filter((type) => type !== 'TIME' && type !== 'VARCHAR').map(
          (type) => `(p, t ${type}) AS ${own('date_trunc')}(p, t)`,
        ),
        `(p, t) AS ${own('date_trunc')}(p, t)`,
      ),
    ),
    // `part` of which is not known when the statement is read; those of an instant have macros of their own.
    ...['date_part', 'datepart'].map((name) =>
      macro(
        name,
        `(p VARCHAR, t TIMESTAMPTZ) AS CASE WHEN lower(p) IN (${[...INSTANT_PARTS].map(quoteString).join(', ')}) THEN ${refusal(
          'this part has to be named in quotes',
          'BIGINT',
        )} ELSE ${own('date_part')}(p, ${local('t')}) END`,
        `(p VARCHAR[], t TIMESTAMPTZ) AS ${refusal('several parts of a timestamptz at once: write t::timestamp', 'BIGINT')}`,
        ...OTHER_TYPES.filter((type) => type !== 'VARCHAR').map(
          (type) => `(p, t ${type}) AS ${own('date_part')}(p, t)`,
        ),
        `(p, t) AS ${own('date_part')}(p, t)`,
      ),
    ),
    ...CLOCK_PARTS.split(' ').map((name) => zoned(name, `${own(name)}(${local('t')})`)),
    ...['', 'part_'].flatMap((prefix) => [
      zoned('julian', `${own('julian')}(${local('t')})`, prefix),
      zoned('epoch', `${own('epoch')}(${utc('t')})`, prefix),
      zoned('timezone_hour', `${offsetSeconds('t')} // 3600`, prefix),
      zoned('timezone_minute', `(${offsetSeconds('t')} % 3600) // 60`, prefix),
    ]),
    zoned('timezone', offsetSeconds('t'), 'part_'),

    between('date_diff', 'date_diff'),
    between('datediff', 'date_diff'),
    between('date_sub', 'date_sub'),
    between('datesub', 'date_sub'),
    macro(
      'age',
      `(a TIMESTAMPTZ, b TIMESTAMPTZ) AS ${own('age')}(${local('a')}, ${local('b')})`,
      `(a TIMESTAMP, b TIMESTAMP) AS ${own('age')}(a, b)`,
      `(a TIMESTAMPTZ) AS ${own('age')}(CAST(${Z}.current_date() AS TIMESTAMP), ${local('a')})`,
      `(a TIMESTAMP) AS ${own('age')}(CAST(${Z}.current_date() AS TIMESTAMP), a)`,
    ),
    macro('today', `() AS CAST(${local('now()')} AS DATE)`),
    macro('current_localtimestamp', `() AS ${local('now()')}`),
    macro('current_localtime', `() AS CAST(${local('now()')} AS TIME)`),
    macro(
      'strftime',
      `(t TIMESTAMPTZ, f) AS CASE WHEN contains(f, '%z') OR contains(f, '%Z') THEN ${refusal(
        '%z and %Z in strftime: write t::varchar, which has the offset',
        'VARCHAR',
      )} ELSE ${own('strftime')}(${local('t')}, f) END`,
      ...['TIMESTAMP', 'DATE', 'TIMESTAMP_NS'].map((type) => `(t ${type}, f) AS ${own('strftime')}(t, f)`),
      `(t, f) AS ${own('strftime')}(t, f)`,
    ),
    macro(
      'make_timestamptz',
      `(y, mo, d, h, mi, s) AS ${toInstant('make_timestamp(y, mo, d, h, mi, s)')}`,
      `(us) AS CAST(make_timestamp(us) AS TIMESTAMPTZ)`,
    ),
    macro(
      'time_bucket',
      `(w, t TIMESTAMPTZ) AS ${refusal('time_bucket of a timestamptz: write time_bucket(width, t::timestamp)', 'TIMESTAMPTZ')}`,
      ...['TIMESTAMP', 'DATE'].map((type) => `(w, t ${type}) AS ${own('time_bucket')}(w, t)`),
      ...['TIMESTAMP', 'DATE'].map((type) => `(w, t ${type}, o) AS ${own('time_bucket')}(w, t, o)`),
      `(w, t TIMESTAMPTZ, o) AS ${refusal('time_bucket of a timestamptz: write time_bucket(width, t::timestamp)', 'TIMESTAMPTZ')}`,
    ),
    ...castMacros(),
  ]
}

const SUBDAY_PARTS = (
  'hour hours hr hrs h minute minutes min mins m second seconds sec secs s millisecond milliseconds ms msec msecs ' +
  'microsecond microseconds us usec usecs'
).split(' ')
const SUBDAY_LIST = SUBDAY_PARTS.map(quoteString).join(', ')

/**
 * Operators on times with zones. DuckDB finds them by the search path, and then for all types: statements get them only
 * when DuckDB refuses them otherwise.
 */
export function operatorMacros(): string[] {
  return OPERATORS.map(([operator]) =>
    macro(`"${operator}"`, ...operatorOverloads(operator), `(a) AS ${own(operator)}(a)`),
  )
}

/**
 * The same for operands whose types DuckDB does not know when it chooses among macros of one name: aggregates, window
 * functions and subqueries. It knows those of the elements of a list.
 */
export function untypedOperatorMacros(): string[] {
  return OPERATORS.flatMap(([operator, name]) => [
    // DuckDB tries a macro when it is defined, and would refuse the next one for its unknown types.
    macro(name, '(a, b) AS a'),
    macro(
      `"${operator}"`,
      `(a, b) AS list_transform([{lakeshore_a: a, lakeshore_b: b}],
        lambda lakeshore_row: ${Z}.${name}(lakeshore_row.lakeshore_a, lakeshore_row.lakeshore_b))[1]`,
      `(a) AS ${own(operator)}(a)`,
    ),
    macro(name, ...operatorOverloads(operator)),
  ])
}

const OPERATORS = [
  ['+', 'apply_plus'],
  ['-', 'apply_minus'],
] as const

function operatorOverloads(operator: '+' | '-'): string[] {
  const plain = [...PLAIN_TIME_TYPES, 'TIME', 'INTERVAL']
  const other = (a: string, b: string) => `(a ${a}, b ${b}) AS ${own(operator)}(a, b)`
  const zoned =
    operator === '+'
      ? [
          `(a TIMESTAMPTZ, b INTERVAL) AS ${Z}.add_interval(a, b)`,
          `(a INTERVAL, b TIMESTAMPTZ) AS ${Z}.add_interval(b, a)`,
        ]
      : [
          `(a TIMESTAMPTZ, b INTERVAL) AS ${Z}.add_interval(a, ${own('-')}(b))`,
          `(a TIMESTAMPTZ, b TIMESTAMPTZ) AS ${Z}.between_instants(a, b)`,
        ]
  const reversed =
    operator === '+'
      ? plain.filter((type) => type !== 'INTERVAL').map((type) => other('INTERVAL', type))
      : ['DATE', 'TIMESTAMP'].map((type) => other(type, type))
  return [...zoned, ...plain.map((type) => other(type, 'INTERVAL')), ...reversed, `(a, b) AS ${own(operator)}(a, b)`]
}

function castMacros(): string[] {
  const others = [...OTHER_TYPES]
  const casts = (cast: 'CAST' | 'TRY_CAST') => {
    const name = cast === 'CAST' ? 'cast' : 'try_cast'
    const zoned = (type: CastType, body: string) =>
      macro(
        `${name}_${type}`,
        `(t TIMESTAMPTZ) AS ${body}`,
        ...others.map((other) => `(t ${other}) AS ${cast}(t AS ${type.toUpperCase()})`),
        `(t) AS ${cast}(t AS ${type.toUpperCase()})`,
      )
    return [
      zoned('timestamp', `${Z}.local_0(t)`),
      zoned('timestamp_s', `CAST(${Z}.local_0(t) AS TIMESTAMP_S)`),
      zoned('timestamp_ms', `CAST(${Z}.local_0(t) AS TIMESTAMP_MS)`),
      zoned('timestamp_ns', `CAST(${Z}.local_0(t) AS TIMESTAMP_NS)`),
      zoned('date', `CAST(${Z}.local_0(t) AS DATE)`),
      zoned('time', `CAST(${Z}.local_0(t) AS TIME)`),
      macro(
        `${name}_varchar`,
        `(t TIMESTAMPTZ) AS ${Z}.text(t)`,
        // TRY_CAST, which cannot fail here, differs in plans from a cast that DuckDB inserted.
        ...others.map((other) => `(t ${other}) AS TRY_CAST(t AS VARCHAR)`),
        `(t) AS CASE WHEN contains(typeof(t), 'WITH TIME ZONE') THEN ${refusal(
          'a nested timestamptz as text: write its parts one by one',
          'VARCHAR',
        )} ELSE TRY_CAST(t AS VARCHAR) END`,
      ),
      macro(
        `${name}_timestamptz`,
        '(t TIMESTAMPTZ) AS t',
        ...PLAIN_TIME_TYPES.map((type) => `(t ${type}) AS ${Z}.instant_0(t)`),
        `(t VARCHAR) AS CASE WHEN regexp_matches(t, '${PLAIN_TIME_TEXT}') THEN ${Z}.instant_0(${cast}(t AS TIMESTAMP))
          ELSE ${cast}(t AS TIMESTAMPTZ) END`,
        `(t) AS ${cast}(t AS TIMESTAMPTZ)`,
      ),
    ]
  }
  return [...casts('CAST'), ...casts('TRY_CAST')]
}

/** Text of a time without an offset. */
const PLAIN_TIME_TEXT = String.raw`^\s*[+-]?\d+-\d+-\d+(\s+\(BC\))?([ T]+\d+:\d+(:\d+(\.\d*)?)?)?\s*$`

/** As DuckDB writes it: `2023-05-15 16:30:45.5+02`. */
function zonedText(t: string): string {
  const two = (x: string) => `lpad(TRY_CAST(${x} AS VARCHAR), 2, '0')`
  const seconds = `${own('-')}(epoch_us(r.l), epoch_us(r.t)) // 1000000`
  return `list_transform([{l: ${Z}.local_0(${t}), t: CAST(${t} AS TIMESTAMP)}], lambda r: CASE WHEN isfinite(r.l)
    THEN concat(TRY_CAST(r.l AS VARCHAR), CASE WHEN ${seconds} < 0 THEN '-' ELSE '+' END, ${two(`abs(${seconds}) // 3600`)},
      CASE WHEN ${seconds} % 3600 = 0 THEN '' ELSE concat(':', ${two(`abs(${seconds}) % 3600 // 60`)}) END,
      CASE WHEN ${seconds} % 60 = 0 THEN '' ELSE concat(':', ${two(`abs(${seconds}) % 60`)}) END)
    ELSE TRY_CAST(r.l AS VARCHAR) END)[1]`
}

function offsetSeconds(t: string): string {
  return `(${own('-')}(epoch_us(CAST(${Z}.local_0(${t}) AS TIMESTAMP)), epoch_us(${t})) // 1000000)`
}

function plus(t: string, interval: string): string {
  return `CAST(${own('+')}(CAST(${t} AS TIMESTAMP), ${interval}) AS TIMESTAMPTZ)`
}

function months(i: string): string {
  return `${own('+')}(${own('year')}(${i}) * 12, ${own('month')}(${i}))`
}

function wholeDays(i: string): string {
  return `${own('+')}(to_months(${months(i)}::INTEGER), to_days(${own('day')}(${i})::INTEGER))`
}

function micros(i: string): string {
  return `${own('+')}(${own('+')}(${own('hour')}(${i}) * 3600000000, ${own('minute')}(${i}) * 60000000), ${own('microsecond')}(${i}))`
}

function macro(name: string, ...overloads: readonly string[]): string {
  return `CREATE OR REPLACE MACRO ${Z}.${name} ${overloads.join(', ')}`
}

/** An error at the first row, with the type that the expression would have. */
function refusal(message: string, type: string): string {
  return `CAST(error(${quoteString(`lakeshore: not supported: ${message}`)}) AS ${type})`
}

/** Where clocks of a zone change, as they are read: in UTC, or as the clocks show it after the change. */
type Threshold = { atMs: number; offsetMs: number }

function localTime(zone: string): string {
  const transitions = zoneTransitions(zone)
  if (transitions.every(({ offsetMs }) => offsetMs === 0)) return 'CAST(t AS TIMESTAMP)'
  return `${own('+')}(CAST(t AS TIMESTAMP), to_microseconds(${offsetMicros(transitions)}))`
}

function instant(zone: string): string {
  const transitions = zoneTransitions(zone)
  if (transitions.every(({ offsetMs }) => offsetMs === 0)) return 'CAST(CAST(t AS TIMESTAMP) AS TIMESTAMPTZ)'
  const thresholds = transitions.map(({ atMs, offsetMs }) => ({ atMs: atMs + offsetMs, offsetMs }))
  return `CAST(${own('-')}(CAST(t AS TIMESTAMP), to_microseconds(${offsetMicros(thresholds)})) AS TIMESTAMPTZ)`
}

/**
 * The offset of a time `t` in microseconds, looked up in a text with an entry for each quarter of a year: the second at
 * which the clocks change, and the offsets before and after. A text, because DuckDB reads a piece of a constant one
 * without copying it. A year after 2500 counts as one with the same calendar.
 */
function offsetMicros(thresholds: readonly Threshold[]): string {
  const [first] = thresholds
  if (first && thresholds.length === 1) return String(BigInt(first.offsetMs) * 1000n)
  const { text, bucketSeconds } = offsetTable(thresholds)
  const seconds = `${own('-')}(least(greatest(e, ${TABLE_START_MS}000), ${MAX_MICROS}), ${TABLE_START_MS}000) // 1000000`
  const cycles = `greatest(${own('-')}(${seconds}, ${(CYCLE_START_MS - TABLE_START_MS) / 1000}) // ${CYCLE_SECONDS}, 0)`
  const second = `list_transform([epoch_us(CAST(t AS TIMESTAMP))], lambda e: ${own('-')}(${seconds}, ${cycles} * ${CYCLE_SECONDS}))[1]`
  const entry = `${second} // ${bucketSeconds} * ${ENTRY_CHARS}`
  const piece = (at: string, length: number) =>
    `substr(${quoteString(text)}, ${own('+')}(${entry}, ${at}), ${length})::BIGINT`
  const isAfter = `(${second} % ${bucketSeconds} >= ${piece('1', 7)})::BIGINT`
  return `${own('-')}(${piece(`${own('+')}(8, 6 * ${isAfter})`, 6)}, ${OFFSET_BIAS}) * 1000000`
}

const TABLE_START_MS = Date.UTC(1840, 0, 1)
/** The Gregorian calendar repeats every 400 years, days of the week included. */
const CYCLE_START_MS = LAST_TRANSITION_MS
const CYCLE_SECONDS = 146_097 * 86_400
/** Below the largest time, so that nothing overflows. Infinite times have no offset that matters. */
const MAX_MICROS = '9000000000000000000'
const ENTRY_CHARS = 19
/** Keeps offsets positive in the table. */
const OFFSET_BIAS = 100_000
const NEVER = '9999999'

function offsetTable(thresholds: readonly Threshold[]): { text: string; bucketSeconds: number } {
  const all = [...thresholds, ...laterThresholds(thresholds)]
  const endMs = CYCLE_START_MS + CYCLE_SECONDS * 1000
  // Two changes in one entry are rare; the entries are shorter then.
  for (let bucketMs = 91 * DAY_MS; ; bucketMs = Math.floor(bucketMs / 2000) * 1000) {
    const starts = new Set(all.slice(1).map(({ atMs }) => Math.floor((atMs - TABLE_START_MS) / bucketMs)))
    if (starts.size < all.length - 1) continue
    const entries: string[] = []
    let next = 1
    for (let atMs = TABLE_START_MS; atMs < endMs; atMs += bucketMs) {
      const before = offsetText(all[next - 1])
      const change = all[next]
      const isNow = change !== undefined && change.atMs < atMs + bucketMs
      const changeText = isNow ? String((change.atMs - atMs) / 1000).padStart(NEVER.length, '0') : NEVER
      entries.push(changeText + before + (isNow ? offsetText(change) : before))
      if (isNow) next += 1
    }
    return { text: entries.join(''), bucketSeconds: bucketMs / 1000 }
  }
}

function offsetText(threshold: Threshold | undefined): string {
  return String((threshold?.offsetMs ?? 0) / 1000 + OFFSET_BIAS).padStart(6, '0')
}

/** The changes of the 400 years after the known ones: each year's are those of a known year with the same calendar. */
function laterThresholds(thresholds: readonly Threshold[]): Threshold[] {
  return Array.from({ length: 400 }, (_, i) => 2100 + i).flatMap((year) => {
    const startMs = Date.UTC(year, 0, 1)
    const isLeap = Date.UTC(year + 1, 0, 1) - startMs > 365 * DAY_MS
    for (let like = 2072; like < 2100; like++) {
      const likeMs = Date.UTC(like, 0, 1)
      if ((like % 4 === 0) !== isLeap || new Date(likeMs).getUTCDay() !== new Date(startMs).getUTCDay()) continue
      return thresholds
        .filter(({ atMs }) => atMs >= likeMs && atMs < Date.UTC(like + 1, 0, 1))
        .map(({ atMs, offsetMs }) => ({ atMs: atMs - likeMs + startMs, offsetMs }))
    }
    return []
  })
}

const DAY_MS = 86_400_000
