import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { maxDecompressedBytes } from './max-decompressed-bytes'

const BLOCK_BYTES = 128 * 1024

describe('The size that a compressed page can reach', () => {
  it.each([0, 1, 1000, BLOCK_BYTES, BLOCK_BYTES + 1, 1_000_000])('is never below the real one: %i bytes', (length) => {
    const zeros = new Uint8Array(length)
    const mixed = Uint8Array.from({ length }, (_, i) => (i * 7919) % 251)
    for (const plain of [zeros, mixed]) {
      expect(maxDecompressedBytes('gzip', gzipSync(plain))).toBeGreaterThanOrEqual(length)
      expect(maxDecompressedBytes('zstd', zstdCompressSync(plain))).toBeGreaterThanOrEqual(length)
    }
  })

  it('follows every frame of zstd, and skips those without content', () => {
    const frame = zstdCompressSync(new Uint8Array(3 * BLOCK_BYTES))
    const one = maxDecompressedBytes('zstd', frame)
    // RFC 8878, 3.1.2: a magic number, a length, and bytes for others.
    const skippable = Uint8Array.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    expect(maxDecompressedBytes('zstd', Buffer.concat([skippable, frame, frame]))).toBe(2 * one)
  })

  it('counts a repeated byte of zstd as often as its block says', () => {
    // Magic, a descriptor with a window byte, then a last block (bit 0) of kind 1 with 1,000 bytes.
    const header = (1000 << 3) | (1 << 1) | 1
    const stored = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, header & 255, (header >> 8) & 255, header >> 16, 7])
    expect(maxDecompressedBytes('zstd', stored)).toBe(1000)
  })

  it('ends with what is not a frame, and with bytes that end early', () => {
    expect(maxDecompressedBytes('zstd', Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe(0)
    const frame = zstdCompressSync(new Uint8Array(10))
    for (let length = 0; length < frame.length; length++)
      expect(maxDecompressedBytes('zstd', frame.subarray(0, length))).toBeLessThanOrEqual(BLOCK_BYTES)
  })

  it('is 255 bytes for each byte of LZ4, unlimited for brotli, and no matter where the decoder is bounded', () => {
    expect(maxDecompressedBytes('lz4', new Uint8Array(10))).toBe(2550)
    expect(maxDecompressedBytes('brotli', new Uint8Array(10))).toBe(Number.POSITIVE_INFINITY)
    for (const codec of ['uncompressed', 'snappy', 'lz4_raw', 'lzo'] as const)
      expect(maxDecompressedBytes(codec, new Uint8Array(10))).toBe(0)
  })
})
