import { macro, OTHER_TYPES, own, PLAIN_TIME_TYPES, refusal, ZONE_SCHEMA } from './macro'

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

const Z = ZONE_SCHEMA

export function castMacros(): string[] {
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
  const text = macro(
    'text',
    `(t TIMESTAMPTZ) AS ${zonedText('t')}`,
    ...others.map((type) => `(t ${type}) AS t`),
    '(t) AS t',
  )
  // DuckDB without ICU returns NULL for a value that it cannot cast, but has to fail.
  const withoutZone = macro(
    'without_zone',
    `(t) AS CASE WHEN contains(typeof(t), 'WITH TIME ZONE') AND ${refusal(
      'try_cast of a nested timestamptz: cast its parts one by one',
      'BOOLEAN',
    )} THEN NULL ELSE t END`,
  )
  return [text, withoutZone, ...casts('CAST'), ...casts('TRY_CAST')]
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
