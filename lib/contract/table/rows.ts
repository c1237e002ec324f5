import * as z from 'zod'
import { endpoint } from '../endpoint'
import { whereOnWire } from './scan'
import { MAX_URL_TEXT_CHARS } from '../shapes/limits'
import { intInQuery, tableAsOfInput } from '../shapes/wire'

/** The formats of rows, the default first, with their media types. */
export const ROW_MEDIA_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
} as const

export const readTableRows = endpoint({
  summary: 'Streams the rows of a table as NDJSON, CSV or an Arrow IPC stream',
  description: `The rows that the Data tab shows, without deleted ones, in the order of a planned scan. At most one of \`ref\`, \`snapshot\` and \`at\` is given. \`columns\` are names separated by commas, the default all columns; blanks around a name are ignored; a name in double quotes may have commas, blanks at its ends, and double quotes as \`""\`. The metadata columns \`_row_id\`, \`_last_updated_sequence_number\`, \`_file\` and \`_pos\` are sent when they are named. \`where\` is a filter as in the Data tab, such as \`delay > 60 and origin in ("ABQ", "SFO")\`, or an \`Expression\` of Iceberg's REST catalog as JSON; files that cannot match are not read. \`format\` wins over the header \`Accept\`; the default is NDJSON.

NDJSON has Iceberg's JSON single-value forms: a long is a number with all its digits, which needs a parser that keeps 64 bits; decimals, dates, times, timestamps and UUIDs are text, bytes hexadecimal text; NaN and the infinities are text; a struct is an object by names, a map with text keys an object, any other map, or one with a key twice, a list of \`[key, value]\`. CSV is plain RFC 4180 with a header line: a null is an empty field, an empty text \`""\`, nested values are JSON, and formulas are not escaped. Arrow has a schema that follows from the columns alone, with field ids as \`PARQUET:field_id\`.

A response is complete when it ends as HTTP says; the trailer \`Lakeshore-Row-Count\` has the number of rows. When reading fails later, the connection is closed before the end; NDJSON then has a last line \`[{"problem": …}]\`, an array, while each row is an object. Fails with \`too-many-requests\` and \`Retry-After\` when as many streams as allowed are open.`,
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/rows',
  permission: 'table:read',
  input: tableAsOfInput.extend({
    columns: z.string().min(1).max(MAX_URL_TEXT_CHARS).optional(),
    where: whereOnWire.optional(),
    limit: intInQuery.optional(),
    format: z.enum(['ndjson', 'csv', 'arrow']).optional(),
  }),
  output: 'rows',
})
