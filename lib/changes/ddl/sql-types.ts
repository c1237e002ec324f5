import type { ColumnDeclaration, TypeDeclaration } from '../declaration/table-declaration'
import { MAX_TYPE_DEPTH } from '../../iceberg/schema/schema'
import type { TokenReader } from './token-reader'
import type { Dialect } from './tokens'

/** Types of columns in SQL. */

const SPARK_TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  BYTE: 'int',
  TINYINT: 'int',
  SHORT: 'int',
  SMALLINT: 'int',
  INT: 'int',
  INTEGER: 'int',
  LONG: 'long',
  BIGINT: 'long',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'double',
  DATE: 'date',
  TIMESTAMP: 'timestamptz',
  TIMESTAMP_LTZ: 'timestamptz',
  TIMESTAMP_NTZ: 'timestamp',
  STRING: 'string',
  CHAR: 'string',
  VARCHAR: 'string',
  BINARY: 'binary',
  VARIANT: 'variant',
}

const TRINO_TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'int',
  SMALLINT: 'int',
  INT: 'int',
  INTEGER: 'int',
  BIGINT: 'long',
  REAL: 'float',
  DOUBLE: 'double',
  DATE: 'date',
  VARCHAR: 'string',
  UUID: 'uuid',
  VARBINARY: 'binary',
  VARIANT: 'variant',
}

export function readSqlType(reader: TokenReader, dialect: Dialect, depth = 0): TypeDeclaration {
  const token = reader.peek()
  if (token.kind !== 'word' && token.kind !== 'name') reader.fail('a type was expected')
  if (depth > MAX_TYPE_DEPTH) reader.refuse(`The type is nested more than ${MAX_TYPE_DEPTH} deep.`)
  reader.next()
  const word = token.text.toUpperCase()
  const inner = () => readSqlType(reader, dialect, depth + 1)
  const decimal = readDecimal(reader, word, dialect)
  if (decimal !== null) return decimal
  const simple = (dialect === 'spark' ? SPARK_TYPES : TRINO_TYPES)[word]
  if (simple !== undefined) {
    // Trino: `double precision` is standard SQL, too.
    if (word === 'DOUBLE') reader.take('PRECISION')
    if (word === 'CHAR' || word === 'VARCHAR') readLength(reader, token.text)
    return simple
  }
  if (dialect === 'spark') {
    if (word === 'ARRAY') return { list: inBrackets(reader, inner) }
    if (word === 'MAP') return { map: readPair(reader, ['<', '>'], inner) }
    if (word === 'STRUCT') return { struct: reader.list(() => readStructField(reader, depth + 1), ['<', '>']) }
  } else {
    if (word === 'TIME') return requireMicros(reader, 'time', token)
    if (word === 'TIMESTAMP') return readTrinoTimestamp(reader, token)
    if (word === 'ARRAY') {
      reader.requireSymbol('(')
      const list = inner()
      reader.requireSymbol(')')
      return { list }
    }
    if (word === 'MAP') return { map: readPair(reader, ['(', ')'], inner) }
    if (word === 'ROW')
      return { struct: reader.list(() => ({ name: reader.name('a field of the row'), type: inner() })) }
  }
  return reader.refuse(`${token.text} is not a type that an Iceberg table has.`, token)
}

/** Both engines create texts of any length for it, and forget the limit. */
function readLength(reader: TokenReader, type: string): void {
  if (!reader.takeSymbol('(')) return
  const length = reader.integer('the length')
  reader.requireSymbol(')')
  reader.note(`The length of ${type}(${length}) is not kept: texts in Iceberg have no limit.`)
}

function readDecimal(reader: TokenReader, word: string, dialect: Dialect): string | null {
  if (word !== 'DECIMAL' && word !== 'NUMERIC' && !(word === 'DEC' && dialect === 'spark')) return null
  if (!reader.takeSymbol('(')) return dialect === 'spark' ? 'decimal(10, 0)' : 'decimal(38, 0)'
  const precision = reader.integer('the precision', 38)
  const scale = reader.takeSymbol(',') ? reader.integer('the scale', precision) : 0
  reader.requireSymbol(')')
  if (precision < 1) reader.refuse('The precision is at least 1.')
  return `decimal(${precision}, ${scale})`
}

function inBrackets(reader: TokenReader, read: () => TypeDeclaration): TypeDeclaration {
  reader.requireSymbol('<')
  const type = read()
  reader.requireSymbol('>')
  return type
}

function readPair(
  reader: TokenReader,
  [open, close]: readonly [string, string],
  read: () => TypeDeclaration,
): { key: TypeDeclaration; value: TypeDeclaration } {
  reader.requireSymbol(open)
  const key = read()
  reader.requireSymbol(',')
  const value = read()
  reader.requireSymbol(close)
  return { key, value }
}

/** `name: type NOT NULL COMMENT 'text'`; Spark takes it without the colon, too. */
function readStructField(reader: TokenReader, depth: number): ColumnDeclaration {
  const name = reader.name('a field of the struct')
  reader.takeSymbol(':')
  const type = readSqlType(reader, 'spark', depth)
  return { name, type, ...readColumnOptions(reader) }
}

/** `NOT NULL` and `COMMENT`, in any order. What else a column may have is refused by its name. */
export function readColumnOptions(reader: TokenReader): Pick<ColumnDeclaration, 'required' | 'doc'> {
  const found: { required?: true; doc?: string } = {}
  for (;;) {
    if (found.required === undefined && reader.take('NOT', 'NULL')) found.required = true
    else if (found.doc === undefined && reader.take('COMMENT')) found.doc = reader.text('the comment')
    else if (reader.isAt('DEFAULT')) reader.refuse('Defaults of columns cannot be read from SQL. Set them in the form.')
    else if (reader.isAt('GENERATED')) reader.refuse('Iceberg has no generated columns.')
    else return found
  }
}

function requireMicros(reader: TokenReader, type: string, token: ReturnType<TokenReader['peek']>): string {
  if (!reader.takeSymbol('(')) return type
  const digits = reader.integer('the number of digits', 12)
  reader.requireSymbol(')')
  return digits === 6 ? type : reader.refuse(`Iceberg’s ${type} has 6 digits of a second.`, token)
}

function readTrinoTimestamp(reader: TokenReader, token: ReturnType<TokenReader['peek']>): string {
  let digits = 6
  if (reader.takeSymbol('(')) {
    digits = reader.integer('the number of digits', 12)
    reader.requireSymbol(')')
  }
  const isZoned = reader.take('WITH', 'TIME', 'ZONE')
  if (!isZoned) reader.take('WITHOUT', 'TIME', 'ZONE')
  if (digits !== 6 && digits !== 9) reader.refuse('Iceberg’s timestamps have 6 or 9 digits of a second.', token)
  return `${isZoned ? 'timestamptz' : 'timestamp'}${digits === 9 ? '_ns' : ''}`
}
