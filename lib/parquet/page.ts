import { crc32 } from './crc32'
import { DamagedParquet, UnsupportedParquet } from './errors'
import { type Compression, decompress } from './decompress'
import { ENCODINGS, type Encoding, decodeEnum } from './footer'
import { bitsNeeded, isOneRun, readHybrid } from './hybrid'
import type { SchemaNode } from './schema-node'
import type { PageCodecs } from './page-codecs'
import { readThrift, type ThriftStruct } from './thrift'
import { type ReserveMemory, readPlain, readValues, type Values } from './values'

/**
 * Pages of a column chunk.
 *
 * Spec: parquet-format, `parquet.thrift`, *PageHeader*, and *README.md*, *Data Pages*.
 */
export type PageHeader = {
  kind: 'data' | 'data-v2' | 'dictionary' | 'other'
  /** Start and end of the page's bytes, in the bytes that the header was read from. */
  start: number
  end: number
  /** After decompression. */
  encodedBytes: number
  /** Values and nulls. */
  valueCount: number
  /**
   * Only in version 2, and null where the header says something that cannot be a count. The levels of the page have
   * both numbers as well, so a reader that decodes them does not need these.
   */
  rowCount: number | null
  nullCount: number | null
  encoding: Encoding
  /** The encodings in version 1, the lengths in version 2. */
  levels:
    | { repetition: Encoding; definition: Encoding }
    | { repetitionBytes: number; definitionBytes: number; isCompressed: boolean }
  checksum: number | null
}

/** A decoded page: its levels, if the column has any, and the values that are not null. */
export type DataPage = {
  valueCount: number
  /** Null if no value is null. */
  definitions: Uint8Array | null
  /** Null if the column is not repeated. */
  repetitions: Uint8Array | null
  values: Values
}

/** @param chunkEnd where the column chunk ends, if not with the bytes */
export function readPageHeader(bytes: Uint8Array, at: number, chunkEnd = bytes.length): PageHeader {
  const { struct, end: start } = readThrift(bytes, at)
  const storedBytes = struct.count(3, "a page's length")
  if (storedBytes > chunkEnd - start) throw new DamagedParquet('a page reaches beyond its column chunk')
  const common = {
    start,
    end: start + storedBytes,
    encodedBytes: struct.count(2, "a page's plain length"),
    rowCount: null,
    nullCount: null,
    checksum: struct.int(4) ?? null,
  }
  switch (struct.int(1)) {
    case 0: {
      const data = requireHeader(struct, 5)
      return {
        ...common,
        kind: 'data',
        valueCount: data.count(1, "a page's value count"),
        encoding: decodeEnum(ENCODINGS, data.int(2), 'encoding'),
        levels: {
          definition: decodeEnum(ENCODINGS, data.int(3), 'encoding'),
          repetition: decodeEnum(ENCODINGS, data.int(4), 'encoding'),
        },
      }
    }
    case 2: {
      const dictionary = requireHeader(struct, 7)
      return {
        ...common,
        kind: 'dictionary',
        valueCount: dictionary.count(1, "a dictionary's entry count"),
        encoding: decodeEnum(ENCODINGS, dictionary.int(2), 'encoding'),
        levels: NO_LEVELS,
      }
    }
    case 3: {
      const data = requireHeader(struct, 8)
      return {
        ...common,
        kind: 'data-v2',
        valueCount: data.count(1, "a page's value count"),
        nullCount: countOrNull(data, 2),
        rowCount: countOrNull(data, 3),
        encoding: decodeEnum(ENCODINGS, data.int(4), 'encoding'),
        levels: {
          definitionBytes: data.count(5, "a page's level length"),
          repetitionBytes: data.count(6, "a page's level length"),
          isCompressed: data.bool(7) ?? true,
        },
      }
    }
    default:
      return { ...common, kind: 'other', valueCount: 0, encoding: 'PLAIN', levels: NO_LEVELS }
  }
}

/** Some writers write −1 for a count that they do not know. */
function countOrNull(struct: ThriftStruct, field: number): number | null {
  const count = struct.int(field) ?? -1
  return count < 0 ? null : count
}

const NO_LEVELS = { repetition: 'RLE', definition: 'RLE' } as const

function requireHeader(struct: ThriftStruct, field: number): ThriftStruct {
  const header = struct.struct(field)
  if (!header) throw new DamagedParquet('a page has no header for its type')
  return header
}

/** The dictionary of a column chunk. `body` is the page as stored. */
export function readDictionary(
  header: PageHeader,
  body: Uint8Array,
  node: SchemaNode,
  compression: Compression,
  reserveMemory: ReserveMemory,
): Values {
  const valueBytes = openDictionary(header, body, compression, reserveMemory)
  return readPlain(valueBytes, header.valueCount, requireLeaf(node), reserveMemory)
}

/** Decompresses a dictionary. @returns its values, PLAIN */
export function openDictionary(
  header: PageHeader,
  body: Uint8Array,
  compression: Compression,
  reserveMemory: ReserveMemory,
): Uint8Array {
  if (header.encoding !== 'PLAIN' && header.encoding !== 'PLAIN_DICTIONARY') {
    throw new DamagedParquet(`a dictionary has the encoding ${header.encoding}`)
  }
  verifyChecksum(header, body, compression.codecs)
  reserveMemory(header.encodedBytes)
  return decompress(compression, body, header.encodedBytes)
}

/** A data page. `body` is the page as stored. */
export function readDataPage(
  header: PageHeader,
  body: Uint8Array,
  node: SchemaNode,
  compression: Compression,
  dictionary: Values | null,
  reserveMemory: ReserveMemory,
): DataPage {
  const { definitions, repetitions, valueBytes, nonNullCount } = openDataPage(
    header,
    body,
    node,
    compression,
    reserveMemory,
  )
  const values = readValues(header.encoding, valueBytes, nonNullCount, requireLeaf(node), dictionary, reserveMemory)
  return { valueCount: header.valueCount, definitions, repetitions, values }
}

/** A page whose levels are decoded and whose values are not. */
export type OpenedPage = Pick<DataPage, 'definitions' | 'repetitions'> & {
  /** In the page's encoding. */
  valueBytes: Uint8Array
  /** How many values they are. */
  nonNullCount: number
}

/** Decompresses a data page. `body` is the page as stored. */
export function openDataPage(
  header: PageHeader,
  body: Uint8Array,
  node: SchemaNode,
  compression: Compression,
  reserveMemory: ReserveMemory,
): OpenedPage {
  verifyChecksum(header, body, compression.codecs)
  // Levels take one byte each, and a page may claim any number of them.
  reserveMemory(header.encodedBytes + header.valueCount * 2)
  const { bytes, valuesStart, definitions, repetitions } =
    'isCompressed' in header.levels
      ? readLevelsV2(header, header.levels, body, node, compression)
      : readLevelsV1(header, header.levels, body, node, compression)
  const nonNullCount = definitions ? countLevel(definitions, node.maxDefinition) : header.valueCount
  return { definitions, repetitions, valueBytes: bytes.subarray(valuesStart), nonNullCount }
}

type Levels = {
  bytes: Uint8Array
  /** Where the values start. */
  valuesStart: number
  definitions: Uint8Array | null
  repetitions: Uint8Array | null
}

function readLevelsV1(
  header: PageHeader,
  encodings: { repetition: Encoding; definition: Encoding },
  body: Uint8Array,
  node: SchemaNode,
  compression: Compression,
): Levels {
  const bytes = decompress(compression, body, header.encodedBytes)
  let at = 0
  const readNext = (max: number, encoding: Encoding, read: typeof readDefinitions): Uint8Array | null => {
    if (max === 0) return null
    if (encoding !== 'RLE')
      throw new UnsupportedParquet(`its levels use the encoding ${encoding}, which Lakeshore cannot read`)
    if (bytes.length - at < 4) throw new DamagedParquet('a page ends before its levels')
    const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
    at += 4
    if (length > bytes.length - at) throw new DamagedParquet('levels reach beyond their page')
    const levels = read(bytes, at, at + length, max, header.valueCount)
    at += length
    return levels
  }
  const repetitions = readNext(node.maxRepetition, encodings.repetition, readLevels)
  const definitions = readNext(node.maxDefinition, encodings.definition, readDefinitions)
  return { bytes, valuesStart: at, definitions, repetitions }
}

/** In version 2 the levels are never compressed, and the header has their lengths. */
function readLevelsV2(
  header: PageHeader,
  lengths: { repetitionBytes: number; definitionBytes: number; isCompressed: boolean },
  body: Uint8Array,
  node: SchemaNode,
  compression: Compression,
): Levels {
  const { repetitionBytes, definitionBytes, isCompressed } = lengths
  const levelBytes = repetitionBytes + definitionBytes
  if (levelBytes > body.length || levelBytes > header.encodedBytes) {
    throw new DamagedParquet('levels reach beyond their page')
  }
  const readAt = (max: number, start: number, length: number, read: typeof readDefinitions) =>
    max === 0 ? null : read(body, start, start + length, max, header.valueCount)
  const storedValues = body.subarray(levelBytes)
  const plainBytes = header.encodedBytes - levelBytes
  return {
    repetitions: readAt(node.maxRepetition, 0, repetitionBytes, readLevels),
    definitions: readAt(node.maxDefinition, repetitionBytes, definitionBytes, readDefinitions),
    bytes: decompress(
      isCompressed && storedValues.length > 0 ? compression : { ...compression, codec: 'uncompressed' },
      storedValues,
      plainBytes,
    ),
    valuesStart: 0,
  }
}

function readLevels(bytes: Uint8Array, start: number, end: number, max: number, count: number): Uint8Array {
  const levels = new Uint8Array(count)
  readHybrid(bytes, start, end, bitsNeeded(max), levels)
  let highest = 0
  for (let i = 0; i < count; i++) if ((levels[i] ?? 0) > highest) highest = levels[i] ?? 0
  if (highest > max) throw new DamagedParquet(`a page has the level ${highest}, but the schema allows at most ${max}`)
  return levels
}

/** Definition levels; null if all of them are `max`, as in most pages of an optional column. */
function readDefinitions(bytes: Uint8Array, start: number, end: number, max: number, count: number): Uint8Array | null {
  return isOneRun(bytes, start, end, bitsNeeded(max), max, count) ? null : readLevels(bytes, start, end, max, count)
}

export function countLevel(levels: Uint8Array, requested: number): number {
  let count = 0
  for (let i = 0; i < levels.length; i++) if (levels[i] === requested) count++
  return count
}

function verifyChecksum(header: PageHeader, body: Uint8Array, { crc32: ownCrc32 = crc32 }: PageCodecs): void {
  if (header.checksum !== null && ownCrc32(body) !== header.checksum >>> 0) {
    throw new DamagedParquet("a page's bytes do not match its checksum")
  }
}

function requireLeaf(node: SchemaNode): NonNullable<SchemaNode['leaf']> {
  if (!node.leaf) throw new DamagedParquet(`${node.path.join('.')} holds no values`)
  return node.leaf
}
