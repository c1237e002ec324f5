import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ColumnChunk } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { type DecodedPage, decodePages } from '../transcode/decode-pages'

/** All pages of a column chunk that have values. Their values have the dictionary. */
export async function readDataPages(
  source: ByteSource,
  node: SchemaNode,
  chunk: ColumnChunk,
  codecs: PageCodecs,
): Promise<DecodedPage[]> {
  const pages: DecodedPage[] = []
  for await (const page of decodePages({ source, node, chunk, compression: { codec: chunk.codec, codecs } }))
    if (page.kind === 'data') pages.push(page)
  return pages
}
