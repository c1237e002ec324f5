import { quoteString } from '@/lib/sql/quote-identifier'
import { calendarMacros, offsetSeconds } from './calendar-macros'
import { castMacros } from './cast-macros'
import { instant, localTime } from './clock'
import { macro, own, refusal, SESSION_ZONE, ZONE_SCHEMA } from './macro'

const Z = ZONE_SCHEMA

/**
 * Macros of one schema that replace ICU, which other builds of DuckDB use for `TIMESTAMP WITH TIME ZONE`. The browser's
 * build compares such values and reads offsets, but lacks everything that needs a calendar or a zone. `zone-rewrite`
 * makes statements call these macros.
 *
 * A zone is the table of the changes of its clocks, which a lambda searches, so that the time is evaluated once.
 *
 * @param zones IANA names that the statement may name
 * @returns the statements that define the macros
 */
export function zoneMacros(zones: readonly string[]): string[] {
  const all = [...new Set([SESSION_ZONE, ...zones])]
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
    ...calendarMacros(),
    ...castMacros(),
  ]
}

/**
 * The macros that SQL calls, the macros that stand for operators, and the macros that these call, in the order in which
 * to define them.
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
