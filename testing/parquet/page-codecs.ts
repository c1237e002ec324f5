/** Decompression of Parquet's pages for tests of `lib`, which knows no server. */
export { pageCodecs } from '@/server/ingest/input/page-codecs'
