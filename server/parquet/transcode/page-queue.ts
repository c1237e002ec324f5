import 'server-only'
import zlib from 'node:zlib'
import type { ThriftFields } from '@/lib/parquet/write/thrift-writer'
import { i32, writeThriftStruct } from '@/lib/parquet/write/thrift-writer'
import { PAGE_KINDS, type PageKind } from '@/lib/parquet/write/file-metadata'
import type { ColumnLayout } from './column-layout'
import type { PageCompressors } from './page-compressors'

/** Takes the bytes of a file from its start to its end. */
export type ByteSink = { write(bytes: Uint8Array): Promise<void> }

/** A page before compression. */
export type PlainPage = {
  kind: Exclude<PageKind, 'index'>
  /** Levels of version 2, which are never compressed; otherwise empty. */
  levels: Uint8Array
  /** Everything else. */
  body: Uint8Array
  /** The header of its kind, by its field number. */
  header: ThriftFields
}

export type StoredRange = {
  offset: number
  /** With the header. */
  storedBytes: number
  encodedBytes: number
}

type Entry = {
  /** While it waits. */
  queuedBytes: number
  stored: Promise<Uint8Array>
  write: (stored: Uint8Array) => Promise<void>
}

const MAX_QUEUED_BYTES = 16 * 1024 * 1024
const MAX_QUEUED_ENTRIES = 64

/** Compresses several pages at a time and writes them, and the bytes between them, in order. */
export class PageQueue {
  readonly #sink: ByteSink
  readonly #compressors: PageCompressors
  readonly #entries: Entry[] = []
  /** Pages before compression, and other bytes, that wait. */
  queuedBytes = 0
  /** Where the next bytes will be in the file. */
  offset = 0
  /** How many pages and other parts were added, and how many of them were written. */
  addedCount = 0
  writtenCount = 0

  constructor(sink: ByteSink, compressors: PageCompressors) {
    this.#sink = sink
    this.#compressors = compressors
  }

  /** Waits until the queue has room. */
  add(page: PlainPage, { codec, level }: ColumnLayout, onWritten: (range: StoredRange) => void): Promise<void> {
    const isStored = codec === 'uncompressed' || page.body.length === 0
    return this.#add({
      queuedBytes: page.body.length + page.levels.length,
      stored: Promise.resolve(isStored ? page.body : this.#compressors[codec](page.body, level)),
      write: async (stored) => onWritten(await this.#writePage(page, stored)),
    })
  }

  /** Adds a page as it is stored, with its header. Waits until the queue has room. */
  addStored(bytes: Uint8Array, encodedBytes: number, onWritten: (range: StoredRange) => void): Promise<void> {
    return this.addBytes(bytes, (offset) => onWritten({ offset, storedBytes: bytes.length, encodedBytes }))
  }

  /** Adds bytes that are not a page, after the pages that were added before. Waits until the queue has room. */
  addBytes(bytes: Uint8Array, onWritten: (offset: number) => void): Promise<void> {
    return this.#add({
      queuedBytes: bytes.length,
      stored: Promise.resolve(bytes),
      write: async (stored) => {
        onWritten(this.offset)
        await this.#write(stored)
      },
    })
  }

  async #add(entry: Entry): Promise<void> {
    // An entry whose turn has not come fails at its turn.
    entry.stored.catch(() => {})
    this.#entries.push(entry)
    this.addedCount++
    this.queuedBytes += entry.queuedBytes
    while (this.queuedBytes > MAX_QUEUED_BYTES || this.#entries.length > MAX_QUEUED_ENTRIES) await this.#writeNext()
  }

  /** Waits until everything is written. */
  async drain(): Promise<void> {
    while (this.#entries.length > 0) await this.#writeNext()
  }

  /** Writes bytes that are not a page, after all pages. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.drain()
    await this.#write(bytes)
  }

  async #writeNext(): Promise<void> {
    const entry = this.#entries.shift()
    if (!entry) return
    const stored = await entry.stored
    this.queuedBytes -= entry.queuedBytes
    this.writtenCount++
    await entry.write(stored)
  }

  async #writePage(page: PlainPage, stored: Uint8Array): Promise<StoredRange> {
    const header = encodePageHeader(page, stored)
    const offset = this.offset
    await this.#write(header)
    await this.#write(page.levels)
    await this.#write(stored)
    return {
      offset,
      storedBytes: this.offset - offset,
      encodedBytes: header.length + page.levels.length + page.body.length,
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    await this.#sink.write(bytes)
    this.offset += bytes.length
  }
}

/** @param stored the body after compression */
export function encodePageHeader(page: PlainPage, stored: Uint8Array): Uint8Array {
  return writeThriftStruct({
    1: i32(PAGE_KINDS.indexOf(page.kind)),
    2: i32(page.levels.length + page.body.length),
    3: i32(page.levels.length + stored.length),
    // A signed integer of the same bits.
    4: i32(zlib.crc32(stored, page.levels.length === 0 ? 0 : zlib.crc32(page.levels)) | 0),
    ...page.header,
  })
}
