import { quoteString } from '@/lib/sql/quote-identifier'
import { macro, OTHER_TYPES, own, PLAIN_TIME_TYPES, refusal, ZONE_SCHEMA } from './macro'

const Z = ZONE_SCHEMA

/** Parts of a time that follow from the clock of the zone. */
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

/** Parts of `date_part` that do not follow from a clock, each with a macro `part_…`. */
export const INSTANT_PARTS: ReadonlySet<string> = new Set(
  'epoch julian timezone timezone_hour timezone_minute'.split(' '),
)

/** Functions of a calendar and of the session's zone, which is the first of the zones. */
export function calendarMacros(): string[] {
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
    // `part` is not known when the statement is read; parts of an instant have macros of their own.
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
      `(y, mo, d, h, mi, s, z) AS CASE WHEN z IS NULL THEN NULL ELSE ${Z}.timezone(CAST(z AS VARCHAR), make_timestamp(y, mo, d, h, mi, s)) END`,
    ),
    macro(
      'time_bucket',
      `(w, t TIMESTAMPTZ) AS CAST(${own('time_bucket')}(w, ${utc('t')}) AS TIMESTAMPTZ)`,
      ...['TIMESTAMP', 'DATE'].map((type) => `(w, t ${type}) AS ${own('time_bucket')}(w, t)`),
      ...['TIMESTAMP', 'DATE'].map((type) => `(w, t ${type}, o) AS ${own('time_bucket')}(w, t, o)`),
      `(w, t TIMESTAMPTZ, o INTERVAL) AS CAST(${own('time_bucket')}(w, ${utc('t')}, o) AS TIMESTAMPTZ)`,
      `(w, t TIMESTAMPTZ, o TIMESTAMPTZ) AS CAST(${own('time_bucket')}(w, ${utc('t')}, ${utc('o')}) AS TIMESTAMPTZ)`,
      `(w, t TIMESTAMPTZ, o VARCHAR) AS ${refusal('time_bucket with a text: write time_bucket(width, t at time zone ’…’), or timestamptz ’…’', 'TIMESTAMPTZ')}`,
    ),
  ]
}

const SUBDAY_PARTS = (
  'hour hours hr hrs h minute minutes min mins m second seconds sec secs s millisecond milliseconds ms msec msecs ' +
  'microsecond microseconds us usec usecs'
).split(' ')
const SUBDAY_LIST = SUBDAY_PARTS.map(quoteString).join(', ')

export function offsetSeconds(t: string): string {
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
