/** SQL that is far deeper or wider than any that people write. All of it begins with SELECT or WITH, and reads a table. */

/** Texts by the name of the nested construct, for a depth. */
export const DEEP_SQL: Readonly<Record<string, (depth: number) => string>> = {
  parentheses: (depth) => `select ${'('.repeat(depth)}1${')'.repeat(depth)} from a.t`,
  'parentheses that are not closed': (depth) => `select 1 from a.t where ${'('.repeat(depth)}`,
  subqueries: (depth) => `${'select * from ('.repeat(depth)}select 1 from a.t${')'.repeat(depth)}`,
  'subqueries that are not closed': (depth) => 'select * from ('.repeat(depth),
  joins: (depth) => `select 1 from ${'('.repeat(depth)}a.t${') join a.t on true'.repeat(depth)}`,
  'common table expressions': (depth) => `${'with a as ('.repeat(depth)}select 1 from a.t${') from a'.repeat(depth)}`,
  'recursive common table expressions': (depth) => 'with recursive a as ('.repeat(depth),
  'scalar subqueries': (depth) => `${'select (select '.repeat(depth)}1${') from a.t'.repeat(depth)}`,
  unions: (depth) => `select 1 from (${'('.repeat(depth)}select 1${') union select 1 from a.t'.repeat(depth)})`,
  'calls of functions': (depth) => `select ${'abs('.repeat(depth)}1${')'.repeat(depth)} from a.t`,
  casts: (depth) => `select ${'cast('.repeat(depth)}1${' as int)'.repeat(depth)} from a.t`,
  lists: (depth) => `select ${'['.repeat(depth)}1${']'.repeat(depth)} from a.t`,
  structs: (depth) => `select ${'{a:'.repeat(depth)}1${'}'.repeat(depth)} from a.t`,
  'types of structs': (depth) => `select null::${'struct(a '.repeat(depth)}int${')'.repeat(depth)} from a.t`,
  'conditions in parentheses': (depth) =>
    `select 1 from a.t where ${'(true and '.repeat(depth)}true${')'.repeat(depth)}`,
}

/** Texts that are long without being nested, as far as brackets say, for a number of parts. */
export const WIDE_SQL: Readonly<Record<string, (count: number) => string>> = {
  values: (count) => `select 1 from a.t where x in (1${',1'.repeat(count)})`,
  columns: (count) => `select x${',x'.repeat(count)} from a.t`,
  tables: (count) => `select 1 from a.t${',a.t'.repeat(count)}`,
  'parts of a name': (count) => `select 1 from a${'.a'.repeat(count)}`,
  negations: (count) => `select ${'not '.repeat(count)}true from a.t`,
  'minus signs': (count) => `select ${'- '.repeat(count)}1 from a.t`,
  sums: (count) => `select 1${'+1'.repeat(count)} from a.t`,
  cases: (count) => `select ${'case when true then '.repeat(count)}1${' end'.repeat(count)} from a.t`,
  'words of DESCRIBE': (count) => `${'describe '.repeat(count)}a.t`,
  'set operations': (count) => `select 1 from a.t${' union all select 1'.repeat(count)}`,
  'casts after each other': (count) => `select 1${'::int'.repeat(count)} from a.t`,
  'common table expressions': (count) => `with a as (select 1)${',a as (from a)'.repeat(count)} select 1 from a.t`,
  'recursive common table expressions': (count) =>
    `with recursive a0 as (select 1)${Array.from({ length: count }, (_, i) => `,a${i + 1} as (from a${i})`).join('')} from a.t`,
  'queries with common table expressions': (count) =>
    `select 1 from a.t${Array.from({ length: count }, (_, i) => `,(with b${i} as (from a.t) from b${i})`).join('')}`,
}

/** Texts in which a token or a comment does not end, or is as long as the text. */
export const UNENDING_SQL: Readonly<Record<string, (length: number) => string>> = {
  'comments within comments': (length) => `select 1 from a.t ${'/*'.repeat(length)}`,
  'comments that end': (length) => `${'/*'.repeat(length)}${'*/'.repeat(length)} select 1 from a.t`,
  'a text': (length) => `select 1 from a.t where x = '${"''".repeat(length)}`,
  'a text with escapes': (length) => `select 1 from a.t where x = e'${"\\'".repeat(length)}`,
  'a text in dollars': (length) => `select 1 from a.t where x = $$${'$'.repeat(length)}`,
  'tags of dollars': (length) => `select 1 from a.t where x = ${'$a'.repeat(length)}`,
  'a name in quotes': (length) => `select 1 from a."${'""'.repeat(length)}`,
  'a name in back quotes': (length) => `select 1 from a.${'`'.repeat(length)}`,
  'a text in double quotes with escapes': (length) => `select "${'\\"'.repeat(length)}`,
  'a name': (length) => `select 1 from a.${'a'.repeat(length)}`,
  'a number': (length) => `select ${'1'.repeat(length)} from a.t`,
  'a comment of dashes': (length) => `select 1 from a.t ${'-'.repeat(length)}`,
}
