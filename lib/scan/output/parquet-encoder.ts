import type { NestedField } from '@/lib/iceberg/schema/types'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import {
  i32,
  i64,
  type ThriftValue,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import { toColumnChunk } from './parquet-leaf-writer'
import { leavesOf, schemaElements, toNode, writeValue } from './parquet-node'
import { inColumn, type RowEncoder } from './row-encoder'

/** A row group is written when it has this much. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024
const MAX_GROUP_ROWS = 131_072

type ParquetEncoderOptions = { hasFieldIds?: boolean; maxGroupBytes?: number; maxGroupRows?: number }

const MAGIC = new TextEncoder().encode('PAR1')

/**
 * Rows as a Parquet file, plain and uncompressed, with one page per column of a row group. Types are those that Iceberg
 * writes, with field ids unless they are left out; variants are JSON text and geometries well-known text. Every column may be null.
 *
 * Spec: apache/parquet-format, `parquet.thrift`; Iceberg table spec, appendix A, *Parquet*.
 */
export function createParquetEncoder(
  fields: readonly NestedField[],
  { hasFieldIds = true, maxGroupBytes = MAX_GROUP_BYTES, maxGroupRows = MAX_GROUP_ROWS }: ParquetEncoderOptions = {},
): RowEncoder {
  const columns = fields.map((field) => ({ field, node: toNode(field, { def: 0, rep: 0, path: [], hasFieldIds }) }))
  const leaves = columns.flatMap(({ node }) => leavesOf(node))
  const groups: ThriftValue[] = []
  let writtenBytes = MAGIC.length
  let totalRows = 0
  let groupRows = 0

  const flush = (): Uint8Array => {
    const group = new ByteWriter()
    const chunks = leaves.map((leaf) => {
      const start = writtenBytes + group.length
      const valueCount = leaf.levelCount
      group.bytes(leaf.takePage())
      return toColumnChunk(leaf, { start, lengthBytes: writtenBytes + group.length - start, valueCount })
    })
    groups.push(thriftStruct({ 1: thriftList('struct', chunks), 2: i64(group.length), 3: i64(groupRows) }))
    writtenBytes += group.length
    groupRows = 0
    return group.written().slice()
  }

  return {
    start: () => MAGIC.slice(),
    encode: (values, rowCount) => {
      for (const { field, node } of columns) {
        const column = values.get(field.id) ?? []
        inColumn(field, () => {
          for (let row = 0; row < rowCount; row++) writeValue(node, column[row] ?? null, node.parent)
        })
      }
      totalRows += rowCount
      groupRows += rowCount
      const groupBytes = leaves.reduce((sum, leaf) => sum + leaf.memoryBytes, 0)
      return groupRows >= maxGroupRows || groupBytes >= maxGroupBytes ? flush() : new Uint8Array(0)
    },
    end: () => {
      const lastGroup = groupRows > 0 ? flush() : new Uint8Array(0)
      const nodes = columns.map(({ node }) => node)
      const metadata = writeThriftStruct({
        1: i32(2),
        2: thriftList('struct', [
          thriftStruct({ 4: thriftText('table'), 5: i32(nodes.length) }),
          ...nodes.flatMap(schemaElements),
        ]),
        3: i64(totalRows),
        4: thriftList('struct', groups),
        6: thriftText('Lakeshore'),
      })
      const footer = new ByteWriter()
      footer.bytes(lastGroup)
      footer.bytes(metadata)
      footer.int32(metadata.length)
      footer.bytes(MAGIC)
      return footer.written().slice()
    },
  }
}
