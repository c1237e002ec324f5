import * as z from 'zod'
import { endpoint } from './endpoint'
import { CATALOG_NAME_PATTERN, CATALOG_NAME_RULE } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs, intInQuery } from './shapes/wire'

export const MAX_SQL_CHARS = 100_000
/** One line that begins and ends with a visible character. */
const NAME_PATTERN = /^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,98}[^\s\p{C}])?$/u

const id = z.string().regex(/^\w{1,64}$/, 'an id of 1 to 64 letters, digits and _')

const listedQuery = z.object({
  queryId: id,
  name: z.string(),
  /** Null: in no folder. */
  folder: z.string().nullable(),
  /** Whether every user sees it who may read what it names. Otherwise only its owner does. */
  isShared: z.boolean(),
  /** The user who saved it first. */
  owner: z.string(),
  isOwn: z.boolean(),
  /** Whether the caller may change and remove it. */
  canChange: z.boolean(),
  createdAtMs: instantMs,
  changedAtMs: instantMs,
  changedBy: z.string(),
  /** Rises with every change. */
  version: count,
  /** The first characters of the text. */
  sqlPreview: z.string(),
})

/** The limit for all values of a query together. */
const MAX_VALUE_CHARS = 100_000
const MAX_PARAMETERS = 50

const parameter = z
  .object({
    /** Without the `$`. */
    name: z.string().min(1).max(200),
    type: z.enum(['text', 'number', 'date', 'timestamp', 'timestamptz', 'boolean', 'null']),
    /** The text has one value per line. */
    isList: z.boolean(),
    text: z.string().max(MAX_VALUE_CHARS),
  })
  .register(contractSchemas, { id: 'QueryParameter' })

const columnName = z.string().max(1000)

const display = z
  .object({
    view: z.enum(['grid', 'chart', 'both']),
    /** Columns by name; null for the usual chart of a result. */
    chart: z
      .object({
        kind: z.enum(['line', 'bar', 'scatter', 'histogram']),
        x: columnName,
        /** Empty for a histogram. */
        y: z.array(columnName).max(6),
        /** Each value of this column is a series. */
        series: columnName.nullable(),
        /** For rows with the same value of `x`; null for the usual one. */
        aggregation: z.enum(['sum', 'mean', 'min', 'max', 'count']).nullable(),
      })
      .nullable(),
  })
  .register(contractSchemas, { id: 'ResultDisplay' })

const savedQuery = listedQuery
  .omit({ sqlPreview: true })
  .extend({
    sql: z.string(),
    /** The connection of names without one. Null if the query was saved before it was stored: any may be meant. */
    connection: z.string().nullable(),
    /** Default values of parameters. */
    parameters: z.array(parameter),
    /** How the result is shown; null: as a grid. */
    display: display.nullable(),
  })
  .register(contractSchemas, { id: 'SavedQuery' })
export type SavedQuery = z.output<typeof savedQuery>
export type ListedQuery = z.output<typeof listedQuery>

const title = z.string().regex(NAME_PATTERN, 'one line of 1 to 100 characters that begins and ends with a visible one')

const form = z.object({
  name: title,
  sql: z
    .string()
    .min(1)
    .max(MAX_SQL_CHARS)
    .refine((text) => !text.includes('\0'), 'text without the character U+0000'),
  isShared: z.boolean(),
  parameters: z
    .array(parameter)
    .max(MAX_PARAMETERS)
    .refine(
      (values) => values.reduce((sum, { text }) => sum + text.length, 0) <= MAX_VALUE_CHARS,
      `values of at most ${MAX_VALUE_CHARS} characters together`,
    )
    .optional(),
  display: display.nullable().optional(),
  folder: title.nullable().optional(),
  connection: z.string().regex(CATALOG_NAME_PATTERN, CATALOG_NAME_RULE).optional(),
})

export const listQueries = endpoint({
  summary: 'Lists the saved queries that the caller may read, newest first',
  description:
    '`contains` finds text in names and statements; ASCII letters match in either case. Statements are cut to their first characters: `getQuery` returns the whole text.',
  method: 'GET',
  path: '/api/v1/queries',
  permission: 'signed-in',
  input: z.object({
    contains: z.string().min(1).max(200).optional(),
    before: id.optional(),
    limit: intInQuery.optional(),
  }),
  output: z.object({
    queries: z.array(listedQuery.register(contractSchemas, { id: 'ListedQuery' })).max(200),
    nextBefore: id.nullable(),
    /** How many match, and how many there are. */
    matchCount: count,
    totalCount: count,
  }),
})

export const getQuery = endpoint({
  summary: 'Returns a saved query with its whole text',
  method: 'GET',
  path: '/api/v1/queries/:query',
  permission: 'signed-in',
  input: z.object({ query: id }),
  output: z.object({ query: savedQuery }),
})

export const saveQuery = endpoint({
  summary: 'Saves a query for the caller, or for the whole team',
  description:
    '`parameters` are the default values of `$name` in the text. `connection` is the catalog of the names without one; by default, the embedded catalog.',
  method: 'POST',
  path: '/api/v1/queries',
  permission: 'signed-in',
  input: form,
  output: z.object({ query: savedQuery }),
})

export const changeQuery = endpoint({
  summary: 'Changes a saved query',
  description:
    '`version` is the version of the query that was read. Owners change their queries, admins also shared ones. Without `parameters`, `display`, `folder` or `connection` the query keeps its own. The last 20 versions are stored.',
  method: 'PUT',
  path: '/api/v1/queries/:query',
  permission: 'signed-in',
  input: form.extend({ query: id, version: count }),
  output: z.object({ query: savedQuery }),
})

export const removeQuery = endpoint({
  summary: 'Removes a saved query',
  description: 'Owners remove their queries, admins also shared ones.',
  method: 'DELETE',
  path: '/api/v1/queries/:query',
  permission: 'signed-in',
  input: z.object({ query: id }),
  output: z.object({}),
})

const queryVersion = z.object({
  version: count,
  name: z.string(),
  savedAtMs: instantMs,
  savedBy: z.string(),
})

export const listQueryVersions = endpoint({
  summary: 'Lists the stored versions of a saved query, newest first',
  description:
    'The current version is the first. Of a query of another user, only versions that were shared are listed, and whose tables the caller may read.',
  method: 'GET',
  path: '/api/v1/queries/:query/versions',
  permission: 'signed-in',
  input: z.object({ query: id }),
  output: z.object({ versions: z.array(queryVersion).max(20) }),
})

export const getQueryVersion = endpoint({
  summary: 'Returns a saved query as one of its versions saved it',
  description: 'A change of the query to this text makes a new version.',
  method: 'GET',
  path: '/api/v1/queries/:query/versions/:version',
  permission: 'signed-in',
  input: z.object({ query: id, version: intInQuery }),
  output: z.object({
    version: queryVersion.extend({
      sql: z.string(),
      connection: z.string().nullable(),
      parameters: z.array(parameter),
      display: display.nullable(),
    }),
  }),
})
